// Training: it learns, it resumes to the bit, it goes on from another's adapter, it takes the steps that its reducer gives it,
// and it stops when numbers stop being numbers.

import Foundation
import LanguageModels
import Lineage
import TestSupport
import Testing
import Torch

@testable import Distillation

@Suite struct TrainerTests {
    private var tiny: TinyTraining

    init() throws { tiny = try TinyTraining() }

    /// Six samples and one for validation.
    private var data: TrainingData {
        get throws { TrainingData(training: try tiny.samples(0..<6), validation: try tiny.samples(6..<7)) }
    }

    @Test func theLossFallsAndTheEndOfEveryEpochIsValidated() throws {
        let reports = try tiny.reports(data)
        #expect(reports.map(\.step) == Array(1...6))
        #expect(reports.filter { $0.validationLoss != nil }.map(\.step) == [2, 4, 6])
        let losses = reports.map(\.loss)
        #expect(losses.suffix(2).reduce(0, +) < losses.prefix(2).reduce(0, +))
    }

    @Test(arguments: 1..<6)
    func aResumedRunEndsInTheSameBits(stop: Int) throws {
        try tiny.stop(after: stop, "cut", data)
        #expect(try tiny.trainer("cut", data).stepsDone == stop)
        #expect(try tiny.trained("cut", data: data) == tiny.trained("whole", data: data))
    }

    @Test func anUnreadableCheckpointIsPassedOverForTheOneBefore() throws {
        try tiny.stop(after: 3, "d", data)
        let newest = try #require(tiny.checkpoints("d").newest)
        try Data("cut off".utf8).write(to: newest)
        #expect(try tiny.trainer("d", data).stepsDone == 2)
    }

    @Test func aCheckpointOfAnotherTrainingIsRefused() throws {
        try tiny.stop(after: 1, "e", data)
        let other = CheckpointFolder(directory: tiny.files.folder.appending(path: "e"), identity: "other")
        let optimizer = try AdamW(tiny.fresh(), dtype: .float32)
        #expect(throws: TrainingError.self) { try other.restoreNewest(into: optimizer) }
        #expect(optimizer.stepsDone == 0)
    }

