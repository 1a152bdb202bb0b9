// A whole decoder with an adapter on a CUDA device, forward and backward, against the same on the CPU. libtorch looks for CUDA
// once in a process, so this happens in a process of its own.

import Foundation
import TestSupport
import Testing
import Torch

@testable import LanguageModels

struct CUDADecoderTests {
    @Test(.enabled(if: isCUDAAtHand, "skipped: no CUDA device and no libtorch_cuda.so here"))
    func statesAndGradientsAreThoseOfTheCPU() async {
        await #expect(processExitsWith: .success) {
            // Before the first tensor.
            try Library.prepare(.cuda(0))
            let files = try TinyModelFolder()
            let sequences = [Array(10..<50), Array(50..<57), Array(60..<90)]
            let places: [Device] = [.cpu, .cuda(0)]
            let outcomes = try places.map { device in
                let model = try LanguageModel(path: files.model.path, dtype: .float32, device: device)
                let adapter = try LoRAAdapter(
                    LoRAConfiguration(rank: 4, alpha: 8), for: model.decoder.configuration, seed: 5, device: device)
                for parameter in adapter.parameters { try parameter.tensor.setRequiresGrad(true) }
                let layout = try PackedSequences(lengths: sequences.map(\.count), for: model.decoder)
                let states_Nd = try model.decoder.hiddenStates(
                    Tensor(sequences.flatMap { $0 }, device: device), positions_N: layout.positions_N,
                    attention: layout, adapter: adapter)
                try (states_Nd * states_Nd).sum().backward()
                let gradients = adapter.parameters.compactMap(\.tensor.grad)
                #expect(!gradients.isEmpty)
                return try ([states_Nd] + gradients).map { try $0.values(as: Double.self) }
            }
            #expect(outcomes[0].count == outcomes[1].count)
            for (wanted, found) in zip(outcomes[0], outcomes[1]) {
                let largest = wanted.map(abs).max() ?? 0
                #expect(zip(wanted, found).allSatisfy { abs($0 - $1) <= 1e-3 * max(1, largest) })
            }
        }
    }

    @Test func randomWeightsHaveTheShapeOfTheFileAndFollowFromTheSeed() throws {
        let files = try TinyModelFolder()
        let file = files.model.appending(path: "config.json").path
        func states(_ seed: UInt64) throws -> [Float] {
            let decoder = try Decoder(randomWeightsFor: file, dtype: .float32, device: .cpu, seed: seed)
            #expect(decoder.head_Vd.shape == [TinyModel.vocabularySize, decoder.configuration.hiddenSize])
            let layout = try PackedSequences(lengths: [5], for: decoder)
            return try noGrad {
                try decoder.hiddenStates(
                    Tensor(Array(1...5)), positions_N: layout.positions_N, attention: layout
                ).values()
            }
        }
        #expect(try states(1) == states(1))
        #expect(try states(1) != states(2))
        #expect(try states(3).allSatisfy(\.isFinite))
    }
}

/// Whether a device and the half of libtorch that computes on it are here. The library is looked for in the folders that the
/// loader searches, and not loaded: it must not be in a process that has computed without it.
private let isCUDAAtHand: Bool = {
    let folders = (ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "").split(separator: ":")
    let hasLibrary = folders.contains { FileManager.default.fileExists(atPath: "\($0)/libtorch_cuda.so") }
    return hasLibrary && ((try? Library.cudaDevices().isEmpty) == false)
}()
