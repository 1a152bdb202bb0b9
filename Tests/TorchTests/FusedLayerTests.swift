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

    /// Output and gradients of x, A and B, by the fused operation or by its steps.
    private func adapted(_ fused: Bool, bias: Bool, dtype: DType, inputNeedsGrad: Bool = true) throws -> [Tensor?] {
        let x = try patternTensor([5, 6], 1, dtype)
        let (a, b) = try (patternTensor([2, 6], 2, dtype), patternTensor([4, 2], 3, dtype))
        let weight = try patternTensor([4, 6], 4, dtype)
        let offset = bias ? try patternTensor([4], 5, dtype) : nil
        if inputNeedsGrad { try x.setRequiresGrad(true) }
        for factor in [a, b] { try factor.setRequiresGrad(true) }
        let y =
            try fused
            ? x.linear(weight, bias: offset, lowRank: a, b, scale: 1.5)
            : x.linear(weight, bias: offset) + (x.linear(a).linear(b) * 1.5)
        try (y * y).sum().backward()
        return [try y.detached(), x.grad, a.grad, b.grad]
    }

    @Test(arguments: [false, true])
    func anAdaptedLinearMapIsTheSumOfItsParts(bias: Bool) throws {
        for (fused, plain) in try zip(
            adapted(true, bias: bias, dtype: .float64), adapted(false, bias: bias, dtype: .float64))
        {
            #expect(try close(fused, plain))
        }
    }

    @Test func anInputThatNeedsNoGradientGetsNone() throws {
        let fused = try adapted(true, bias: true, dtype: .float64, inputNeedsGrad: false)
        let plain = try adapted(false, bias: true, dtype: .float64)
        #expect(fused[1] == nil)
        #expect(try close(fused[2], plain[2]) && close(fused[3], plain[3]))
    }

    @Test func factorsKeepTheirWiderTypeAndSoDoTheirGradients() throws {
        let x = try patternTensor([5, 6], 1, .bfloat16)
        let (a, b) = try (patternTensor([2, 6], 2), patternTensor([4, 2], 3))
        for factor in [a, b] { try factor.setRequiresGrad(true) }
        let y = try x.linear(patternTensor([4, 6], 4, .bfloat16), lowRank: a, b, scale: 1)
        try y.sum().backward()
        #expect(y.dtype == .bfloat16 && a.grad?.dtype == .float32 && b.grad?.dtype == .float32)
    }

    @Test func factorsThatDoNotFitAreRefused() throws {
        let x = try patternTensor([5, 6], 1)
        #expect(throws: TorchError.self) {
            try x.linear(
                patternTensor([4, 6], 4), lowRank: patternTensor([2, 5], 2), patternTensor([4, 2], 3), scale: 1)
        }
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
