// Linear maps with frozen weights, some adapted by a low-rank product (Hu et al., 2021). Several maps of one input are one
// operation, so that the input's gradient is summed inside their products.
//
// Shape suffixes: N tokens, I inputs, O outputs, R rank.

import CTorch

/// x Wᵀ + b, or x Wᵀ + b + scale · (x Aᵀ) Bᵀ.
public struct LinearMap {
    let weight_OI: Tensor
    let bias_O: Tensor?
    let factors: (a_RI: Tensor, b_OR: Tensor)?

    /// A map.
    /// - Parameters:
    ///   - weight: W [O, I], frozen.
    ///   - bias: b [O], frozen.
    ///   - factors: A [R, I] and B [O, R], which may be of a wider type than the input.
    public init(weight: Tensor, bias: Tensor? = nil, factors: (a: Tensor, b: Tensor)? = nil) {
        weight_OI = weight
        bias_O = bias
        self.factors = factors.map { ($0.a, $0.b) }
    }

    fileprivate var tensors: [Tensor] { [weight_OI] + [bias_O, factors?.a_RI, factors?.b_OR].compactMap { $0 } }
}

extension Tensor {
    /// What maps make of this input [N, I], an output [N, O] each. Gradients reach the input, the residual and the factors.
    /// - Parameters:
    ///   - maps: the maps.
    ///   - residual: added to the output of a single map, [N, O].
    ///   - scale: of the low-rank products.
    public func linear(_ maps: [LinearMap], residual: Tensor? = nil, scale: Double = 1) throws(TorchError) -> [Tensor] {
        let operands = [self] + (residual.map { [$0] } ?? []) + maps.flatMap(\.tensors)
        var outs = [OpaquePointer?](repeating: nil, count: maps.count)
        let code = Tensor.withHandles(operands) { handles, _ in
            var next = residual == nil ? 1 : 2
            func handle(_ tensor: Tensor?) -> OpaquePointer? {
                guard tensor != nil else { return nil }
                defer { next += 1 }
                return handles[next]
            }
            let list = maps.map { map in
                let weight = handles[next]
                next += 1
                return CTorchLinearMap(
                    weight: weight, bias: handle(map.bias_O), a: handle(map.factors?.a_RI), b: handle(map.factors?.b_OR)
                )
            }
            return ctorch_linear_maps(handles[0], residual == nil ? nil : handles[1], list, list.count, scale, &outs)
        }
        guard code == CTORCH_OK else { throw TorchError(code, "linear", operands) }
        return outs.map { out in
            guard let out else { preconditionFailure("a map without an output") }
            return Tensor(owning: out)
        }
    }
}
