// Operations whose results have no gradient: comparisons, indices, changes in place, and what numbers become.

import Testing
import Torch

struct OperationTests {
    @Test func lessBroadcastsAndGivesBools() throws {
        let less = try Tensor([1.0, 2, 3, 4], shape: [2, 2]) .< Tensor([2.0, 3])
        #expect(less.dtype == .bool)
        #expect(try less.values(as: Bool.self) == [true, true, false, false])
    }

    @Test(arguments: [(Double.nan, false), (.infinity, false), (-.infinity, false), (1e30, true)])
    func isFiniteSeesOneBadElement(_ value: Double, _ finite: Bool) throws {
        #expect(try Tensor([0, 1, value]).isFinite() == finite)
        #expect(try Layout.strided(Tensor([0, 1, value])).isFinite() == finite)
    }

    @Test func topKNamesPlacesLargestFirst() throws {
        let (values, indices) = try Tensor([1.0, 5, 3, 9, 2, 4], shape: [2, 3]).topK(2)
        #expect(try values.values(as: Double.self) == [5, 3, 9, 4])
        #expect(try indices.values(as: Int.self) == [1, 2, 0, 2])
    }

    @Test func sortKeepsTheOrderOfEquals() throws {
        let (values, indices) = try Tensor([1.0, 2, 1, 2, 3]).sortedDescending()
        #expect(try values.values(as: Double.self) == [3, 2, 2, 1, 1])
        #expect(try indices.values(as: Int.self) == [4, 1, 3, 0, 2])
    }

    @Test func argmaxDropsTheDimension() throws {
        let tensor = try Tensor([1.0, 5, 3, 9, 2, 4], shape: [2, 3])
        #expect(try tensor.argmax(-1).values(as: Int.self) == [1, 0])
        #expect(try tensor.argmax(0).values(as: Int.self) == [1, 0, 1])
    }

    @Test func putWritesPlacesAndRows() throws {
        let tensor = try Tensor.zeros([2, 3])
        try tensor.put(rows: Tensor([1, 0]), columns: Tensor([2, 0]), values: Tensor([7 as Float, 8]))
        #expect(try tensor.values(as: Float.self) == [8, 0, 0, 0, 0, 7])

        let deep = try Tensor.zeros([2, 2, 2])
        try deep.put(rows: Tensor([1]), columns: Tensor([0]), values: Tensor([1 as Float, 2], shape: [1, 2]))
        #expect(try deep.values(as: Float.self) == [0, 0, 0, 0, 1, 2, 0, 0])
    }

    @Test func changesInPlaceReachEveryView() throws {
        let tensor = try Tensor([1 as Float, 2, 3, 4], shape: [2, 2])
        let column = try tensor.narrow(1, start: 1, length: 1)
        try column.addInPlace(Tensor([10 as Float, 20], shape: [2, 1]), scale: 0.5)
        #expect(try tensor.values(as: Float.self) == [1, 7, 3, 14])
        try column.scaleInPlace(2)
        #expect(try tensor.values(as: Float.self) == [1, 14, 3, 28])
        try column.copyInPlace(Tensor([5]))
        #expect(try tensor.values(as: Float.self) == [1, 5, 3, 5])
    }

    @Test func maskedFillBroadcastsItsMask() throws {
        let filled = try Tensor.zeros([2, 2]).maskedFill(Tensor([true, false]), 3)
        #expect(try filled.values(as: Float.self) == [3, 0, 3, 0])
    }

    @Test func attentionRowsThatSeeNothingAreZero() throws {
        let q = try patternTensor([1, 1, 2, 4], 0)
        let k = try patternTensor([1, 1, 3, 4], 1)
        let mask = try Tensor([true, true, true, false, false, false], shape: [2, 3])
        let output = try Tensor.attention(q, k, k, mask: mask, scale: 0.5)
        #expect(try output.isFinite())
        #expect(try output.narrow(2, start: 1, length: 1).values(as: Float.self) == [0, 0, 0, 0])
    }

    @Test func attentionAddsAMaskOfNumbers() throws {
        let q = try patternTensor([1, 1, 2, 4], 0)
        let k = try patternTensor([1, 1, 3, 4], 1)
        let kept = try Tensor([true, false, true, true, true, false], shape: [2, 3])
        let hidden = try Tensor([false, true, false, false, false, true], shape: [2, 3])
        let numbers = try Tensor.zeros([2, 3]).maskedFill(hidden, -.infinity)
        let added = try Tensor.attention(q, k, k, mask: numbers, scale: 0.5)
        let wanted = try Tensor.attention(q, k, k, mask: kept, scale: 0.5)
        try expectClose(added, wanted.shape, wanted.values(), Tolerance(.float32))
    }

    @Test func integersBecomeFloatsBesideANumber() throws {
        let sum = try Tensor([1, 2]) + 0.5
        #expect(sum.dtype == .float32)
        #expect(try sum.values(as: Double.self) == [1.5, 2.5])
        #expect(try (Tensor([1, 2]) * 0.5).values(as: Double.self) == [0.5, 1])
        #expect(try (Tensor([1, 2]) / Tensor([4, 4])).values(as: Double.self) == [0.25, 0.5])
        #expect(try (Tensor([1, 2]) + Tensor([1, 2])).dtype == .int64)
        #expect(try Tensor([true, true]).sum().item() == 2)
    }

    @Test func rmsNormOfBFloat16IsComputedInFloat32() throws {
        // In bfloat16 the sum of squares of 4,096 ones stops growing at 256, and the result would be four times too large.
        let ones = try Tensor.full([1, 4096], 1, dtype: .bfloat16)
        let normed = try ones.rmsNorm(Tensor.full([4096], 1, dtype: .bfloat16), epsilon: 1e-6)
        #expect(normed.dtype == .bfloat16)
        #expect(try normed.values(as: Float.self).allSatisfy { $0 == 1 })
    }
}
