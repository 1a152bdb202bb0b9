// How likely a model finds given tokens: their log-probabilities from hidden states. In float32 whatever the model's type is,
// since bfloat16 has three digits and likelihoods are compared. Knows states and token ids, not what is compared.
//
// Shape suffixes: M states, d width, V vocabulary, C tokens of a stretch of it, U tokens that are asked for.

import Foundation
import LanguageModels
import Torch

extension Decoder {
    /// Tokens of the vocabulary whose logits exist at the same time.
    private static let stretch = 1 << 14

    /// The log-probability of each of `tokens` as the next one, at each state: a row of `tokens.count` values a state.
    /// - Parameters:
    ///   - hidden_Md: states after the final norm, as `statesBefore` gives them.
    ///   - tokens: token ids.
    ///   - adapter: added to the head, if it has a pair there.
    public func logProbs(
        _ hidden_Md: Tensor, of tokens: [Int], adapter: LoRAAdapter? = nil
    ) throws(TorchError) -> [[Double]] {
        try noGrad { () throws(TorchError) in
            let states_Md = try hidden_Md.to(.float32)
            let ids_U = try Tensor(tokens, device: device)
            let wanted_MU = try logits(states_Md, adapter) { head throws(TorchError) in try head.indexSelect(0, ids_U) }
            let values: [Float] = try wanted_MU.values()
            let normalisers = try logSums(states_Md, adapter)
            return normalisers.enumerated().map { row, logSum in
                tokens.indices.map { Double(values[row * tokens.count + $0]) - logSum }
            }
        }
    }

    /// log Σ exp of all logits at each state.
    private func logSums(_ states_Md: Tensor, _ adapter: LoRAAdapter?) throws(TorchError) -> [Double] {
        var parts: [[Double]] = []
        let size = head_Vd.shape[0]
        for start in stride(from: 0, to: size, by: Decoder.stretch) {
            let count = min(Decoder.stretch, size - start)
            let logits_MC = try logits(states_Md, adapter) { head throws(TorchError) in
                try head.narrow(0, start: start, length: count)
            }
            let largest_M1 = try logits_MC.maximum(1, keepDim: true)
            let sums: [Float] = try (logits_MC - largest_M1).exp().sum(1).values()
            let largest: [Float] = try largest_M1.values()
            parts.append(zip(sums, largest).map { Foundation.log(Double($0)) + Double($1) })
        }
        return (0..<states_Md.shape[0]).map { row in
            let sums = parts.map { $0[row] }
            let largest = sums.max() ?? 0
            return largest + Foundation.log(sums.reduce(0) { $0 + Foundation.exp($1 - largest) })
        }
    }

    /// Logits of the tokens whose rows of the head, and of its pair's B, are chosen.
    private func logits(
        _ states_Md: Tensor, _ adapter: LoRAAdapter?, rows: (Tensor) throws(TorchError) -> Tensor
    ) throws(TorchError) -> Tensor {
        var factors: (a: Tensor, b: Tensor)?
        if let pair = adapter?.head { factors = (try pair.a_RI.to(.float32), try rows(pair.b_OR).to(.float32)) }
        let map = LinearMap(weight: try rows(head_Vd).to(.float32), factors: factors)
        return try states_Md.linear([map], scale: adapter?.head?.scale ?? 1)[0]
    }
}
