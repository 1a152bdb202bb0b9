// Training steps of the product's own trainer over a workload.

import Basics
import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import TestSupport
import Torch

enum TrainBench {
    /// Steps before the clock starts: kernels are prepared and memory is taken in these.
    private static let warmUp = 3

    /// `train MODEL FOLDER STEPS BATCH RANK [recompute]`.
    static func run(_ arguments: [String]) throws -> [String: Double] {
        let model = try LanguageModel(path: arguments[0], dtype: .bfloat16)
        return try measure(
            model.decoder, Workload(arguments[1]), states_Td: Workload.states(arguments[1]), Array(arguments[2...]))
    }

    /// Steps of the trainer on a decoder; the options are STEPS BATCH RANK [recompute].
    static func measure(
        _ decoder: Decoder, _ workload: Workload, states_Td: Tensor, _ options: [String]
    ) throws -> [String: Double] {
        let steps = Int(options[0]) ?? 20
        var settings = TrainingSettings()
        settings.batchSize = Int(options[1]) ?? 4
        settings.rank = Int(options[2]) ?? 64
        settings.recomputesLayers = options.dropFirst(3).first == "recompute"
        settings.learningRate = 1e-3
        settings.checkpointSeconds = 1e9
        settings.epochs = 1 + (steps + warmUp) * settings.batchSize / workload.samples.count
        let samples = try workload.samples.map { sample in
            TrainingSample(
                .answer(ContentKey(of: "sample", String(sample.firstState))), prompt: sample.studentPrompt,
                answer: sample.answer,
                teacher_Td: try states_Td.narrow(0, start: sample.firstState, length: sample.answer.count))
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let fresh = try LoRAAdapter(settings.lora, for: decoder.configuration, seed: 1, device: decoder.device)
        let trainer = try Trainer(
            decoder: decoder, settings: settings, data: TrainingData(training: HeldSamples(samples)), seed: 1,
            from: AdamW(fresh, dtype: decoder.dtype),
            checkpoints: CheckpointFolder(directory: folder, identity: "bench"))
        var reports: [(report: StepReport, at: ContinuousClock.Instant)] = []
        do {
            _ = try trainer.run(
                onStep: { report in
                    reports.append((report, .now))
                    if report.step == steps + warmUp { throw Finished() }
                }, shouldStop: { false })
        } catch is Finished {}
        let timed = reports.dropFirst(warmUp)
        let elapsed = (reports[reports.count - 1].at - reports[warmUp - 1].at) / .seconds(1)
        let trained = Double(timed.count * settings.batchSize)
        let tokens = Double(timed.map(\.report.tokens).reduce(0, +))
        return [
            "samples_per_second": trained / elapsed, "tokens_per_second": tokens / elapsed,
            "seconds_per_step": elapsed / Double(timed.count), "first_loss": reports[0].report.loss,
            "last_loss": reports[reports.count - 1].report.loss,
            "products_gflop": productOperations(
                decoder.configuration, settings, workload, tokens: tokens / Double(timed.count)) / 1e9,
        ]
    }

    /// Floating-point operations of the matrix products of a mean step, attention's left out: the base forward and backward
    /// to its inputs (its weights have no gradient), the adapter's six, and the head at the answer positions for student,
    /// teacher and gradient.
    private static func productOperations(
        _ shape: DecoderConfiguration, _ settings: TrainingSettings, _ workload: Workload, tokens: Double
    ) -> Double {
        let prefix = sharedLength(workload.samples.map(\.studentPrompt))
        let read = tokens - Double((settings.batchSize - 1) * prefix)
        let answers = workload.samples.map { Double($0.answer.count) }.reduce(0, +)
        let predicted = answers / Double(workload.samples.count) * Double(settings.batchSize)
        func adapted(_ projection: Projection, passes: Double, positions: Double) -> Double {
            let (inputs, outputs) = shape.dimensions(of: projection)
            let base = 2 * passes * Double(inputs * outputs)
            return positions * (base + 6 * Double(settings.rank * (inputs + outputs)))
        }
        let layer = Projection.ofLayer.map { adapted($0, passes: 2, positions: read) }.reduce(0, +)
        return Double(shape.layerCount) * layer + adapted(.head, passes: 3, positions: predicted)
    }

    private struct Finished: Error {}
}
