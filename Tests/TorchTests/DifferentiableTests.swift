// Every differentiable operation, its values and its gradients, against PyTorch in float64: in three element types, and
// on inputs with gaps in memory.

import Testing
import Torch

struct DifferentiableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let shapes: [[Int]]
        let operation: @Sendable ([Tensor]) throws -> Tensor

        init(_ name: String, _ shapes: [[Int]], _ operation: @escaping @Sendable ([Tensor]) throws -> Tensor) {
            self.name = name
            self.shapes = shapes
            self.operation = operation
        }

        var testDescription: String { name }
    }

    @Test(arguments: arithmetic + shapes + layers, [DType.float64, .float32, .bfloat16])
    func valuesAndGradientsArePyTorchs(_ operation: Case, _ dtype: DType) throws {
        for layout in Layout.allCases {
            let inputs = try operation.shapes.enumerated().map { k, shape in
                let input = try layout(patternTensor(shape, k, dtype))
                try input.setRequiresGrad(true)
                return input
            }
            let output = try operation.operation(inputs)
            let expected = try Golden.named("\(operation.name)/out")
            try expectClose(output, expected.shape, expected.values, Tolerance(dtype))

            try output.backward(gradient: patternTensor(output.shape, 7, output.dtype))
            for (k, input) in inputs.enumerated() {
                let gradient = try #require(input.grad)
                let expected = try Golden.named("\(operation.name)/grad\(k)")
                #expect(gradient.dtype == dtype)
                try expectClose(gradient, expected.shape, expected.values, Tolerance(dtype), "gradient of input \(k)")
            }
        }
    }

    static let arithmetic = [
        Case("add", [[2, 3], [2, 3]]) { try $0[0] + $0[1] },
        Case("add-broadcast", [[2, 1, 3], [4, 1]]) { try $0[0] + $0[1] },
        Case("add-scalar-tensor", [[2, 3], []]) { try $0[0] + $0[1] },
        Case("sub-broadcast", [[3], [2, 3]]) { try $0[0] - $0[1] },
        Case("mul-broadcast", [[2, 1, 3], [4, 1]]) { try $0[0] * $0[1] },
        Case("div", [[2, 3], [3]]) { try $0[0] / ($0[1] + 4) },
        Case("mul-number", [[2, 3]]) { try $0[0] * -1.5 },
        Case("neg", [[2, 3]]) { try -$0[0] },
        Case("exp", [[2, 3]]) { try $0[0].exp() },
        Case("exp-empty", [[0, 3]]) { try $0[0].exp() },
        Case("exp-rank-0", [[]]) { try $0[0].exp() },
        Case("cos", [[2, 3]]) { try $0[0].cos() },
        Case("sin", [[2, 3]]) { try $0[0].sin() },
        Case("masked-fill", [[2, 3]]) {
            try $0[0].maskedFill(Tensor([true, false, true, false, true, false], shape: [2, 3]), -5)
        },
        Case("sum", [[2, 3]]) { try $0[0].sum() },
        Case("sum-empty", [[0, 3]]) { try $0[0].sum(0) },
        Case("sum-dim", [[2, 3, 4]]) { try $0[0].sum(1) },
        Case("sum-keep", [[2, 3]]) { try $0[0].sum(-1, keepDim: true) },
        Case("maximum", [[3, 4]]) { try $0[0].maximum(0) },
        Case("maximum-keep", [[3, 4]]) { try $0[0].maximum(-1, keepDim: true) },
        Case("cumulative-sum", [[3, 4]]) { try $0[0].cumulativeSum(1) },
        Case("matmul", [[2, 3], [3, 4]]) { try $0[0].matmul($0[1]) },
        Case("matmul-vector", [[2, 3], [3]]) { try $0[0].matmul($0[1]) },
        Case("matmul-batched", [[2, 1, 3, 4], [5, 4, 2]]) { try $0[0].matmul($0[1]) },
        Case("matmul-empty", [[2, 0], [0, 3]]) { try $0[0].matmul($0[1]) },
    ]

    static let shapes = [
        Case("reshaped", [[2, 6]]) { try $0[0].reshaped([3, -1]) },
        Case("expanded", [[2, 1, 3]]) { try $0[0].expanded([2, 4, -1]) },
        Case("transposed", [[2, 3, 4]]) { try $0[0].transposed(0, 2) },
        Case("unsqueezed", [[2, 3]]) { try $0[0].unsqueezed(-1) },
        Case("narrow", [[3, 4]]) { try $0[0].narrow(1, start: 1, length: 2) },
        Case("index-select", [[3, 4]]) { try $0[0].indexSelect(0, Tensor([2, 0, 2])) },
        Case("gather", [[3, 4]]) { try $0[0].gather(1, Tensor([0, 2, 1, 1, 3, 0], shape: [3, 2])) },
        Case("concatenate", [[2, 3], [4, 3]]) { try Tensor.concatenate($0, dim: 0) },
        Case("concatenate-last", [[2, 3], [2, 1]]) { try Tensor.concatenate($0, dim: -1) },
        Case("top-k", [[3, 4]]) { try $0[0].topK(2).values },
        Case("sorted-descending", [[3, 4]]) { try $0[0].sortedDescending(dim: 0).values },
        Case("to", [[2, 3]]) { try $0[0].to(.float32) * 2 },
        Case("clone", [[2, 3]]) { try $0[0].clone() },
        Case("contiguous", [[2, 3]]) { try $0[0].transposed(0, 1).contiguous() },
    ]

    static let layers: [Case] = {
        let heads = [[1, 4, 3, 4], [1, 2, 5, 4], [1, 2, 5, 4]]
        return [
            Case("linear", [[2, 5, 3], [4, 3]]) { try $0[0].linear($0[1]) },
            Case("linear-bias", [[2, 5, 3], [4, 3], [4]]) { try $0[0].linear($0[1], bias: $0[2]) },
            Case("embedding", [[5, 3]]) { try $0[0].embedding(Tensor([0, 4, 4, 1], shape: [2, 2])) },
            Case("rms-norm", [[2, 3, 4], [4]]) { try $0[0].rmsNorm($0[1], epsilon: 1e-5) },
            Case("layer-norm", [[2, 3, 4], [4], [4]]) { try $0[0].layerNorm($0[1], bias: $0[2], epsilon: 1e-5) },
            Case("silu", [[2, 3]]) { try $0[0].silu() },
            Case("gelu", [[2, 3]]) { try $0[0].gelu() },
            Case("softmax", [[3, 4]]) { try $0[0].softmax() },
            Case("softmax-first", [[3, 4]]) { try $0[0].softmax(0) },
            Case("log-softmax", [[3, 4]]) { try $0[0].logSoftmax() },
            Case("attention", heads) { try Tensor.attention($0[0], $0[1], $0[2], scale: 0.5) },
            Case("attention-causal", heads) { try Tensor.attention($0[0], $0[1], $0[2], causal: true, scale: 0.5) },
            Case("attention-masked", heads) {
                try Tensor.attention($0[0], $0[1], $0[2], mask: attentionMask(), scale: 0.5)
            },
        ]
    }()

    private static func attentionMask() throws -> Tensor {
        let rows = [[0, 1, 4], [1, 2], [0, 2, 3, 4]]
        return try Tensor(rows.flatMap { row in (0..<5).map { row.contains($0) } }, shape: [3, 5])
    }
}
