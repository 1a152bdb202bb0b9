// Every mistake that a caller tells apart, as libtorch really makes it. The phrases by which the shim knows libtorch's
// mistakes are all needed by a case here.

import Testing
import Torch

struct ErrorTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let name: String
        let kind: TorchError.Kind
        let body: @Sendable () throws -> Void

        init(_ kind: TorchError.Kind, _ name: String, _ body: @escaping @Sendable () throws -> Any) {
            self.name = name
            self.kind = kind
            self.body = { _ = try body() }
        }

        var testDescription: String { "\(kind): \(name)" }
    }

    @Test(arguments: shapeMistakes + typeMistakes + memoryMistakes + deviceMistakes + otherMistakes)
    func mistakesAreToldApart(_ mistake: Mistake) throws {
        let error = try #require(throws: TorchError.self) { try mistake.body() }
        #expect(error.kind == mistake.kind, "\(error.message)")
        #expect(!error.message.isEmpty && !error.message.contains("\n"))
        #expect(error.description.contains(error.operation))
    }

    @Test func anErrorHoldsTheOperationAndItsInputs() throws {
        let error = try #require(throws: TorchError.self) {
            try floats([2, 3]) + Tensor.full([4, 5], 1, dtype: .bfloat16)
        }
        #expect(error.operation == "add")
        #expect(error.operands.map(\.shape) == [[2, 3], [4, 5]])
        #expect(error.operands.map(\.dtype) == [.float32, .bfloat16])
        #expect(error.description.hasPrefix("The shapes in add(float32[2, 3], bfloat16[4, 5]) do not fit together: "))
    }

    static let shapeMistakes = [
        Mistake(.shapeMismatch, "add") { try floats([2, 3]) + floats([4, 5]) },
        Mistake(.shapeMismatch, "sub") { try floats([2, 3]) - floats([2]) },
        Mistake(.shapeMismatch, "mul") { try floats([2, 3]) * floats([2]) },
        Mistake(.shapeMismatch, "div") { try floats([2, 3]) / floats([2]) },
        Mistake(.shapeMismatch, "lt") { try floats([2, 3]) .< floats([2]) },
        Mistake(.shapeMismatch, "add_") { try floats([2, 3]).addInPlace(floats([2])) },
        Mistake(.shapeMismatch, "copy_") { try floats([2, 3]).copyInPlace(floats([2])) },
        Mistake(.shapeMismatch, "masked_fill") { try floats([2, 3]).maskedFill(Tensor([true, true]), 0) },
        Mistake(.shapeMismatch, "matmul") { try floats([2, 3]).matmul(floats([2, 3])) },
        Mistake(.shapeMismatch, "matmul of a vector") { try floats([2, 3]).matmul(floats([2])) },
        Mistake(.shapeMismatch, "matmul of rank 0") { try floats([2, 3]).matmul(floats([])) },
        Mistake(.shapeMismatch, "linear") { try floats([2, 3]).linear(floats([4, 5])) },
        Mistake(.shapeMismatch, "linear's bias") { try floats([2, 3]).linear(floats([4, 3]), bias: floats([5])) },
        Mistake(.shapeMismatch, "embedding of a vector") { try floats([3]).embedding(Tensor([0])) },
        Mistake(.shapeMismatch, "embedding outside") { try floats([5, 3]).embedding(Tensor([5])) },
        Mistake(.shapeMismatch, "layer_norm") {
            try floats([2, 3]).layerNorm(floats([4]), bias: floats([4]), epsilon: 1e-5)
        },
        Mistake(.shapeMismatch, "rms_norm") { try floats([2, 3]).rmsNorm(floats([4]), epsilon: 1e-5) },
        Mistake(.shapeMismatch, "attention") {
            try Tensor.attention(floats([1, 1, 2, 3]), floats([1, 1, 2, 5]), floats([1, 1, 2, 5]), scale: 1)
        },
        Mistake(.shapeMismatch, "attention's heads") {
            try Tensor.attention(floats([1, 3, 2, 4]), floats([1, 2, 2, 4]), floats([1, 2, 2, 4]), scale: 1)
        },
        Mistake(.shapeMismatch, "attention without heads") {
            try Tensor.attention(floats([1, 3, 2, 4]), floats([1, 0, 2, 4]), floats([1, 0, 2, 4]), scale: 1)
        },
        Mistake(.shapeMismatch, "attention's heads of values") {
            try Tensor.attention(floats([1, 4, 2, 4]), floats([1, 2, 2, 4]), floats([1, 0, 2, 4]), scale: 1)
        },
        Mistake(.shapeMismatch, "attention's rank") {
            try Tensor.attention(floats([2]), floats([2]), floats([2]), scale: 1)
        },
        Mistake(.shapeMismatch, "attention's mask") {
            let x = try floats([1, 1, 2, 3])
            return try Tensor.attention(x, x, x, mask: floats([4, 5]), scale: 1)
        },
        Mistake(.shapeMismatch, "softmax") { try floats([2]).softmax(3) },
        Mistake(.shapeMismatch, "log_softmax") { try floats([2]).logSoftmax(3) },
        Mistake(.shapeMismatch, "sum") { try floats([2]).sum(3) },
        Mistake(.shapeMismatch, "amax") { try floats([2]).maximum(3) },
        Mistake(.shapeMismatch, "amax of nothing") { try floats([0, 3]).maximum(0) },
        Mistake(.shapeMismatch, "argmax of nothing") { try floats([0, 3]).argmax(0) },
        Mistake(.shapeMismatch, "cumsum") { try floats([2]).cumulativeSum(3) },
        Mistake(.shapeMismatch, "reshape") { try floats([2, 3]).reshaped([7]) },
        Mistake(.shapeMismatch, "reshape by -1 twice") { try floats([2, 3]).reshaped([-1, -1]) },
        Mistake(.shapeMismatch, "reshape by -2") { try floats([2, 3]).reshaped([-2]) },
        Mistake(.shapeMismatch, "expand") { try floats([2, 3]).expanded([5, 5]) },
        Mistake(.shapeMismatch, "expand to fewer dimensions") { try floats([2, 3]).expanded([3]) },
        Mistake(.shapeMismatch, "expand beyond counting") { try floats([]).expanded([1 << 40, 1 << 40]) },
        Mistake(.shapeMismatch, "transpose") { try floats([2, 3]).transposed(0, 2) },
        Mistake(.shapeMismatch, "unsqueeze") { try floats([2, 3]).unsqueezed(4) },
        Mistake(.shapeMismatch, "narrow") { try floats([2, 3]).narrow(0, start: 1, length: 5) },
        Mistake(.shapeMismatch, "narrow's start") { try floats([2, 3]).narrow(0, start: 9, length: 1) },
        Mistake(.shapeMismatch, "narrow's length") { try floats([2, 3]).narrow(0, start: 0, length: -1) },
        Mistake(.shapeMismatch, "narrow of rank 0") { try floats([]).narrow(0, start: 0, length: 1) },
        Mistake(.shapeMismatch, "index_select outside") { try floats([2]).indexSelect(0, Tensor([2])) },
        Mistake(.shapeMismatch, "index_select by a matrix") {
            try floats([2]).indexSelect(0, Tensor([0], shape: [1, 1]))
        },
        Mistake(.shapeMismatch, "gather outside") { try floats([2, 3]).gather(1, Tensor([3], shape: [1, 1])) },
        Mistake(.shapeMismatch, "gather's rank") { try floats([2, 3]).gather(1, Tensor([0])) },
        Mistake(.shapeMismatch, "cat") { try Tensor.concatenate([floats([2, 3]), floats([4, 5])], dim: 0) },
        Mistake(.shapeMismatch, "cat of ranks") { try Tensor.concatenate([floats([2, 3]), floats([3])], dim: 0) },
        Mistake(.shapeMismatch, "index_put_ outside") {
            try floats([2, 3]).put(rows: Tensor([0]), columns: Tensor([3]), values: floats([1]))
        },
        Mistake(.shapeMismatch, "topk") { try floats([2]).topK(3) },
        Mistake(.shapeMismatch, "sort") { try floats([2]).sortedDescending(dim: 3) },
        Mistake(.shapeMismatch, "item") { try floats([2]).item() },
        Mistake(.shapeMismatch, "empty") { try Tensor.empty([-1]) },
        Mistake(.shapeMismatch, "tensor of another count") { try Tensor([1, 2, 3], shape: [2]) },
        Mistake(.shapeMismatch, "tensor of a negative size") { try Tensor([1, 2], shape: [-2]) },
        Mistake(.shapeMismatch, "tensor beyond counting") { try Tensor([1], shape: [1 << 62, 1 << 62]) },
        Mistake(.shapeMismatch, "backward from many") { try recorded([2]).exp().backward() },
        Mistake(.shapeMismatch, "backward's gradient") { try recorded([2]).exp().backward(gradient: floats([3])) },
        Mistake(.shapeMismatch, "accumulate_grad") { try recorded([2]).accumulateGrad(floats([3])) },
    ]

    static let typeMistakes = [
        Mistake(.dtypeMismatch, "matmul") { try floats([2, 2]).matmul(floats([2, 2]).to(.bfloat16)) },
        Mistake(.dtypeMismatch, "linear") { try floats([2, 2]).linear(floats([2, 2]).to(.bfloat16)) },
        Mistake(.dtypeMismatch, "linear's bias") {
            try floats([2, 2]).linear(floats([2, 2]), bias: floats([2]).to(.float64))
        },
        Mistake(.dtypeMismatch, "sub of bools") { try Tensor([true]) - Tensor([true]) },
        Mistake(.dtypeMismatch, "neg of bools") { try -Tensor([true]) },
        Mistake(.dtypeMismatch, "silu") { try Tensor([1]).silu() },
        Mistake(.dtypeMismatch, "gelu") { try Tensor([1]).gelu() },
        Mistake(.dtypeMismatch, "softmax") { try Tensor([1]).softmax() },
        Mistake(.dtypeMismatch, "log_softmax") { try Tensor([1]).logSoftmax() },
        Mistake(.dtypeMismatch, "argmax of bools") { try Tensor([true]).argmax(0) },
        Mistake(.dtypeMismatch, "topk of bools") { try Tensor([true]).topK(1) },
        Mistake(.dtypeMismatch, "mul_") { try Tensor([1]).scaleInPlace(0.5) },
        Mistake(.dtypeMismatch, "add_") { try Tensor([1]).addInPlace(floats([1])) },
        Mistake(.dtypeMismatch, "masked_fill") { try floats([2]).maskedFill(floats([2]), 0) },
        Mistake(.dtypeMismatch, "embedding") { try floats([2, 2]).embedding(floats([1])) },
        Mistake(.dtypeMismatch, "index_select") { try floats([2]).indexSelect(0, floats([1])) },
        Mistake(.dtypeMismatch, "gather") { try floats([2]).gather(0, floats([1])) },
        Mistake(.dtypeMismatch, "index_put_") {
            try floats([2, 2]).put(rows: Tensor([0]), columns: Tensor([0]), values: Tensor([1]))
        },
        Mistake(.dtypeMismatch, "index_put_'s places") {
            try floats([2, 2]).put(rows: floats([1]), columns: floats([1]), values: floats([1]))
        },
        Mistake(.dtypeMismatch, "attention") {
            let x = try floats([1, 1, 2, 4])
            return try Tensor.attention(x, x.to(.bfloat16), x.to(.bfloat16), scale: 1)
        },
        Mistake(.dtypeMismatch, "attention's mask") {
            let x = try floats([1, 1, 2, 4])
            return try Tensor.attention(x, x, x, mask: Tensor([1, 1]), scale: 1)
        },
        Mistake(.dtypeMismatch, "full") { try Tensor.full([1], 300, dtype: .uint8) },
        Mistake(.dtypeMismatch, "requires_grad_") { try Tensor([1]).setRequiresGrad(true) },
        Mistake(.dtypeMismatch, "total_norm") { try Tensor.totalNorm([Tensor([1])]) },
    ]

    /// 2^50 bytes: more than any machine's address space gives.
    static let memoryMistakes = [
        Mistake(.outOfMemory, "empty") { try Tensor.empty([1 << 48]) },
        Mistake(.outOfMemory, "empty beyond addressing") { try Tensor.empty([1 << 62, 1 << 62]) },
        Mistake(.outOfMemory, "full") { try Tensor.full([1 << 48], 0) },
        Mistake(.outOfMemory, "arange") { try Tensor.arange(0..<(1 << 48)) },
        Mistake(.outOfMemory, "randn") { try Tensor.randn([1 << 48], seed: 0) },
        Mistake(.outOfMemory, "contiguous") { try floats([]).expanded([1 << 48]).contiguous() },
        Mistake(.outOfMemory, "clone") { try floats([]).expanded([1 << 48]).clone() },
        Mistake(.outOfMemory, "to") { try floats([]).expanded([1 << 48]).to(.float64) },
        Mistake(.outOfMemory, "values") { try floats([]).expanded([1 << 48]).values(as: Float.self) },
        Mistake(.outOfMemory, "exp") { try floats([]).expanded([1 << 48]).exp() },
        Mistake(.outOfMemory, "add") { try floats([]).expanded([1 << 48]) + floats([]) },
        Mistake(.outOfMemory, "matmul") {
            let column = try floats([]).expanded([1 << 24, 1])
            return try column.matmul(column.transposed(0, 1))
        },
        Mistake(.outOfMemory, "cat") {
            let half = try floats([]).expanded([1 << 47])
            return try Tensor.concatenate([half, half], dim: 0)
        },
        Mistake(.outOfMemory, "index_select") {
            try floats([]).expanded([2, 1 << 47]).indexSelect(0, Tensor([0, 1]))
        },
    ]

    /// No machine has a thousand CUDA devices; numbers that wrap around in eight bits are among these.
    static let deviceMistakes = [1000, 256, -1, .max, .min].flatMap { number in
        let device = Device.cuda(number)
        return [
            Mistake(.deviceUnavailable, "empty on \(device)") { try Tensor.empty([1], device: device) },
            Mistake(.deviceUnavailable, "full on \(device)") { try Tensor.full([1], 0, device: device) },
            Mistake(.deviceUnavailable, "arange on \(device)") { try Tensor.arange(0..<1, device: device) },
            Mistake(.deviceUnavailable, "randn on \(device)") { try Tensor.randn([1], seed: 0, device: device) },
            Mistake(.deviceUnavailable, "tensor on \(device)") { try Tensor([1], device: device) },
            Mistake(.deviceUnavailable, "to \(device)") { try floats([1]).to(device: device) },
            Mistake(.deviceUnavailable, "synchronize \(device)") { try Library.synchronize(device) },
        ]
    }

    static let otherMistakes = [
        Mistake(.failure, "cat of nothing") { try Tensor.concatenate([], dim: 0) },
        Mistake(.failure, "backward of nothing recorded") { try floats([]).backward() },
        Mistake(.failure, "backward twice") {
            let sum = try recorded([2]).exp().sum()
            try sum.backward()
            return try sum.backward()
        },
        Mistake(.failure, "mul_ on a parameter") { try recorded([2]).scaleInPlace(2) },
        Mistake(.failure, "requires_grad_ on a result") { try recorded([2]).exp().setRequiresGrad(false) },
        Mistake(.failure, "no threads") { try Library.setThreads(0) },
    ]
}

private func floats(_ shape: [Int]) throws -> Tensor { try Tensor.full(shape, 1) }

private func recorded(_ shape: [Int]) throws -> Tensor {
    let tensor = try floats(shape)
    try tensor.setRequiresGrad(true)
    return tensor
}
