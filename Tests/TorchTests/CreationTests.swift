// Tensors from shapes, numbers and bytes, and back; memory that somebody else owns.

import Synchronization
import Testing
import Torch

struct CreationTests {
    @Test(arguments: DType.allCases)
    func fullHasItsShapeTypeAndValue(_ dtype: DType) throws {
        let tensor = try Tensor.full([2, 3], 1, dtype: dtype)
        #expect((tensor.shape, tensor.rank, tensor.count) == ([2, 3], 2, 6))
        #expect((tensor.dtype, tensor.device) == (dtype, .cpu))
        #expect(try tensor.values(as: Double.self) == [1, 1, 1, 1, 1, 1])
        try tensor.withBytes { #expect($0.count == 6 * dtype.byteCount) }
        #expect(try Tensor.zeros([4], dtype: dtype).values(as: Int.self) == [0, 0, 0, 0])
        #expect(try Tensor.empty([5, 0], dtype: dtype).shape == [5, 0])
    }

    @Test func numbersOfEveryKindComeBack() throws {
        #expect(try Tensor([1.5 as Float, -2]).values(as: Float.self) == [1.5, -2])
        #expect(try Tensor([Double.pi, -0.1]).values(as: Double.self) == [.pi, -0.1])
        #expect(try Tensor([Int.max, .min]).values(as: Int.self) == [.max, .min])
        #expect(try Tensor([Int32.max, .min]).values(as: Int32.self) == [.max, .min])
        #expect(try Tensor([UInt8.max, 0]).values(as: UInt8.self) == [255, 0])
        #expect(try Tensor([true, false]).values(as: Bool.self) == [true, false])
        #expect(try Tensor([1, 2, 3], shape: [3, 1]).shape == [3, 1])
    }

    @Test func rankZero() throws {
        let tensor = try Tensor([2.5], shape: [])
        #expect((tensor.rank, tensor.count) == (0, 1))
        #expect(tensor.shape.isEmpty)
        #expect(try tensor.item() == 2.5)
        #expect(try tensor.values(as: Double.self) == [2.5])
        #expect(try (tensor * tensor).item() == 6.25)
    }

    @Test func emptyTensors() throws {
        let tensor = try Tensor([Float](), shape: [0, 3])
        #expect((tensor.shape, tensor.count) == ([0, 3], 0))
        #expect(try tensor.values(as: Float.self).isEmpty)
        try tensor.withBytes { #expect($0.isEmpty) }
        #expect(try tensor.sum().item() == 0)
        #expect(try Tensor.concatenate([tensor, Tensor.zeros([2, 3])], dim: 0).shape == [2, 3])
        #expect(try Tensor.arange(3..<3).shape == [0])
    }

    @Test func arangeCounts() throws {
        let tensor = try Tensor.arange(-2..<3)
        #expect(tensor.dtype == .int64)
        #expect(try tensor.values(as: Int.self) == [-2, -1, 0, 1, 2])
    }

    @Test func valuesOfAViewComeInItsOrder() throws {
        let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]).transposed(0, 1)
        #expect(try tensor.values(as: Int.self) == [1, 4, 2, 5, 3, 6])
        let bytes = try tensor.to(.uint8).withBytes { Array($0) }
        #expect(bytes == [1, 4, 2, 5, 3, 6])
    }

    @Test func conversionsRoundAsPyTorchDoes() throws {
        // Halfway between two bfloat16 numbers the even one is taken; float16 ends at 65,504.
        let rounded = try Tensor([1.00390625, 1.01171875, 3.0e38]).to(.bfloat16).values(as: Double.self)
        #expect(rounded[0] == 1 && rounded[1] == 1.015625)
        #expect(try Tensor([65504.0, 70000]).to(.float16).values(as: Double.self) == [65504, .infinity])
        #expect(try Tensor([-1.9, 1.9]).values(as: Int.self) == [-1, 1])
    }

    @Test func bytesNeedNotBeAligned() throws {
        let numbers: [Float] = [1, -2, 3.5]
        let shifted = [0xff] + numbers.withUnsafeBytes { Array($0) }
        let owner = Owner()
        let (copied, borrowed) = try shifted.withUnsafeBytes { all in
            let bytes = UnsafeRawBufferPointer(rebasing: all[1...])
            return (
                try Tensor(bytes: bytes, shape: [3], dtype: .float32),
                try Tensor.borrowing(bytes, shape: [3], dtype: .float32, owner: owner)
            )
        }
        #expect(try copied.values(as: Float.self) == numbers)
        #expect(try borrowed.values(as: Float.self) == numbers)
    }

