// Choosing the next token of every row from its logits, in one go. Knows logits, not models.
//
// Shape suffixes: B rows, V vocabulary, C candidates kept.

import Lineage
import Torch

/// Draws tokens for a batch. Filters apply in the order top-k, top-p, min-p, as in transformers.
public struct Sampler: Sendable {
    public let settings: SamplingSettings

    /// A sampler with these settings.
    public init(_ settings: SamplingSettings) { self.settings = settings }

    /// One token a row.
    /// - Parameters:
    ///   - logits_BV: any floating type.
    ///   - uniforms: one number in (0, 1] a row; not used when greedy.
    public func tokens(_ logits_BV: Tensor, uniforms: [Double]) throws(TorchError) -> [Int] {
        guard settings.temperature > 0 else { return try logits_BV.argmax(-1).values() }
        let (logits_BC, ids_BC) = try candidates(logits_BV)
        let scaled_BC = try logits_BC.to(.float32) * (1 / settings.temperature)
        let weights_BC = try filtered(scaled_BC.softmax(), isSorted: ids_BC != nil)
        let cumulative_BC = try weights_BC.cumulativeSum(1)
        let total_B1 = try cumulative_BC.narrow(1, start: cumulative_BC.shape[1] - 1, length: 1)
        let uniforms_B1 = try Tensor(uniforms.map(Float.init), shape: [uniforms.count, 1], device: logits_BV.device)
        // The first candidate whose cumulative weight reaches the draw.
        let picks_B = try (cumulative_BC .< (uniforms_B1 * total_B1)).sum(1)
        guard let ids_BC else { return try picks_B.values() }
        return try ids_BC.gather(1, picks_B.reshaped([-1, 1])).values()
    }

    /// Candidates sorted by logit where a filter allows it, else all in the vocabulary's order (nil ids).
    private func candidates(_ logits_BV: Tensor) throws(TorchError) -> (logits: Tensor, ids: Tensor?) {
        if let most = mostCandidates {
            let (values, indices) = try logits_BV.topK(min(most, logits_BV.shape[1]))
            return (values, indices)
        }
        guard let topP = settings.topP, topP < 1 else { return (logits_BV, nil) }
        let (values, indices) = try logits_BV.sortedDescending()
        return (values, indices)
    }

    /// How many tokens can pass top-k and min-p: no more than 1 / p tokens can each be p times as likely as the likeliest.
    private var mostCandidates: Int? {
        // Top-p counts the mass of all tokens, also of those that min-p then drops.
        guard settings.topP == nil, let minP = settings.minP, minP > 0 else { return settings.topK }
        return min(settings.topK ?? .max, Int(1 / minP) + 1)
    }

    private func filtered(_ probabilities_BC: Tensor, isSorted: Bool) throws(TorchError) -> Tensor {
        var kept_BC = probabilities_BC
        if let topP = settings.topP, topP < 1, isSorted {
            // A token goes if those before it already reach topP.
            let before_BC = try kept_BC.cumulativeSum(1) - kept_BC
            let bound = try Tensor.full([1], topP, device: kept_BC.device)
            kept_BC = try kept_BC.maskedFill(bound .< before_BC, 0)
        }
        if let minP = settings.minP {
            let bound_B1 = try probabilities_BC.maximum(1, keepDim: true) * minP
            kept_BC = try kept_BC.maskedFill(kept_BC .< bound_B1, 0)
        }
        return kept_BC
    }
}
