// What neural networks are made of. Differentiable.

import CTorch

/// What bends the gate of a gated feed-forward layer.
public enum Activation: Sendable, Hashable {
    /// x · sigmoid(x).
    case silu
    /// GELU's approximation by tanh (Hendrycks & Gimpel, 2016).
    case geluTanh
}

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

    /// Rows of this table [V, d] at `ids` (int64, any shape).
    public func embedding(_ ids: Tensor) throws(TorchError) -> Tensor {
        try combine("embedding", ids, ctorch_embedding)
    }

    /// x / sqrt(mean(x²) + ε) · weight over the last dimension (Zhang & Sennrich, 2019), computed in float32.
    public func rmsNorm(_ weight: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
        try combine("rms_norm", weight) { ctorch_rms_norm($0, $1, epsilon, $2) }
    }

    /// (x − mean) / sqrt(variance + ε) · weight + bias over the last dimension (Ba et al., 2016).
    public func layerNorm(_ weight: Tensor, bias: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
        try Tensor.make("layer_norm", [self, weight, bias]) { out in
            Tensor.withHandles([self, weight, bias]) { handles, _ in
                ctorch_layer_norm(handles[0], handles[1], handles[2], epsilon, out)
            }
        }
    }

    /// x · Φ(x), Φ the normal distribution's (Hendrycks & Gimpel, 2016), not its approximation by tanh.
    public func gelu() throws(TorchError) -> Tensor { try map("gelu", ctorch_gelu) }
    /// x · sigmoid(x).
    public func silu() throws(TorchError) -> Tensor { try map("silu", ctorch_silu) }
    /// activation(x) · up, the gate of a SwiGLU or GeGLU layer (Shazeer, 2020), rounded once.
    public func gated(_ up: Tensor, by activation: Activation = .silu) throws(TorchError) -> Tensor {
        try combine("gated_activation", up) { ctorch_gated_activation($0, $1, activation == .geluTanh, $2) }
    }

    /// exp(x) / Σ exp(x) along a dimension.
    public func softmax(_ dim: Int = -1) throws(TorchError) -> Tensor {
        try map("softmax") { ctorch_softmax($0, Int64(dim), $1) }
    }
    /// log softmax along a dimension.
    public func logSoftmax(_ dim: Int = -1) throws(TorchError) -> Tensor {
        try map("log_softmax") { ctorch_log_softmax($0, Int64(dim), $1) }
    }
}
