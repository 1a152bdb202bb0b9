// Kernels that are ours against the plain computation: libtorch's operations in float64, forward and backward.

import Foundation
import Testing
import Torch

struct KernelTests {
    /// How far a kernel may be from the plain computation, by what it computes in.
    private static let bounds: [DType: Double] = [.float32: 2e-6, .bfloat16: 1.5e-2]

    /// Output and input gradients of a function of seeded random inputs, its output weighted by other random numbers.
    private func results(
        _ shapes: [[Int]], _ dtype: DType, in wide: DType, _ function: ([Tensor]) throws -> Tensor
    ) throws -> [Tensor] {
        // Rounded to the kernel's type first, so that both start from the same numbers.
        let inputs = try shapes.enumerated().map { place, shape in
            try Tensor.randn(shape, seed: UInt64(place + 1)).to(dtype).to(wide)
        }
        for input in inputs { try input.setRequiresGrad(true) }
        let output = try function(inputs)
        let weights = try Tensor.randn(output.shape, seed: 99).to(dtype).to(wide)
        try output.backward(gradient: weights)
        return try [output.detached()] + inputs.map { try #require($0.grad) }
    }

    private func expectAgreement(
        _ shapes: [[Int]], _ name: String, _ kernel: ([Tensor]) throws -> Tensor, plain: ([Tensor]) throws -> Tensor
    ) throws {
        for (dtype, bound) in KernelTests.bounds {
            let ours = try results(shapes, dtype, in: dtype, kernel)
            let reference = try results(shapes, dtype, in: .float64, plain)
            for (place, (a, b)) in zip(ours, reference).enumerated() {
                let difference = try Tensor.totalNorm([a.to(.float64) - b]) / Tensor.totalNorm([b])
                #expect(difference < bound, "\(name) in \(dtype), result \(place): \(difference)")
            }
        }
    }

    /// Fewer elements than the kernel takes at once, a multiple of that, and more.
    @Test(arguments: [3, 7, 32, 83])
    func rmsNorm(width: Int) throws {
        let weight = try Tensor.randn([width], seed: 50).to(.bfloat16)
        try expectAgreement([[9, width]], "rms_norm") {
            try $0[0].rmsNorm(weight.to($0[0].dtype), epsilon: 1e-5)
        } plain: {
            let normed = try $0[0].rmsNorm(weight.to(.float64), epsilon: 1e-5)
            let square = try ($0[0] * $0[0]).sum(1, keepDim: true).values(as: Double.self)
            let roots = square.map { ($0 / Double(width) + 1e-5).squareRoot() }
            let byHand = try $0[0].detached() / Tensor(roots, shape: [9, 1]) * weight.to(.float64)
            #expect(try Tensor.totalNorm([normed.detached() - byHand]) < 1e-9 * Tensor.totalNorm([byHand]))
            return normed
        }
    }

    @Test(arguments: [1, 16, 5_003])
    func gatedActivation(count: Int) throws {
        try expectAgreement([[3, count], [3, count]], "gated") {
            try $0[0].gated($0[1])
        } plain: {
            try $0[0].silu() * $0[1]
        }
    }

    @Test(arguments: [1, 16, 5_003])
    func gatedActivationByGELU(count: Int) throws {
        try expectAgreement([[3, count], [3, count]], "gated by GELU") {
            try $0[0].gated($0[1], by: .geluTanh)
        } plain: {
            // 1 + tanh(y) = 2 / (1 + e^(-2y))
            let cube = try $0[0] * $0[0] * $0[0]
            let exponent = try ($0[0] + cube * 0.044715) * (-2 * (2 / Double.pi).squareRoot())
            return try $0[0] / (exponent.exp() + 1) * $0[1]
        }
    }

    @Test(arguments: [Activation.silu, .geluTanh])
    func theGateIsRightFarFromZero(activation: Activation) throws {
        let gate = try Tensor([-200 as Float, -90, -20, 0, 20, 90, 200])
        let values: [Float] = try gate.gated(Tensor.full([7], 1), by: activation).values()
        #expect(values[3...] == [0, 20, 90, 200])
        #expect(values[..<3].allSatisfy { abs($0) < 1e-6 })
        let nothing = try Tensor([Float](repeating: .nan, count: 7))
        #expect(try gate.gated(nothing, by: activation).values(as: Float.self).allSatisfy(\.isNaN))
        let one = try Tensor([Float.nan]).gated(Tensor([1 as Float]), by: activation)
        #expect(try one.values(as: Float.self)[0].isNaN)
    }

    @Test(arguments: [5, 48, 1_001], [1, 2.5])
    func divergence(vocabulary: Int, temperature: Double) throws {
        for (dtype, bound) in KernelTests.bounds {
            let teacher = try (Tensor.randn([4, vocabulary], seed: 1) * 6).to(dtype)
            let student = try (Tensor.randn([4, vocabulary], seed: 2) * 6).to(dtype)
            let weights = try Tensor([0.1, 0.4, 0.2, 0.3])
            let ours = try WeightedLoss(
                .forward, teacher: teacher, student: student, weights: weights, temperature: temperature)
            let reference = try WeightedLoss(
                .forward, teacher: teacher.to(.float64), student: student.to(.float64), weights: weights,
                temperature: temperature)
            #expect(abs(ours.value - reference.value) < 1e-5 * reference.value)
            let difference = try Tensor.totalNorm([ours.gradient.to(.float64) - reference.gradient])
            #expect(try difference < bound * Tensor.totalNorm([reference.gradient]))
        }
    }

    /// Values by the formulas in float64, gradients by their differences.
    @Test(arguments: [Divergence.forward, .reverse, .jensenShannon(beta: 0.1), .jensenShannon(beta: 0.7)], [1, 2.5])
    func divergencesAreTheirFormulas(divergence: Divergence, temperature: Double) throws {
        let (rows, width, step) = (3, 9, 1e-5)
        let weights = [0.2, 0.5, 0.3]
        let teacher: [Double] = try (Tensor.randn([rows, width], seed: 1) * 3).to(.float64).values()
        let student: [Double] = try (Tensor.randn([rows, width], seed: 2) * 3).to(.float64).values()
        func softmax(_ logits: ArraySlice<Double>) -> [Double] {
            let powers = logits.map { exp($0 / temperature) }
            return powers.map { $0 / powers.reduce(0, +) }
        }
        func kl(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { $0 * log($0 / $1) }.reduce(0, +) }
        func value(_ student: [Double]) -> Double {
            (0..<rows).map { row in
                let places = (row * width)..<((row + 1) * width)
                let (p, q) = (softmax(teacher[places]), softmax(student[places]))
                switch divergence {
                case .forward: return weights[row] * kl(p, q)
                case .reverse: return weights[row] * kl(q, p)
                case .jensenShannon(let beta):
                    let m = zip(p, q).map { beta * $0 + (1 - beta) * $1 }
                    return weights[row] * (beta * kl(p, m) + (1 - beta) * kl(q, m))
                }
            }.reduce(0, +)
        }
        let slopes = student.indices.map { place in
            var (above, below) = (student, student)
            above[place] += step
            below[place] -= step
            return (value(above) - value(below)) / (2 * step)
        }
        for dtype in [DType.float64, .float32] {
            let bound = dtype == .float64 ? 1e-9 : 1e-5
            let ours = try WeightedLoss(
                divergence, teacher: Tensor(teacher, shape: [rows, width]).to(dtype),
                student: Tensor(student, shape: [rows, width]).to(dtype), weights: Tensor(weights),
                temperature: temperature)
            #expect(abs(ours.value - value(student)) < bound * value(student))
            let gradient: [Double] = try ours.gradient.to(.float64).values()
            #expect(zip(gradient, slopes).allSatisfy { abs($0 - $1) < max(bound, 1e-8) })
        }
    }

    @Test func aDivergenceOfWhatIsNoNumberIsNone() throws {
        let logits = try Tensor.randn([1, 40], seed: 1)
        let broken = try Tensor([Float](repeating: 1, count: 39) + [.nan], shape: [1, 40])
        for (teacher, student) in [(logits, broken), (broken, logits)] {
            let divergence = try WeightedLoss(
                .forward, teacher: teacher, student: student, weights: Tensor([1.0]), temperature: 1)
            #expect(divergence.value.isNaN)
        }
    }

    /// Three tokens that all begin with, two rows of different lengths after them, and one token that belongs to none.
    private func parts(masked: Bool) throws -> [AttentionPart] {
        let beginning = try Tensor([0, 1, 2], shape: [1, 3])
        let hidden = -Float.infinity
        let mask = try Tensor((0..<3).flatMap { q in (0..<6).map { $0 <= q + 3 ? 0 : hidden } }, shape: [3, 6])
        let rows = try Tensor([3, 4, 5, 6, 7, -1], shape: [2, 3])
        let keys = try Tensor([0, 1, 2, 3, 4, 5, 0, 1, 2, 6, 7, -1], shape: [2, 6])
        guard masked else { return [AttentionPart(queries: rows, keys: rows, mask: nil)] }
        let causal = try Tensor((0..<3).flatMap { q in (0..<3).map { $0 <= q ? 0 : hidden } }, shape: [3, 3])
        return [
            AttentionPart(queries: beginning, keys: beginning, mask: causal),
            AttentionPart(queries: rows, keys: keys, mask: mask),
        ]
    }

    private func angles(_ tokens: Int, _ width: Int) throws -> (cosine: Tensor, sine: Tensor) {
        let angles = try Tensor.randn([tokens, width / 2], seed: 70)
        return (try angles.cos(), try angles.sin())
    }

    @Test(arguments: [false, true], [8, 40])
    func packedAttention(masked: Bool, width: Int) throws {
        let parts = try parts(masked: masked)
        let (cosine, sine) = try angles(9, width)
        try expectAgreement([[9, 6, width], [9, 2, width], [9, 2, width]], "packed attention, masked \(masked)") {
            try Tensor.packedAttention(
                $0[0], $0[1], $0[2], cosine: cosine, sine: sine, parts: parts, scale: 0.3)
        } plain: {
            try Tensor.packedAttention(
                $0[0], $0[1], $0[2], cosine: cosine, sine: sine, parts: parts, scale: 0.3)
        }
    }

    /// The padded way of CPUs against the one without padding, which is the other devices' (there by a fused kernel).
    @Test(arguments: [nil, 4])
    func sequenceAttentionIsPackedAttention(window: Int?) throws {
        let width = 8
        let (cosine, sine) = try angles(9, width)
        let beginning = [0, 1, 2]
        let rows = [[3, 4, 5], [6, 7]]
        let sequences = try AttentionSequences(
            [(beginning, beginning)] + rows.map { ($0, beginning + $0) }, window: window, device: .cpu)
        func mask(_ queries: Range<Int>) throws -> Tensor {
            let hides = queries.flatMap { query in
                (0..<queries.upperBound).map { $0 <= query && query - $0 < window ?? .max ? 0 : -Float.infinity }
            }
            return try Tensor(hides, shape: [queries.count, queries.upperBound])
        }
        let first = try Tensor(beginning, shape: [1, 3])
        let padded = [
            AttentionPart(queries: first, keys: first, mask: try mask(0..<3)),
            AttentionPart(
                queries: try Tensor([3, 4, 5, 6, 7, -1], shape: [2, 3]),
                keys: try Tensor([0, 1, 2, 3, 4, 5, 0, 1, 2, 6, 7, -1], shape: [2, 6]), mask: try mask(3..<6)),
        ]
        try expectAgreement([[9, 6, width], [9, 2, width], [9, 2, width]], "sequences, window \(window ?? 0)") {
            try Tensor.packedAttention($0[0], $0[1], $0[2], cosine: cosine, sine: sine, parts: padded, scale: 0.3)
        } plain: {
            try Tensor.sequenceAttention(
                $0[0], $0[1], $0[2], cosine: cosine, sine: sine, sequences: sequences, scale: 0.3)
        }
    }

    /// The plain way of packed attention against attention by hand, token by token.
    @Test func packedAttentionIsSoftmaxOfRotatedProducts() throws {
        let width = 8
        let (cosine, sine) = try angles(9, width)
        let heads = try (0..<3).map { try Tensor.randn([9, 1, width], seed: UInt64($0 + 1)).to(.float64) }
        let ours: [Double] = try Tensor.packedAttention(
            heads[0], heads[1], heads[2], cosine: cosine, sine: sine, parts: parts(masked: true), scale: 0.3
        ).values()
        let (c, s): ([Float], [Float]) = try (cosine.values(), sine.values())
        let values = try heads.map { try $0.values(as: Double.self) }
        func turned(_ x: [Double], _ token: Int) -> [Double] {
            (0..<width).map { place in
                let half = width / 2
                let angle = token * half + place % half
                let other = place < half ? -x[token * width + place + half] : x[token * width + place - half]
                return x[token * width + place] * Double(c[angle]) + other * Double(s[angle])
            }
        }
        let seen = [
            [0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5], [0, 1, 2, 6], [0, 1, 2, 6, 7],
            [],
        ]
        for (token, keys) in seen.enumerated() {
            let query = turned(values[0], token)
            let weights = keys.map { key in
                exp(zip(query, turned(values[1], key)).map { $0 * $1 }.reduce(0, +) * 0.3)
            }
            for place in 0..<width {
                let sum = zip(weights, keys).map { $0 * values[2][$1 * width + place] }.reduce(0, +)
                let wanted = keys.isEmpty ? 0 : sum / weights.reduce(0, +)
                #expect(abs(ours[token * width + place] - wanted) < 1e-6)
            }
        }
    }

    /// One step after another over a cache against packed attention over all tokens at once.
    @Test(arguments: [nil, 2], [false, true])
    func decodeAttention(window: Int?, shared: Bool) throws {
        let (rows, length, width) = (2, 5, 40)
        let prefix = shared ? 3 : 0
        let count = prefix + rows * length
        let (cosine, sine) = try angles(count, width)
        let q = try Tensor.randn([count, 6, width], seed: 1)
        let (k, v) = try (Tensor.randn([count, 2, width], seed: 2), Tensor.randn([count, 2, width], seed: 3))
        func own(_ row: Int) -> [Int] { (0..<length).map { prefix + row * length + $0 } }
        let keys = (0..<rows).flatMap { Array(0..<prefix) + own($0) }
        let mask = (0..<length).flatMap { query in
            (0..<(prefix + length)).map { key -> Float in
                let isSeen = key < prefix || (key - prefix <= query && query - (key - prefix) < window ?? .max)
                return isSeen ? 0 : -.infinity
            }
        }
        let part = AttentionPart(
            queries: try Tensor((0..<rows).flatMap(own), shape: [rows, length]),
            keys: try Tensor(keys, shape: [rows, prefix + length]),
            mask: try Tensor(mask, shape: [length, prefix + length]))
        let whole = try Tensor.packedAttention(q, k, v, cosine: cosine, sine: sine, parts: [part], scale: 0.3)

        let cache = try (keys: Tensor.zeros([rows, 8, 2, width]), values: Tensor.zeros([rows, 8, 2, width]))
        func beginning(_ x: Tensor) throws -> Tensor {
            try x.narrow(0, start: 0, length: prefix).unsqueezed(0).transposed(1, 2).contiguous()
        }
        let common = shared ? (try beginning(k.rotated(cosine: cosine, sine: sine)), try beginning(v)) : nil
        for step in 0..<length {
            let tokens = try Tensor((0..<rows).map { own($0)[step] })
            func now(_ x: Tensor) throws -> Tensor { try x.indexSelect(0, tokens) }
            let out = try Tensor.decodeAttention(
                now(q), now(k), now(v), cosine: now(cosine), sine: now(sine), cache: cache, places: [step, step],
                window: window, prefixes: [(common, 1), (common, 1)], scale: 0.3)
            #expect(try Tensor.totalNorm([out - now(whole)]) < 1e-5 * Tensor.totalNorm([now(whole)]), "step \(step)")
        }
        #expect(throws: TorchError.self, "a place behind the cache") {
            try Tensor.decodeAttention(
                q.narrow(0, start: 0, length: 2), k.narrow(0, start: 0, length: 2), v.narrow(0, start: 0, length: 2),
                cosine: cosine.narrow(0, start: 0, length: 2), sine: sine.narrow(0, start: 0, length: 2), cache: cache,
                places: [0, 8], prefixes: [(nil, 2)], scale: 1)
        }
        #expect(throws: TorchError.self, "prefixes of fewer rows") {
            try Tensor.decodeAttention(
                q.narrow(0, start: 0, length: 2), k.narrow(0, start: 0, length: 2), v.narrow(0, start: 0, length: 2),
                cosine: cosine.narrow(0, start: 0, length: 2), sine: sine.narrow(0, start: 0, length: 2), cache: cache,
                places: [0, 0], prefixes: [(nil, 1)], scale: 1)
        }
    }
}
