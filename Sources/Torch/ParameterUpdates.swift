// The arithmetic of an optimizer step over many parameters, each in one call and none recorded for differentiation.

import CTorch

/// The numbers of one AdamW step (Loshchilov & Hutter, 2019).
public struct AdamWStep: Sendable {
    /// Learning rate of this step.
    public var learningRate: Double
    /// Decay of the first moment.
    public var beta1: Double
    /// Decay of the second moment.
    public var beta2: Double
    /// Decoupled weight decay.
    public var weightDecay: Double
    /// Added to the root of the second moment.
    public var epsilon: Double

    /// All five numbers; the defaults are PyTorch's.
    public init(
        learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, weightDecay: Double = 0.01,
        epsilon: Double = 1e-8
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.weightDecay = weightDecay
        self.epsilon = epsilon
    }

    /// Updates parameters and moments in place, unrecorded. All lists are as long as `parameters`, shapes and dtypes
    /// pairwise equal; `steps` are float32 counters of one element, which count up. On an error nothing has changed.
    public func apply(
        to parameters: [Tensor], gradients: [Tensor], firstMoments: [Tensor], secondMoments: [Tensor], steps: [Tensor]
    ) throws(TorchError) {
        let lists = [gradients, firstMoments, secondMoments, steps]
        guard lists.allSatisfy({ $0.count == parameters.count }) else {
            throw TorchError(
                .shapeMismatch, "adamw", [],
                message: "\(parameters.count) parameters with lists of \(lists.map(\.count)) entries")
        }
        try Tensor.run("adamw", []) {
            Tensor.withHandles(parameters) { p, count in
                Tensor.withHandles(gradients) { g, _ in
                    Tensor.withHandles(firstMoments) { m, _ in
                        Tensor.withHandles(secondMoments) { v, _ in
                            Tensor.withHandles(steps) { s, _ in
                                ctorch_adamw_step(
                                    p, g, m, v, s, count, learningRate, beta1, beta2, weightDecay, epsilon)
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Tensor {
    /// Euclidean norm over all elements of all tensors.
    public static func totalNorm(_ tensors: [Tensor]) throws(TorchError) -> Double {
        var norm = 0.0
        try run("total_norm", []) { withHandles(tensors) { ctorch_total_norm($0, $1, &norm) } }
        return norm
    }

    /// All tensors times a number, in place.
    public static func scaleAll(_ tensors: [Tensor], by factor: Double) throws(TorchError) {
        try run("mul_", []) { withHandles(tensors) { ctorch_scale_all($0, $1, factor) } }
    }
}
