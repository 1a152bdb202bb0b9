// What a graphics card can do, and training steps on it with random weights in a known model's shape. The processor may stand
// in for the card, to try the benchmark itself. ../bench-gpu puts our side and the peers' together.

import Foundation
import LanguageModels
import Lineage
import Torch

enum DeviceBench {
    /// `device-rate DEVICE SIZE`: the rate of products of SIZE × SIZE matrices in bfloat16.
    static func rate(_ arguments: [String]) throws -> [String: Double] {
        let device = try ready(arguments[0])
        let size = Int(arguments[1]) ?? 8192
        return try noGrad {
            let a = try Tensor.randn([size, size], seed: 1, dtype: .bfloat16, device: device)
            let b = try Tensor.randn([size, size], seed: 2, dtype: .bfloat16, device: device)
            // Products in a row, so that the time of starting one is hidden, as it is in a training step.
            let inRow = 10
            let rounds = try (0..<20).map { _ in
                try seconds {
                    for _ in 0..<inRow { _ = try a.matmul(b) }
                    try Library.synchronize(device)
                }
            }
            let best = rounds.min() ?? .infinity
            return ["bf16_gflops": 2 * pow(Double(size), 3) * Double(inRow) / best / 1e9]
        }
    }

    /// `device-train SHAPE.json FOLDER STEPS BATCH RANK DEVICE`: the trainer's steps on the folder's workload, whose teacher
    /// states are random as well.
    static func train(_ arguments: [String]) throws -> [String: Double] {
        let device = try ready(arguments[5])
        let workload = try Workload(arguments[1])
        let decoder = try Decoder(randomWeightsFor: arguments[0], dtype: .bfloat16, device: device, seed: 1)
        let rows = workload.samples.map(\.answer.count).reduce(0, +)
        // On the CPU, as they come out of a run's shards.
        let states_Td = try Tensor.randn([rows, decoder.configuration.hiddenSize], seed: 3, dtype: .bfloat16)
        var figures = try TrainBench.measure(decoder, workload, states_Td: states_Td, Array(arguments[2...4]))
        if device != .cpu { figures["peak_device_mib"] = Double(try Library.peakMemory(device)) / 1_048_576 }
        return figures
    }

    private static func ready(_ name: String) throws -> Device {
        guard let device = Device(name) else { throw NoDevice(name: name) }
        try Library.prepare(device)
        return device
    }

    private struct NoDevice: Error, CustomStringConvertible {
        let name: String
        var description: String { "\(name) is no device: give cpu, cuda or cuda:1" }
    }
}
