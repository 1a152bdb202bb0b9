// How samples become forward passes: cut where a pass would be too long, then packed one behind the other.
//
// Shape suffixes: N tokens of the batch, M answer positions, d width.

import Generation
import LanguageModels
import Torch

extension Array {
    /// Consecutive parts whose sizes add up to a maximum at most; an element that is larger is a part of its own.
    /// - Parameters:
    ///   - size: of one element, in tokens.
    ///   - isApart: whether an element may not be in one part with the one before it.
    func parts(
        maximum: Int, size: (Element) -> Int, isApart: (_ last: Element, _ next: Element) -> Bool = { _, _ in false }
    ) -> [[Element]] {
        var parts: [[Element]] = []
        var total = 0
        for element in self {
            if let last = parts.last?.last, !isApart(last, element), total + size(element) <= maximum {
                parts[parts.count - 1].append(element)
                total += size(element)
            } else {
                parts.append([element])
                total = size(element)
            }
        }
        return parts
    }
}

extension [TrainingSample] {
    /// The samples cut where a part would exceed the tokens of one pass, and before instructions: their loss may be another,
    /// and is told apart.
    func parts(maximumTokens: Int) -> [[TrainingSample]] {
        parts(maximum: maximumTokens, size: \.inputCount) { $0.isInstruction != $1.isInstruction }
    }
}

/// Samples packed for one forward pass.
struct TrainingBatch {
    let ids_N: Tensor
    let layout: PackedSequences
    /// Places of the packed tokens that predict an answer token.
    let answerPlaces_M: Tensor
    let target: LossTarget
    /// Weight of each answer position: the mean over a sample's tokens, then over the batch's samples.
    let weights_M: [Double]

    /// Tokens are filled up to a multiple of this, so that the same shapes come again: libtorch prepares its kernels for each
    /// shape anew, which costs more than these tokens do.
    private static let tokenStep = 8

    /// - Parameters:
    ///   - samples: what to pack. What all prompts begin with (the system message, the template) is read once.
    ///   - batchSize: samples in the whole optimizer step, of which these may be a part.
    ///   - decoder: the student's base.
    init(_ samples: [TrainingSample], batchSize: Int, decoder: Decoder) throws(TorchError) {
        let prefix = sharedLength(samples.map(\.prompt))
        var ids = Array(samples[0].prompt.prefix(prefix))
        var places: [Int] = []
        var weights: [Double] = []
        for sample in samples {
            let first = ids.count + sample.prompt.count - prefix - 1
            places += first..<(first + sample.answer.count)
            ids += sample.prompt.dropFirst(prefix) + sample.answer.dropLast()
            let weight = 1 / (Double(sample.answer.count) * Double(batchSize))
            weights += Array(repeating: weight, count: sample.answer.count)
        }
        let padding = (TrainingBatch.tokenStep - ids.count % TrainingBatch.tokenStep) % TrainingBatch.tokenStep
        ids_N = try Tensor(ids + Array(repeating: 0, count: padding), device: decoder.device)
        layout = try PackedSequences(
            lengths: samples.map { $0.inputCount - prefix }, prefix: prefix, padding: padding, for: decoder)
        answerPlaces_M = try Tensor(places, device: decoder.device)
        target = try TrainingBatch.target(samples, decoder)
        weights_M = weights
    }

    /// Samples of one part all have a teacher, or none has.
    private static func target(_ samples: [TrainingSample], _ decoder: Decoder) throws(TorchError) -> LossTarget {
        let teacher_Td = samples.compactMap(\.teacher_Td)
        guard teacher_Td.count == samples.count else {
            return .tokens(try Tensor(samples.flatMap(\.answer), device: decoder.device))
        }
        return .teacher(try Tensor.concatenate(teacher_Td, dim: 0).to(decoder.dtype, device: decoder.device))
    }
}
