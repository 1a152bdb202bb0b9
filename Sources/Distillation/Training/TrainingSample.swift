// One question with its answer, as the student sees it, and how samples become a packed batch.
//
// Shape suffixes: N tokens of the batch, M answer positions, d width.

import Generation
import LanguageModels
import Torch

/// What the student learns from: the bare question, the answer's tokens, and the teacher's states, if there is a teacher.
public struct TrainingSample {
    /// What names the sample: an answer's key where it is one.
    public let name: String
    /// The student's prompt: no document.
    public let prompt: [Int]
    /// The answer's tokens, with the end of the turn if the teacher ended it.
    public let answer: [Int]
    /// The teacher's state before each answer token, [answer.count, d]; nil where the tokens themselves are to be learned, as
    /// in fine-tuning.
    public let teacher_Td: Tensor?
    /// Whether it is there for regularisation: its teacher has no document either.
    public let isInstruction: Bool

    /// A sample.
    public init(name: String, prompt: [Int], answer: [Int], teacher_Td: Tensor?, isInstruction: Bool = false) {
        self.isInstruction = isInstruction
        self.name = name
        self.prompt = prompt
        self.answer = answer
        self.teacher_Td = teacher_Td
    }

    /// Tokens that the student reads: the last answer token predicts nothing.
    var inputCount: Int { prompt.count + answer.count - 1 }

    /// Throws if there is nothing to read or to learn, or if the teacher's states are not those of the answer's tokens.
    func check() throws(TrainingError) {
        let rows = teacher_Td?.shape[0] ?? answer.count
        guard !answer.isEmpty, !prompt.isEmpty, rows == answer.count else {
            throw .brokenSample(row: name, answerTokens: answer.count, targetRows: rows)
        }
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
