// Handles live as long as they are needed and no longer. The count of living tensors belongs to the process, so what
// reads it runs in a process of its own.

import Testing
import Torch

struct LifetimeTests {
    /// A handle taken from a temporary dies before the call that uses it unless it is held; only release builds show it.
    @Test func temporariesOutliveTheCallsThatUseThem() throws {
        func row(_ value: Double) throws -> Tensor { try Tensor([value, value, value], shape: [1, 3]) }
        for round in 0..<5000 {
            let x = Double(round % 7)
            let sum = try ((row(x) + row(1)) * (row(2) - row(x))).matmul(row(1).transposed(0, 1) / row(2).sum(1)).item()
            #expect(abs(sum - 3 * (x + 1) * (2 - x) / 6) < 1e-12)
            #expect(
                try Tensor.concatenate([row(x), row(x).exp().clone(), row(x).reshaped([1, 3])], dim: 0)
                    .indexSelect(0, Tensor([2, 0])).sum().item() == 6 * x)
            #expect(try row(x).linear(row(1), bias: Tensor([x])).item() == 4 * x)
            let heads = try Tensor.attention(
                row(x).reshaped([1, 1, 1, 3]), row(1).reshaped([1, 1, 1, 3]), row(x).reshaped([1, 1, 1, 3]),
                mask: Tensor([true], shape: [1, 1]), scale: 1)
            #expect(try heads.values(as: Double.self) == [x, x, x])
            #expect(try abs(Tensor.totalNorm([row(x), row(x)]) - (6 * x * x).squareRoot()) < 1e-12)
            // Converted or gathered from a view, the numbers are read out of a temporary.
            #expect(try row(x).values(as: Float.self) == [Float](repeating: Float(x), count: 3))
            let bytes = try row(x).expanded([4, 3]).withBytes { [Double]($0.bindMemory(to: Double.self)) }
            #expect(bytes == [Double](repeating: x, count: 12))
        }
    }

    @Test func longRandomSequencesLeaveNothingBehind() async {
        await #expect(processExitsWith: .success) {
            let before = Tensor.liveCount
            for seed in 0..<20 as Range<UInt64> {
                var walk = RandomWalk(seed: seed)
                for _ in 0..<500 { walk.step() }
                #expect(Tensor.liveCount > before)
                #expect(walk.failures > 20 && walk.successes > 100, "the walk should meet both")
            }
            #expect(Tensor.liveCount == before)
        }
    }

    @Test func theCountFollowsEveryTensor() async {
        await #expect(processExitsWith: .success) {
            let before = Tensor.liveCount
            var tensors: [Tensor] = []
            for count in 1...10 {
                tensors.append(try Tensor.zeros([2]))
                #expect(Tensor.liveCount == before + count)
            }
            let (values, indices) = try tensors[0].topK(2)
            #expect(Tensor.liveCount == before + 12)
            #expect(throws: TorchError.self) { try values + Tensor.zeros([7, 7]) }
            #expect(throws: TorchError.self) { try indices.topK(5) }
            #expect(Tensor.liveCount == before + 12)
            tensors.removeAll()
            #expect(Tensor.liveCount == before + 2)
            withExtendedLifetime((values, indices)) {}
        }
    }
}

/// Operations in random order on tensors of random shapes, many of which do not fit together.
private struct RandomWalk {
    private var random: Random
    private var pool: [Tensor] = []
    private(set) var failures = 0
    private(set) var successes = 0

    init(seed: UInt64) { random = Random(seed: seed) }

    mutating func step() {
        do {
            pool.append(try result(of: Int.random(in: 0..<18, using: &random)))
            successes += 1
        } catch {
            failures += 1
        }
        if pool.count > 20 { pool.remove(at: Int.random(in: 0..<pool.count, using: &random)) }
    }

    private mutating func fresh() throws -> Tensor {
        let shape = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 0...3, using: &random) }
        let tensor = try Tensor.randn(
            shape, seed: random.next(), dtype: Bool.random(using: &random) ? .float32 : .bfloat16)
        try tensor.setRequiresGrad(Bool.random(using: &random))
        return tensor
    }

    private mutating func any() throws -> Tensor {
        try pool.randomElement(using: &random) ?? fresh()
    }

    private mutating func result(of operation: Int) throws -> Tensor {
        let (a, b) = (try any(), try any())
        switch operation {
        case 0, 1: return try fresh()
        case 2: return try a + b
        case 3: return try a * b
        case 4: return try a.matmul(b)
        case 5: return try a.linear(b)
        case 6: return try Tensor.concatenate([a, b, a], dim: -1)
        case 7: return try a.transposed(0, 1)
        case 8: return try a.narrow(0, start: 1, length: 2)
        case 9: return try a.topK(2).indices
        case 10: return try a.sortedDescending().values
        case 11: return try a.softmax()
        case 12: return try Tensor.attention(a, b, b, scale: 1)
        case 13: return try a.to(.float64).detached()
        case 14: return try noGrad { try a.indexSelect(0, Tensor([0, 1])) }
        case 15:
            try a.accumulateGrad(b)
            return a.grad ?? b
        case 16:
            try (a * b).sum().backward()
            a.clearGrad()
            return b
        default:
            let owner = Owner([1, 2, 3])
            return try Tensor.borrowing(owner.memory, shape: a.shape, dtype: .float32, owner: owner)
        }
    }
}
