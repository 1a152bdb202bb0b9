// `torch`: runs tensor operations for the comparison with PyTorch. Reads one JSON object a line and writes one a line.
// A table maps names to operations; the Python side draws the inputs and knows what must come out.

import Foundation
import Torch

enum TorchProbe {
    /// A tensor as JSON: numbers in row-major order, whatever the element type.
    private struct Array: Codable {
        let dtype: String
        let shape: [Int]
        let values: [Double]
        var strided: Bool?
    }

    private struct Request: Decodable {
        let operation: String
        let inputs: [Array]
        let integers: [Int]
        let numbers: [Double]
        /// What the gradient of the first result is; without it none are asked for.
        let upstream: Array?
    }

    private struct Reply: Encodable {
        var results: [Array]?
        var gradients: [Array?]?
        var error: String?
    }

    /// What an operation is given: tensors, then whole and other numbers in the order in which they were drawn.
    private struct Call {
        let x: [Tensor]
        let i: [Int]
        let n: [Double]
    }

    private struct Unknown: Error, CustomStringConvertible {
        let description: String
    }

    static func run(arguments: [String]) throws {
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        while let line = readLine() {
            let reply = try reply(to: decoder.decode(Request.self, from: Data(line.utf8)))
            FileHandle.standardOutput.write(try encoder.encode(reply) + Data("\n".utf8))
        }
    }

    private static func reply(to request: Request) throws -> Reply {
        guard let operation = operations[request.operation] else {
            throw Unknown(description: "no operation \(request.operation)")
        }
        do {
            let inputs = try request.inputs.map(tensor)
            if request.upstream != nil {
                for input in inputs where input.dtype.isFloatingPoint { try input.setRequiresGrad(true) }
            }
            let results = try operation(Call(x: inputs, i: request.integers, n: request.numbers))
            if let upstream = request.upstream { try results[0].backward(gradient: tensor(upstream)) }
            return Reply(results: try results.map(array), gradients: try inputs.map { try $0.grad.map(array) })
        } catch let error as TorchError {
            return Reply(error: error.description)
        }
    }

    private static func tensor(_ array: Array) throws -> Tensor {
        guard let dtype = DType.allCases.first(where: { "\($0)" == array.dtype }) else {
            throw Unknown(description: "no element type \(array.dtype)")
        }
        let tensor = try Tensor(array.values, shape: array.shape).to(dtype)
        guard array.strided == true else { return tensor }
        // Gaps between the elements.
        return try Tensor.concatenate([tensor.unsqueezed(-1), tensor.unsqueezed(-1)], dim: -1)
            .narrow(-1, start: 0, length: 1).reshaped(array.shape)
    }

    private static func array(_ tensor: Tensor) throws -> Array {
        Array(dtype: "\(tensor.dtype)", shape: tensor.shape, values: try tensor.values())
    }

