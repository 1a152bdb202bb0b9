// The optimizer beside what it trains, which is float32 whatever the model computes in. Forward and backward pass use copies
// in the model's type, which a step renews: so no pass converts a factor. With the number of steps done this is all the state
// that a training has.

import LanguageModels
import Torch

/// AdamW over an adapter's factors, in mixed precision.
public final class AdamW {
    /// What is trained: every step changes its numbers in place.
    public let adapter: LoRAAdapter
    /// The adapter's factors, in a fixed order.
    let parameters: [LoRAParameter]
    /// Exponential averages of the gradients, one a parameter.
    let firstMoments: [Tensor]
    /// Exponential averages of the squared gradients, one a parameter.
    let secondMoments: [Tensor]
    /// The adapter that the model computes with; it collects the gradients.
    public let working: LoRAAdapter
    private let copies: [Tensor]
    /// Steps that the adapter has seen.
    public internal(set) var stepsDone = 0

    /// The state before the first step.
    /// - Parameters:
    ///   - adapter: what training starts from, fresh or trained before; it is copied.
    ///   - dtype: what the model computes in.
    public init(_ adapter: LoRAAdapter, dtype: DType) throws(TorchError) {
        self.adapter = try adapter.copy(.float32)
        parameters = self.adapter.parameters
        working = try adapter.copy(dtype)
        copies = working.parameters.map(\.tensor)
        firstMoments = try parameters.map { parameter throws(TorchError) in try Self.zeros(like: parameter.tensor) }
        secondMoments = try parameters.map { parameter throws(TorchError) in try Self.zeros(like: parameter.tensor) }
        for copy in copies { try copy.setRequiresGrad(true) }
    }

    private static func zeros(like tensor: Tensor) throws(TorchError) -> Tensor {
        try Tensor.zeros(tensor.shape, dtype: tensor.dtype, device: tensor.device)
    }

    /// Makes the working copies equal to the parameters again, after these were restored from a file.
    func renewCopies() throws(TorchError) {
        try noGrad { () throws(TorchError) in
            for (copy, parameter) in zip(copies, parameters) { try copy.copyInPlace(parameter.tensor) }
        }
    }

    /// What the backward passes since the last step have added up, one a parameter, in the working copies' type: also of
    /// parameters that no pass has reached.
    func gradients() throws(TorchError) -> [Tensor] {
        try copies.map { copy throws(TorchError) in
            if let grad = copy.grad { grad } else { try Self.zeros(like: copy) }
        }
    }

    /// Clips all gradients together to a norm, updates parameters, moments and copies, and forgets the passes' gradients.
    /// - Parameters:
    ///   - numbers: rates and decays.
    ///   - gradients: one a parameter.
    ///   - clipNorm: the most that the gradients' norm may be.
    /// - Returns: the norm before clipping.
    func step(_ numbers: AdamWStep, gradients: [Tensor], clipNorm: Double) throws(TorchError) -> Double {
        let norm = try Tensor.totalNorm(gradients)
        try numbers.apply(
            to: parameters.map(\.tensor), gradients: gradients, firstMoments: firstMoments,
            secondMoments: secondMoments, copies: copies, step: stepsDone + 1,
            gradientFactor: norm > clipNorm ? clipNorm / (norm + 1e-6) : 1)
        for copy in copies { copy.clearGrad() }
        stepsDone += 1
        return norm
    }
}
