// What neural networks are made of. Differentiable.

import CTorch

extension Tensor {
    /// x Wᵀ + b for x [..., in], W [out, in], b [out].
    public func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
        let operands = [self, weight] + (bias.map { [$0] } ?? [])
        return try Tensor.make("linear", operands) { out in
            withHandle { x in
                weight.withHandle { w in
                    guard let bias else { return ctorch_linear(x, w, nil, out) }
                    return bias.withHandle { ctorch_linear(x, w, $0, out) }
                }
            }
        }
    }

    /// x Wᵀ + b + scale · (x Aᵀ) Bᵀ for x [N, in], W [out, in], A [R, in], B [out, R] (Hu et al., 2021). Gradients reach x,
    /// A and B; W is frozen.
    public func linear(
        _ weight: Tensor, bias: Tensor? = nil, lowRank a: Tensor, _ b: Tensor, scale: Double
    ) throws(TorchError) -> Tensor {
        let operands = [self, weight, a, b] + (bias.map { [$0] } ?? [])
        return try Tensor.make("adapted_linear", operands) { out in
            Tensor.withHandles(operands) { handles, count in
                ctorch_adapted_linear(
                    handles[0], handles[1], count > 4 ? handles[4] : nil, handles[2], handles[3], scale, out)
            }
        }
    }

    /// Rows of this table [V, d] at `ids` (int64, any shape).
    public func embedding(_ ids: Tensor) throws(TorchError) -> Tensor {
        try combine("embedding", ids, ctorch_embedding)
    }

    /// x / sqrt(mean(x²) + ε) · weight over the last dimension (Zhang & Sennrich, 2019), computed in float32.
    public func rmsNorm(_ weight: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
        try combine("rms_norm", weight) { ctorch_rms_norm($0, $1, epsilon, $2) }
    }

    /// x · sigmoid(x).
    public func silu() throws(TorchError) -> Tensor { try map("silu", ctorch_silu) }
    /// exp(x) / Σ exp(x) along a dimension.
    public func softmax(_ dim: Int = -1) throws(TorchError) -> Tensor {
        try map("softmax") { ctorch_softmax($0, Int64(dim), $1) }
    }
    /// log softmax along a dimension.
    public func logSoftmax(_ dim: Int = -1) throws(TorchError) -> Tensor {
        try map("log_softmax") { ctorch_log_softmax($0, Int64(dim), $1) }
    }

    /// softmax(q kᵀ · scale + mask) v for q [B, H, L, D] and k, v [B, K, S, D], H a multiple of K.
    /// - Parameters:
    ///   - q: queries.
    ///   - k: keys.
    ///   - v: values.
    ///   - mask: bool (true = attend) or added to the scores, broadcast to [B, H, L, S].
    ///   - causal: whether query i sees the keys up to the i-th alone.
    ///   - scale: factor of the scores.
    public static func attention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, causal: Bool = false, scale: Double
    ) throws(TorchError) -> Tensor {
        let operands = [q, k, v] + (mask.map { [$0] } ?? [])
        return try make("scaled_dot_product_attention", operands) { out in
            withHandles(operands) { handles, count in
                ctorch_attention(handles[0], handles[1], handles[2], count > 3 ? handles[3] : nil, causal, scale, out)
            }
        }
    }
}

/// Forward KL divergence from a teacher's to a student's distribution (paper, section 2.2). There is no T² factor.
public struct WeightedDivergence {
    /// Σ weight · Σ p (log p − log q), p and q the softmax of logits / T.
    public let value: Double
    /// d value / d student logits [C, V], in their type.
    public let gradient: Tensor

    /// The divergence over logits [C, V], computed in float32, or in float64 for float64 logits.
    /// - Parameters:
    ///   - teacher: the teacher's logits.
    ///   - student: the student's.
    ///   - weights: of each row, [C].
    ///   - temperature: T.
    public init(teacher: Tensor, student: Tensor, weights: Tensor, temperature: Double) throws(TorchError) {
        var loss = 0.0
        gradient = try Tensor.make("weighted_divergence", [teacher, student, weights]) { out in
            Tensor.withHandles([teacher, student, weights]) { handles, _ in
                ctorch_weighted_divergence(handles[0], handles[1], handles[2], temperature, &loss, out)
            }
        }
        value = loss
    }
}

/// Attention over some of a query's keys, and what is needed to merge it with attention over others.
public struct PartialAttention {
    /// [B, H, L, D].
    public var values: Tensor
    /// log Σ exp(score) over the keys seen, float32 [B, H, L].
    public var logSum: Tensor

    /// Attention of q [B, H, L, D] over k, v [B, H, S, D]. Not differentiable.
    /// - Parameters:
    ///   - q: queries.
    ///   - k: keys.
    ///   - v: values.
    ///   - mask: added to the scores, broadcast to [B, H, L, S]; finite, so that a query that sees nothing here gets a
    ///     `logSum` far below any other's.
    ///   - scale: factor of the scores.
    public init(_ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, scale: Double) throws(TorchError) {
        let operands = [q, k, v] + (mask.map { [$0] } ?? [])
        (values, logSum) = try Tensor.makePair("attention_part", operands) { values, logSum in
            Tensor.withHandles(operands) { handles, count in
                ctorch_attention_part(
                    handles[0], handles[1], handles[2], count > 3 ? handles[3] : nil, scale, values, logSum)
            }
        }
    }

    private init(values: Tensor, logSum: Tensor) {
        self.values = values
        self.logSum = logSum
    }

    /// Shapes as `change` makes them of both, whose leading dimensions are alike.
    public func mapped(
        _ change: (Tensor) throws(TorchError) -> Tensor
    ) throws(TorchError) -> PartialAttention {
        PartialAttention(values: try change(values), logSum: try change(logSum))
    }

    /// Attention over both sets of keys (Milakov & Gimelshein, 2018).
    public func merged(with other: PartialAttention) throws(TorchError) -> Tensor {
        let operands = [values, logSum, other.values, other.logSum]
        return try Tensor.make("merge_attention", operands) { out in
            Tensor.withHandles(operands) { handles, _ in
                ctorch_merge_attention(handles[0], handles[1], handles[2], handles[3], out)
            }
        }
    }
}