    private static let operations: [String: @Sendable (Call) throws -> [Tensor]] = [
        "add": { [try $0.x[0] + $0.x[1]] },
        "sub": { [try $0.x[0] - $0.x[1]] },
        "mul": { [try $0.x[0] * $0.x[1]] },
        "div": { [try $0.x[0] / ($0.x[1] * $0.x[1] + 1)] },
        "less": { [try $0.x[0] .< $0.x[1]] },
        "add_number": { [try $0.x[0] + $0.n[0]] },
        "mul_number": { [try $0.x[0] * $0.n[0]] },
        "neg": { [try -$0.x[0]] },
        "exp": { [try $0.x[0].exp()] },
        "cos": { [try $0.x[0].cos()] },
        "sin": { [try $0.x[0].sin()] },
        "silu": { [try $0.x[0].silu()] },
        "gelu": { [try $0.x[0].gelu()] },
        "sum_all": { [try $0.x[0].sum()] },
        "clone": { [try $0.x[0].clone()] },
        "to_float32": { [try $0.x[0].to(.float32)] },
        "to_bfloat16": { [try $0.x[0].to(.bfloat16)] },
        "is_finite": { [try Tensor([$0.x[0].isFinite()], shape: [])] },
        "sum": { [try $0.x[0].sum($0.i[0], keepDim: $0.i[1] == 1)] },
        "maximum": { [try $0.x[0].maximum($0.i[0], keepDim: $0.i[1] == 1)] },
        "cumulative_sum": { [try $0.x[0].cumulativeSum($0.i[0])] },
        "argmax": { [try $0.x[0].argmax($0.i[0])] },
        "softmax": { [try $0.x[0].softmax($0.i[0])] },
        "log_softmax": { [try $0.x[0].logSoftmax($0.i[0])] },
        "sorted_descending": {
            let (values, indices) = try $0.x[0].sortedDescending(dim: $0.i[0])
            return [values, indices]
        },
        "unsqueeze": { [try $0.x[0].unsqueezed($0.i[0])] },
        "top_k": {
            let (values, indices) = try $0.x[0].topK($0.i[1], dim: $0.i[0])
            return [values, indices]
        },
        "masked_fill": { [try $0.x[0].maskedFill($0.x[1], $0.n[0])] },
        "matmul": { [try $0.x[0].matmul($0.x[1])] },
        "linear": { [try $0.x[0].linear($0.x[1], bias: $0.x.count > 2 ? $0.x[2] : nil)] },
        "embedding": { [try $0.x[0].embedding($0.x[1])] },
        "rms_norm": { [try $0.x[0].rmsNorm($0.x[1], epsilon: $0.n[0])] },
        "layer_norm": { [try $0.x[0].layerNorm($0.x[1], bias: $0.x[2], epsilon: $0.n[0])] },
        "attention": {
            let mask = $0.x.count > 3 ? try $0.x[3].detached() : nil
            return [try Tensor.attention($0.x[0], $0.x[1], $0.x[2], mask: mask, causal: $0.i[0] == 1, scale: $0.n[0])]
        },
        "reshape": { [try $0.x[0].reshaped($0.i)] },
        "expand": { [try $0.x[0].expanded($0.i)] },
        "transpose": { [try $0.x[0].transposed($0.i[0], $0.i[1])] },
        "narrow": { [try $0.x[0].narrow($0.i[0], start: $0.i[1], length: $0.i[2])] },
        "index_select": { [try $0.x[0].indexSelect($0.i[0], $0.x[1])] },
        "gather": { [try $0.x[0].gather($0.i[0], $0.x[1])] },
        "concatenate": { [try Tensor.concatenate($0.x, dim: $0.i[0])] },
        "put": {
            let result = try $0.x[0].clone()
            try result.put(rows: $0.x[1], columns: $0.x[2], values: $0.x[3])
            return [result]
        },
        "add_in_place": {
            let result = try $0.x[0].clone()
            try result.addInPlace($0.x[1], scale: $0.n[0])
            return [result]
        },
        "total_norm": { [try Tensor([Tensor.totalNorm($0.x)], shape: [])] },
        "adamw": { try adamw($0) },
        "randn": { [try Tensor.randn(Swift.Array($0.i.dropFirst()), seed: UInt64($0.i[0]))] },
    ]

    private static func adamw(_ call: Call) throws -> [Tensor] {
        let parameter = try call.x[0].clone().contiguous()
        let first = try Tensor.zeros(parameter.shape, dtype: parameter.dtype)
        let second = try Tensor.zeros(parameter.shape, dtype: parameter.dtype)
        let copy = try parameter.clone()
        let step = AdamWStep(
            learningRate: call.n[0], beta1: call.n[2], beta2: call.n[3], weightDecay: call.n[1], epsilon: call.n[4])
        for (index, gradient) in call.x.dropFirst().enumerated() {
            try step.apply(
                to: [parameter], gradients: [gradient], firstMoments: [first], secondMoments: [second], copies: [copy],
                step: index + 1)
        }
        return [parameter, first, second]
    }
}

extension DType {
    fileprivate var isFloatingPoint: Bool {
        [.float64, .float32, .bfloat16, .float16].contains(self)
    }
}
