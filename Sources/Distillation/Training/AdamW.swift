// The optimizer's state beside the parameters, which are float32 whatever the model computes in. Forward and backward pass use
// copies of them in the model's type, which a step renews: so no pass converts a factor.

import LanguageModels
import Torch

/// AdamW over an adapter's factors, in mixed precision.
public struct AdamW {
    /// What is trained, float32, in a fixed order.
    public let parameters: [LoRAParameter]
    /// Exponential averages of the gradients, one a parameter.
    public let firstMoments: [Tensor]
    /// Exponential averages of the squared gradients, one a parameter.
    public let secondMoments: [Tensor]
    /// The adapter that the model computes with; its gradients are what a step uses.
    public let working: LoRAAdapter

    /// A fresh state.
    /// - Parameters:
    ///   - adapter: what is trained.
    ///   - dtype: what the model computes in.
    public init(_ adapter: LoRAAdapter, dtype: DType) throws(TorchError) {
        parameters = adapter.parameters
        working = try adapter.copy(dtype)
        var first: [Tensor] = []
        var second: [Tensor] = []
        for tensor in parameters.map(\.tensor) {
            first.append(try Tensor.zeros(tensor.shape, device: tensor.device))
            second.append(try Tensor.zeros(tensor.shape, device: tensor.device))
        }
        firstMoments = first
        secondMoments = second
        for copy in working.parameters { try copy.tensor.setRequiresGrad(true) }
    }

    /// Makes the working copies equal to the parameters again, after these were restored from a file.
    func renewCopies() throws(TorchError) {
        try noGrad { () throws(TorchError) in
            for (copy, parameter) in zip(working.parameters, parameters) {
                try copy.tensor.copyInPlace(parameter.tensor)
            }
        }
    }

    /// Clips all gradients together to a norm, updates parameters, moments and copies, and clears the gradients.
    /// - Parameters:
    ///   - numbers: rates and decays.
    ///   - step: which step this is, from 1.
    ///   - clipNorm: the most that the gradients' norm may be.
    /// - Returns: the norm before clipping.
    public func step(_ numbers: AdamWStep, step: Int, clipNorm: Double) throws(TorchError) -> Double {
        let copies = working.parameters.map(\.tensor)
        let gradients = try copies.map { copy throws(TorchError) in
            if let grad = copy.grad {
                grad
            } else {
                try Tensor.zeros(copy.shape, dtype: copy.dtype, device: copy.device)
            }
        }
        let norm = try Tensor.totalNorm(gradients)
        try numbers.apply(
            to: parameters.map(\.tensor), gradients: gradients, firstMoments: firstMoments,
            secondMoments: secondMoments, copies: copies, step: step,
            gradientFactor: norm > clipNorm ? clipNorm / (norm + 1e-6) : 1)
        for copy in copies { copy.clearGrad() }
        return norm
    }
}