    @Test func filledIsWrittenByItsBody() throws {
        let tensor = try Tensor.filled([2, 2], dtype: .int32) { bytes in
            for index in 0..<4 { bytes.storeBytes(of: Int32(index * index), toByteOffset: 4 * index, as: Int32.self) }
        }
        #expect(try tensor.values(as: Int32.self) == [0, 1, 4, 9])
    }

    @Test func cloneSharesNothing() throws {
        let tensor = try Tensor([1.0, 2])
        let copy = try tensor.clone()
        try copy.scaleInPlace(10)
        #expect(try tensor.values(as: Double.self) == [1, 2])
    }
}

/// A seed means the same numbers, PyTorch's; every bit of it counts.
struct RandomTests {
    @Test func aSmallSeedGivesPyTorchsNumbers() throws {
        let golden = try Golden.named("randn")
        let tensor = try Tensor.randn(golden.shape, seed: 42)
        try expectClose(tensor, golden.shape, golden.values, Tolerance(relative: 1e-5, absolute: 1e-6))
    }

    @Test func theSameSeedGivesTheSameNumbers() throws {
        let first = try Tensor.randn([1000], seed: 7).values(as: Float.self)
        _ = try Tensor.randn([10], seed: 8)
        #expect(try Tensor.randn([1000], seed: 7).values(as: Float.self) == first)
    }

    @Test func anotherSeedGivesOtherNumbers() throws {
        let seeds: [UInt64] = [0, 1, 7, 1 << 31, 1 << 32, (1 << 32) + 7, 1 << 63, .max]
        let drawn = try seeds.map { try Tensor.randn([4], seed: $0).values(as: Float.self) }
        #expect(Set(drawn).count == seeds.count)
    }

    @Test func lowerPrecisionRoundsTheSameNumbers() throws {
        let rounded = try Tensor.randn([100], seed: 3).to(.bfloat16).values(as: Float.self)
        #expect(try Tensor.randn([100], seed: 3, dtype: .bfloat16).values(as: Float.self) == rounded)
    }

    @Test func meanAndDeviationAreStandard() throws {
        let values: [Double] = try Tensor.randn([100_000], seed: 11).values()
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        #expect(abs(mean) < 0.02 && abs(variance - 1) < 0.02)
    }
}

/// Owns some memory and says when it is given back.
final class Owner {
    let memory: UnsafeRawBufferPointer
    private let released: Released?

    final class Released: Sendable {
        let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
    }

    init(_ numbers: [Float] = [], released: Released? = nil) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * numbers.count, alignment: 16)
        memory.copyBytes(from: numbers.withUnsafeBytes { Array($0) })
        self.memory = UnsafeRawBufferPointer(memory)
        self.released = released
    }

    deinit {
        memory.deallocate()
        released?.count.withLock { $0 += 1 }
    }
}

struct BorrowingTests {
    private func borrow(_ numbers: [Float], _ shape: [Int], _ released: Owner.Released) throws -> Tensor {
        let owner = Owner(numbers, released: released)
        return try Tensor.borrowing(owner.memory, shape: shape, dtype: .float32, owner: owner)
    }

    @Test func theOwnerLivesAsLongAsTheLastView() throws {
        let released = Owner.Released()
        var view: Tensor? = try borrow([1, 2, 3, 4], [2, 2], released).narrow(0, start: 1, length: 1)
        #expect(released.value == 0)
        #expect(try view?.values(as: Float.self) == [3, 4])
        view = nil
        #expect(released.value == 1)
    }

    @Test(arguments: [[3], [-2, -2], [1 << 62, 1 << 62], [0]])
    func theOwnerIsGivenBackWhenTheShapeDoesNotFit(_ shape: [Int]) {
        let released = Owner.Released()
        #expect(throws: TorchError.self) { try borrow([1, 2, 3, 4], shape, released) }
        #expect(released.value == 1)
    }

    @Test func theOwnerIsGivenBackOfNoElements() throws {
        let released = Owner.Released()
        #expect(try borrow([], [0, 1 << 40], released).values(as: Float.self).isEmpty)
        #expect(released.value == 1)
        #expect(throws: TorchError.self) { try borrow([], [3], released) }
        #expect(released.value == 2)
    }

    @Test func theGraphKeepsBorrowedWeights() throws {
        let released = Owner.Released()
        let x = try Tensor([5 as Float, 6])
        try x.setRequiresGrad(true)
        var product: Tensor? = try x * borrow([2, 3], [2], released)
        #expect(released.value == 0)
        try product?.sum().backward()
        #expect(try x.grad?.values(as: Float.self) == [2, 3])
        product = nil
        #expect(released.value == 1)
    }
}
