// Training: it learns, it resumes to the bit, and it stops when numbers stop being numbers.

import Foundation
import LanguageModels
import Lineage
import TestSupport
import Testing
import Torch

@testable import Distillation

@Suite struct TrainerTests {
    private let files: TinyModelFolder
    private let model: LanguageModel

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
    }

    private var settings: TrainingSettings {
        var settings = TrainingSettings()
        settings.rank = 4
        settings.batchSize = 3
        settings.epochs = 3
        settings.learningRate = 1e-2
        settings.temperature = 1
        settings.checkpointSeconds = 0
        return settings
    }

    /// Seven samples of different lengths, with the last one for validation, and targets that differ from the base's.
    private func source(poisoned: Int? = nil) -> SampleSource {
        SampleSource(training: 6, validation: 1) { indices in
            try indices.map { index in
                let answer = (0..<(2 + index % 3)).map { 65 + index + $0 }
                let width = self.model.decoder.configuration.hiddenSize
                let value = index == poisoned ? Double.nan : 1
                let teacher = try Tensor.randn([answer.count, width], seed: UInt64(index)) * value
                return TrainingSample(
                    name: "sample \(index)", prompt: [40, 41 + index, 42], answer: answer, teacher_Td: teacher)
            }
        }
    }

    private func trainer(_ folder: String, settings: TrainingSettings? = nil, poisoned: Int? = nil) throws -> Trainer {
        let checkpoints = CheckpointFolder(directory: files.folder.appending(path: folder), identity: "test")
        return try Trainer(
            decoder: model.decoder, settings: settings ?? self.settings, seed: 7, source: source(poisoned: poisoned),
            checkpoints: checkpoints)
    }

    private func numbers(_ adapter: LoRAAdapter) throws -> [[Float]] {
        try adapter.parameters.map { try $0.tensor.detached().values() }
    }

    @Test func theLossFallsAndTheEndOfEveryEpochIsValidated() throws {
        var losses: [Double] = []
        var validated: [Int] = []
        _ = try trainer("a").run(
            onStep: { report in
                losses.append(report.loss)
                if report.validationLoss != nil { validated.append(report.step) }
            }, shouldStop: { false })
        #expect(losses.count == 6)
        #expect(validated == [2, 4, 6])
        #expect(losses.suffix(2).reduce(0, +) < losses.prefix(2).reduce(0, +))
    }

    @Test(arguments: 1..<6)
    func aResumedRunEndsInTheSameBits(stop: Int) throws {
        let whole = try #require(try trainer("whole").run(onStep: { _ in }, shouldStop: { false }))
        var steps = 0
        let stopped = try trainer("cut").run(onStep: { _ in steps += 1 }, shouldStop: { steps == stop })
        #expect(stopped == nil)
        let second = try trainer("cut")
        #expect(second.resumedSteps == stop)
        let resumed = try #require(try second.run(onStep: { _ in }, shouldStop: { false }))
        #expect(try numbers(resumed) == numbers(whole))
    }

    @Test func anUnreadableCheckpointIsPassedOverForTheOneBefore() throws {
        var steps = 0
        _ = try trainer("d").run(onStep: { _ in steps += 1 }, shouldStop: { steps == 3 })
        let newest = try #require(
            CheckpointFolder(directory: files.folder.appending(path: "d"), identity: "test").newest)
        try Data("cut off".utf8).write(to: newest)
        #expect(try trainer("d").resumedSteps == 2)
    }

    @Test func aCheckpointOfAnotherTrainingIsRefused() throws {
        _ = try trainer("e").run(onStep: { _ in }, shouldStop: { true })
        let other = CheckpointFolder(directory: files.folder.appending(path: "e"), identity: "other")
        #expect(throws: TrainingError.self) {
            try Trainer(
                decoder: model.decoder, settings: settings, seed: 7, source: source(), checkpoints: other)
        }
    }

    @Test func gradientsOfPartsAddUpToThoseOfTheBatch() throws {
        var split = settings
        split.maximumTokensPerPass = 8
        let whole = try #require(try trainer("f").run(onStep: { _ in }, shouldStop: { false }))
        let parts = try #require(try trainer("g", settings: split).run(onStep: { _ in }, shouldStop: { false }))
        for (a, b) in try zip(numbers(whole), numbers(parts)) {
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 2e-3 })
        }
    }

    @Test func layersComputedAgainGiveTheSameBits() throws {
        var again = settings
        again.recomputesLayers = true
        let kept = try #require(try trainer("i").run(onStep: { _ in }, shouldStop: { false }))
        let recomputed = try #require(try trainer("j", settings: again).run(onStep: { _ in }, shouldStop: { false }))
        #expect(try numbers(kept) == numbers(recomputed))
    }

    @Test func aLossThatIsNoNumberStopsTheRunAndNamesStepRowsAndCheckpoint() throws {
        var error: TrainingError?
        do {
            _ = try trainer("h", poisoned: 4).run(onStep: { _ in }, shouldStop: { false })
        } catch let caught as TrainingError {
            error = caught
        }
        guard case .notFinite(let quantity, let step, let rows, _) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(quantity == "loss" && step >= 1 && rows.contains("sample 4"))
    }

    @Test func theScheduleRisesThenFallsToZero() {
        let schedule = LearningRateSchedule(peak: 1, warmupSteps: 4, totalSteps: 20)
        let rates = (0..<20).map { schedule.rate(step: $0) }
        #expect(rates.prefix(5).sorted() == Array(rates.prefix(5)) && rates[0] > 0)
        #expect(rates[4] == 1)
        #expect(rates.suffix(16).sorted(by: >) == Array(rates.suffix(16)))
        #expect(rates[19] > 0 && schedule.rate(step: 20) == 0)
    }

    @Test func warmUpIsAShareOrANumberOfSteps() {
        var settings = TrainingSettings()
        settings.warmupFraction = 0.1
        #expect(settings.warmupSteps(of: 50) == 5)
        settings.warmupSteps = 20
        #expect(settings.warmupSteps(of: 50) == 20 && settings.warmupSteps(of: 8) == 8)
    }

    @Test func everyEpochHasEverySampleOnceInAnOrderOfItsOwn() {
        let order = SampleOrder(sampleCount: 10, batchSize: 4, epochs: 2, seed: 3)
        #expect(order.totalSteps == 6)
        #expect(order.epoch(0).sorted() == Array(0..<10))
        #expect(order.epoch(0) != order.epoch(1) && order.epoch(0) == order.epoch(0))
        let steps = (0..<3).flatMap { order.batch(step: $0, in: order.epoch(0)) }
        #expect(steps == order.epoch(0))
    }
}
