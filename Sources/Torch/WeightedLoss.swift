// Losses over logits with their gradients by these, formed together. Knows logits, not what they are of.
//
// Shape suffixes: C positions, V vocabulary.

import CTorch

/// How far a student's distribution q is from a teacher's p.
public enum Divergence: Sendable, Hashable {
    /// Σ p (log p − log q): the paper's (section 2.2).
    case forward
    /// Σ q (log q − log p).
    case reverse
    /// β Σ p (log p − log m) + (1 − β) Σ q (log q − log m) with m = β p + (1 − β) q and 0 < β < 1 (Agarwal et al., 2024).
    case jensenShannon(beta: Double)

    /// As the shim counts them: the Jensen–Shannon divergence lies between the two others.
    fileprivate var beta: Double {
        switch self {
        case .forward: 0
        case .reverse: 1
        case .jensenShannon(let beta): beta
        }
    }
}

/// A loss and what it asks of the logits.
public struct WeightedLoss {
    /// Σ weight · loss of each position.
    public let value: Double
    /// d value / d logits [C, V], in their type.
    public let gradient: Tensor

    /// The divergence of the student from the teacher at logits [C, V], computed in float32, or in float64 for float64
    /// logits. There is no T² factor.
    /// - Parameters:
    ///   - divergence: which.
    ///   - teacher: the teacher's logits.
    ///   - student: the student's.
    ///   - weights: of each position, [C].
    ///   - temperature: T, which divides all logits.
    public init(
        _ divergence: Divergence, teacher: Tensor, student: Tensor, weights: Tensor, temperature: Double
    ) throws(TorchError) {
        var loss = 0.0
        gradient = try Tensor.make("weighted_divergence", [teacher, student, weights]) { out in
            Tensor.withHandles([teacher, student, weights]) { handles, _ in
                ctorch_weighted_divergence(
                    handles[0], handles[1], handles[2], temperature, divergence.beta, &loss, out)
            }
        }
        value = loss
    }

    /// The cross-entropy of logits [C, V] with the tokens [C], int64, that should have been drawn: −log softmax(logits)[token].
    public init(crossEntropy logits: Tensor, tokens: Tensor, weights: Tensor) throws(TorchError) {
        var loss = 0.0
        gradient = try Tensor.make("weighted_cross_entropy", [logits, tokens, weights]) { out in
            Tensor.withHandles([logits, tokens, weights]) { handles, _ in
                ctorch_weighted_cross_entropy(handles[0], handles[1], handles[2], &loss, out)
            }
        }
        value = loss
    }
}
