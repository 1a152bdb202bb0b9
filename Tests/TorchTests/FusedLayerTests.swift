// Operations that do at once what others do in steps: they must agree with the steps.

import Testing
import Torch

struct FusedLayerTests {
    private func close(_ a: Tensor?, _ b: Tensor?, within bound: Double = 1e-12) throws -> Bool {
        guard let a, let b, a.shape == b.shape, a.dtype == b.dtype else { return false }
        let difference = try (a.to(.float64) - b.to(.float64)).values(as: Double.self)
        let size = try b.to(.float64).values(as: Double.self).map(abs).max() ?? 0
        return difference.allSatisfy { abs($0) <= bound * max(1, size) } && size > 0
    }

    /// Outputs and gradients of x, the residual and all factors, of three maps of one input (the second without an adapter) or
    /// of one with a residual, by the fused operation or by its steps.
    private func mapped(_ fused: Bool, residual: Bool, dtype: DType, inputNeedsGrad: Bool = true) throws -> [Tensor?] {
        let x = try patternTensor([5, 6], 1, dtype)
        let added = residual ? try patternTensor([5, 4], 9, dtype) : nil
        let weights = try (residual ? [4] : [4, 4, 3]).enumerated().map { try patternTensor([$1, 6], 4 + $0, dtype) }
        let biases = try weights.enumerated().map { $0 == 1 ? nil : try patternTensor([$1.shape[0]], 5 + $0, dtype) }
        let factors = try weights.enumerated().map { place, weight in
            place == 1
                ? nil
                : (
                    a: try patternTensor([2, 6], 2 + place, dtype),
                    b: try patternTensor([weight.shape[0], 2], 3 + place, dtype)
                )
        }
        let trained = factors.compactMap { $0 }.flatMap { [$0.a, $0.b] } + (added.map { [$0] } ?? [])
        for tensor in trained + (inputNeedsGrad ? [x] : []) { try tensor.setRequiresGrad(true) }
        let maps = weights.indices.map { LinearMap(weight: weights[$0], bias: biases[$0], factors: factors[$0]) }
        let outputs =
            try fused
            ? x.linear(maps, residual: added, scale: 1.5)
            : weights.indices.map { place in
                var y = try x.linear(weights[place], bias: biases[place])
                if let pair = factors[place] { y = try y + (x.linear(pair.a).linear(pair.b) * 1.5) }
                if let added { y = try y + added }
                return y
            }
        let loss = try outputs.map { try ($0 * $0).sum() }.reduce(Tensor.zeros([], dtype: dtype)) { try $0 + $1 }
        try loss.backward()
        return try outputs.map { try $0.detached() } + [x.grad] + trained.map(\.grad)
    }

    @Test(arguments: [false, true])
    func adaptedMapsOfOneInputAreTheSumOfTheirParts(residual: Bool) throws {
        let fused = try mapped(true, residual: residual, dtype: .float64)
        let plain = try mapped(false, residual: residual, dtype: .float64)
        #expect(fused.count == plain.count && fused.count == (residual ? 5 : 8))
        for (a, b) in zip(fused, plain) { #expect(try close(a, b)) }
    }

    @Test func withoutAGraphTheSameNumbersComeOut() throws {
        let x = try patternTensor([5, 6], 1)
        let map = try LinearMap(
            weight: patternTensor([4, 6], 4), factors: (a: patternTensor([2, 6], 2), b: patternTensor([4, 2], 3)))
        let recorded = try x.linear([map], scale: 1.5)[0]
        let plain = try noGrad { try x.linear([map], scale: 1.5)[0] }
        #expect(try recorded.values(as: Float.self) == plain.values(as: Float.self))
    }

    @Test func anInputThatNeedsNoGradientGetsNone() throws {
        let fused = try mapped(true, residual: false, dtype: .float64, inputNeedsGrad: false)
        let plain = try mapped(false, residual: false, dtype: .float64)
        #expect(fused[3] == nil)
        for place in 4..<8 { #expect(try close(fused[place], plain[place])) }
    }

    @Test func factorsKeepTheirWiderTypeAndSoDoTheirGradients() throws {
        let x = try patternTensor([5, 6], 1, .bfloat16)
        let (a, b) = try (patternTensor([2, 6], 2), patternTensor([4, 2], 3))
        for factor in [a, b] { try factor.setRequiresGrad(true) }
        let map = LinearMap(weight: try patternTensor([4, 6], 4, .bfloat16), factors: (a: a, b: b))
        let y = try x.linear([map])[0]
        try y.sum().backward()
        #expect(y.dtype == .bfloat16 && a.grad?.dtype == .float32 && b.grad?.dtype == .float32)
    }

    @Test func mapsThatDoNotFitAreRefused() throws {
        let x = try patternTensor([5, 6], 1)
        let weight = try patternTensor([4, 6], 4)
        let fits = LinearMap(weight: weight)
        let factors = LinearMap(
            weight: weight, factors: (a: try patternTensor([2, 5], 2), b: try patternTensor([4, 2], 3)))
        let other = LinearMap(weight: try patternTensor([4, 7], 4))
        for maps in [[factors], [fits, other]] {
            #expect(throws: TorchError.self) { try x.linear(maps) }
        }
        #expect(throws: TorchError.self) { try x.linear([fits], residual: patternTensor([5, 3], 1)) }
        #expect(throws: TorchError.self) { try x.linear([fits, fits], residual: patternTensor([5, 4], 1)) }
    }

    /// Attention over keys in two parts, one of them hidden from some queries, against attention over all at once.
    @Test func attentionMergesOverPartsOfTheKeys() throws {
        let q = try patternTensor([2, 3, 4, 8], 1)
        let (k, v) = try (patternTensor([2, 3, 7, 8], 2), patternTensor([2, 3, 7, 8], 3))
        let hidden = (0..<4).flatMap { query in (0..<3).map { $0 > query ? -1e9 as Float : 0 } }
        let mask = try Tensor(hidden, shape: [1, 1, 4, 3])
        let noMask = try Tensor.zeros([1, 1, 4, 4])
        let whole = try Tensor.attention(
            q, k, v, mask: Tensor.concatenate([noMask, mask], dim: 3), scale: 0.5)
        func part(_ start: Int, _ length: Int, _ mask: Tensor?) throws -> PartialAttention {
            try PartialAttention(
                q, k.narrow(2, start: start, length: length), v.narrow(2, start: start, length: length), mask: mask,
                scale: 0.5)
        }
        let merged = try part(0, 4, nil).merged(with: part(4, 3, mask))
        #expect(try close(merged, whole, within: 1e-5))
        #expect(throws: TorchError.self) { try PartialAttention(q, k, v.narrow(2, start: 0, length: 3), scale: 1) }
    }
}
