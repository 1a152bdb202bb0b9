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

    /// Updates parameters and moments in place, unrecorded. All lists are as long as `parameters`, shapes pairwise equal. On
    /// an error nothing has changed.
    /// - Parameters:
    ///   - parameters: float32, or float64.
    ///   - gradients: of any floating type, multiplied by `gradientFactor` first.
    ///   - firstMoments: exponential averages of the gradients, in the parameters' type.
    ///   - secondMoments: of their squares.
    ///   - copies: set to the new parameters, in their own types.
    ///   - step: which step this is, from 1.
    ///   - gradientFactor: what clipping makes of the gradients.
    public func apply(
        to parameters: [Tensor], gradients: [Tensor], firstMoments: [Tensor], secondMoments: [Tensor],
        copies: [Tensor], step: Int, gradientFactor: Double = 1
    ) throws(TorchError) {
        let lists = [gradients, firstMoments, secondMoments, copies]
        guard lists.allSatisfy({ $0.count == parameters.count }) else {
            throw TorchError(
                .shapeMismatch, "adamw", [],
                message: "\(parameters.count) parameters with lists of \(lists.map(\.count)) entries")
        }
        var numbers = CTorchAdamW(
            step: Int64(step), learning_rate: learningRate, beta1: beta1, beta2: beta2, weight_decay: weightDecay,
            epsilon: epsilon, gradient_factor: gradientFactor)
        try Tensor.run("adamw", []) {
            Tensor.withHandles(parameters + lists.flatMap { $0 }) { handles, _ in
                let count = parameters.count
                return ctorch_adamw_step(
                    handles, handles + count, handles + 2 * count, handles + 3 * count, handles + 4 * count, count,
                    &numbers)
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
}
