// The optimizer's state beside the parameters. The arithmetic of a step is libtorch's fused kernel.

import LanguageModels
import Torch

/// AdamW over a fixed list of parameters, all float32.
public struct AdamW {
    /// What is trained, in a fixed order.
    public let parameters: [LoRAParameter]
    /// Exponential averages of the gradients, one a parameter.
    public let firstMoments: [Tensor]
    /// Exponential averages of the squared gradients, one a parameter.
    public let secondMoments: [Tensor]
    private let steps: [Tensor]

    /// A fresh state.
    public init(_ parameters: [LoRAParameter]) throws(TorchError) {
        self.parameters = parameters
        var first: [Tensor] = []
        var second: [Tensor] = []
        var counters: [Tensor] = []
        for tensor in parameters.map(\.tensor) {
            first.append(try Tensor.zeros(tensor.shape, device: tensor.device))
            second.append(try Tensor.zeros(tensor.shape, device: tensor.device))
            counters.append(try Tensor.zeros([1], device: tensor.device))
        }
        firstMoments = first
        secondMoments = second
        steps = counters
    }

    /// Says how many steps the moments have seen; for resuming.
    public func setSteps(_ count: Int) throws(TorchError) {
        for counter in steps { try counter.copyInPlace(Tensor.full([1], Double(count))) }
    }

    /// Clips all gradients together to a norm, updates parameters and moments, and clears the gradients.
    /// - Returns: the norm before clipping.
    public func step(_ numbers: AdamWStep, clipNorm: Double) throws(TorchError) -> Double {
        let gradients = try parameters.map { parameter throws(TorchError) in
            let tensor = parameter.tensor
            return if let grad = tensor.grad { grad } else { try Tensor.zeros(tensor.shape, device: tensor.device) }
        }
        let norm = try Tensor.totalNorm(gradients)
        if norm > clipNorm { try Tensor.scaleAll(gradients, by: clipNorm / (norm + 1e-6)) }
        try noGrad { () throws(TorchError) in
            try numbers.apply(
                to: parameters.map(\.tensor), gradients: gradients, firstMoments: firstMoments,
                secondMoments: secondMoments, steps: steps)
        }
        for parameter in parameters { parameter.tensor.clearGrad() }
        return norm
    }
}