    @Test func nothingToLearnFromIsSaid() throws {
        #expect(throws: TrainingError.noSamples) {
            try tiny.trainer("empty", TrainingData(training: HeldSamples([])))
        }
    }

    // MARK: - Where it starts

    /// The loss of the first step is that which the adapter was left with, and what it was read from stays as it is.
    @Test func trainingGoesOnFromAnAdapter() throws {
        var tiny = tiny
        tiny.settings.epochs = 5
        let data = TrainingData(training: try tiny.samples(0..<3), validation: try tiny.samples(0..<3))
        let first = try tiny.trainer("first", data)
        var left: Double?
        let adapter = try #require(
            try first.run(onStep: { left = $0.validationLoss ?? left }, shouldStop: { false }))
        let place = tiny.files.folder.appending(path: "adapter")
        try adapter.write(to: place, base: tiny.model, training: "first")
        let read = try LoRAAdapter(directory: place, base: tiny.model)
        let before = try tiny.numbers(read)

        let losses = try tiny.reports(data, from: read).map(\.loss)
        let expected = try #require(left)
        #expect(abs(losses[0] - expected) < 1e-5 * expected)
        #expect(try losses[0] < 0.9 * tiny.reports(data)[0].loss)
        #expect(losses[4] < losses[0])
        #expect(try tiny.numbers(read) == before)
    }

    @Test func anAdapterOfAnotherShapeIsRefusedWithWhatDiffers() throws {
        var other = tiny
        (other.settings.rank, other.settings.alpha, other.settings.targets) = (2, 8, [.q, .v])
        let adapter = try other.fresh()
        let differences = ["its rank is 2, not 4", "its targets is q_proj v_proj, not "]
        do {
            _ = try tiny.trainer("other", data, from: adapter)
            Issue.record("it was taken")
        } catch TrainingError.otherAdapter(let found) {
            #expect(found.count == 2 && found[0] == differences[0] && found[1].hasPrefix(differences[1]))
        }
    }

    // MARK: - Gradients

    /// What one step on a batch of samples gives the optimizer.
    private func gradients(_ samples: HeldSamples, _ change: (inout TrainingSettings) -> Void) throws -> [Tensor] {
        var tiny = tiny
        tiny.settings.epochs = 1
        change(&tiny.settings)
        var gradients: [Tensor] = []
        let reports = try tiny.reports(TrainingData(training: samples), from: tiny.disturbed()) { sums in
            gradients = try sums.gradients.map { gradient in try gradient.clone() }
        }
        #expect(reports.count == 1)
        return gradients
    }

    private func relativeErrors(_ gradients: [Tensor], of reference: [Tensor]) throws -> [Double] {
        #expect(gradients.count == reference.count)
        return try zip(gradients, reference).map {
            try Tensor.totalNorm([$0 - $1]) / Tensor.totalNorm([$1])
        }
    }

    @Test func gradientsOfPartsAddUpToThoseOfTheBatch() throws {
        let three = try tiny.samples(0..<3)
        #expect(three.samples(at: [0, 1, 2], step: 0, student: nil).parts(maximumTokens: 8).count == 3)
        let whole = try gradients(three) { _ in }
        let parts = try gradients(three) { $0.maximumTokensPerPass = 8 }
        #expect(try relativeErrors(parts, of: whole).allSatisfy { $0 < 1e-5 })
        let others = try gradients(tiny.samples(1..<4)) { _ in }
        #expect(try relativeErrors(others, of: whole).allSatisfy { $0 > 1e-2 })
    }

    @Test func layersComputedAgainGiveTheSameBits() throws {
        var again = tiny
        again.settings.recomputesLayers = true
        #expect(try again.trained(data: data) == tiny.trained(data: data))
    }

    /// Once a step, with a gradient for every factor, and what it makes of them is what the step takes.
    @Test func theReducerDecidesTheStep() throws {
        var steps: [BatchSums] = []
        let whole = try tiny.trainer("one", data) { sums in
            steps.append(sums)
            steps[steps.count - 1].gradients = try sums.gradients.map { gradient in try gradient.clone() }
        }
        let shapes = whole.adapter.parameters.map(\.tensor.shape)
        let expected = try #require(try whole.run(onStep: { _ in }, shouldStop: { false }))
        #expect(steps.count == 6)
        #expect(steps.allSatisfy { $0.gradients.map(\.shape) == shapes && $0.tokens > 0 })

        let others = TrainingData(training: try tiny.samples(10..<16))
        var calls = 0
        var losses: [Double] = []
        let led = try tiny.trainer("other", others) { sums in
            sums = steps[calls]
            calls += 1
        }
        let adapter = try #require(try led.run(onStep: { losses.append($0.loss) }, shouldStop: { false }))
        #expect(losses == steps.map(\.loss))
        #expect(try tiny.numbers(adapter) == tiny.numbers(expected))
        #expect(try tiny.trained(data: others) != tiny.numbers(expected))
    }

    @Test func aLossThatIsNoNumberStopsTheRunAndNamesStepRowsAndCheckpoint() throws {
        var samples = try (0..<6).map { try tiny.sample($0) }
        samples[4] = try tiny.sample(4, .broken)
        var order = BatchOrder(samples: 6, batchSize: 3, epochs: 1, seed: 7)
        let broken = order.batch(step: 0).samples.contains(4) ? 1 : 2
        do {
            _ = try tiny.reports(TrainingData(training: HeldSamples(samples)))
            Issue.record("it went on")
        } catch TrainingError.notFinite(let quantity, let step, let rows, let checkpoint) {
            #expect(quantity == "loss" && step == broken && rows.contains(.answer(tiny.key(4))))
            #expect((checkpoint == nil) == (broken == 1))
        }
    }

    // MARK: - Numbers of steps

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
}
