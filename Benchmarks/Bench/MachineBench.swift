// What the machine itself can do, and how long a model takes to be ready.

import Foundation
import LanguageModels
import Torch

enum MachineBench {
    /// `machine`: rates of large matrix products and of reading memory.
    static func run(_: [String]) throws -> [String: Double] {
        try noGrad {
            var figures: [String: Double] = ["threads": Double(Library.threads)]
            for (name, type) in [("bf16", DType.bfloat16), ("fp32", .float32)] {
                let size = 1536
                let a = try Tensor.randn([size, size], seed: 1).to(type)
                let b = try Tensor.randn([size, size], seed: 2).to(type)
                let best = try fastest(20) { _ = try a.matmul(b) }
                figures["\(name)_gflops"] = 2 * pow(Double(size), 3) / best / 1e9
            }
            let bytes = 256 << 20
            let large = try Tensor.zeros([bytes / 4])
            figures["read_gb_per_second"] = Double(bytes) / (try fastest(10) { _ = try large.sum(0) }) / 1e9
            return figures
        }
    }

    private static func fastest(_ rounds: Int, _ body: () throws -> Void) rethrows -> Double {
        try (0..<rounds).map { _ in try seconds(body) }.min() ?? .infinity
    }
}

enum LoadBench {
    /// `load MODEL`: until the first logits can be asked for.
    static func run(_ arguments: [String]) throws -> [String: Double] {
        let elapsed = try seconds { _ = try LanguageModel(path: arguments[0], dtype: .bfloat16) }
        return ["seconds": elapsed]
    }
}
