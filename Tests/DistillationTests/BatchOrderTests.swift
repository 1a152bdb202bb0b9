// Which samples and which instructions stand in each batch.

import Lineage
import Testing

@testable import Distillation

@Suite struct BatchOrderTests {
    /// Three samples a step.
    private func order(samples: Int, instructions: Int = 0, perStep: Int = 2, seed: UInt64 = 3) -> BatchOrder {
        BatchOrder(
            samples: samples, instructions: instructions, instructionsPerStep: perStep, batchSize: 3 + perStep,
            epochs: 2, seed: seed)
    }

    @Test func everyEpochHasEverySampleOnceInAnOrderOfItsOwn() {
        var order = order(samples: 10)
        #expect(order.stepsPerEpoch == 4 && order.totalSteps == 8)
        let steps = (0..<8).map { order.batch(step: $0).samples }
        #expect(steps.map(\.count) == [3, 3, 3, 1, 3, 3, 3, 1])
        let (first, second) = (steps.prefix(4).flatMap { $0 }, steps.suffix(4).flatMap { $0 })
        #expect(first.sorted() == Array(0..<10) && second.sorted() == Array(0..<10))
        #expect(first != second)
        #expect((0..<8).allSatisfy { order.batch(step: $0).instructions.isEmpty })
    }

    @Test func everyPassHasEveryInstructionOnce() {
        var order = order(samples: 30, instructions: 10)
        let first = (0..<5).flatMap { order.batch(step: $0).instructions }
        let second = (5..<10).flatMap { order.batch(step: $0).instructions }
        #expect(first.sorted() == Array(0..<10) && second.sorted() == Array(0..<10))
        #expect(first != second)
    }

    @Test func aStepsBatchFollowsFromItsNumberAndTheSeedAlone() {
        func all(_ steps: some Sequence<Int>, seed: UInt64) -> [Int: [[Int]]] {
            var order = order(samples: 8, instructions: 5, seed: seed)
            return Dictionary(
                uniqueKeysWithValues: steps.map { step in
                    let batch = order.batch(step: step)
                    return (step, [batch.samples, batch.instructions])
                })
        }
        #expect(all(0..<6, seed: 3) == all((0..<6).reversed(), seed: 3))
        #expect(all(0..<6, seed: 3) != all(0..<6, seed: 4))
    }

    /// Seven samples in batches of three: the last batch of an epoch has one, which wants one beside it.
    @Test func aShortBatchKeepsItsShare() {
        var three = order(samples: 9, instructions: 100, perStep: 3)
        #expect((0..<6).map { three.batch(step: $0).instructions.count } == [3, 3, 3, 3, 3, 3])
        var short = order(samples: 7, instructions: 100, perStep: 3)
        #expect((0..<6).map { short.batch(step: $0).instructions.count } == [3, 3, 1, 3, 3, 1])
        #expect(Set((0..<6).flatMap { short.batch(step: $0).instructions }).count == 14)
    }

    @Test func theShareIsOfTheBatch() {
        var settings = RegularisationSettings()
        var training = TrainingSettings()
        (settings.share, training.batchSize, training.epochs) = (0.5, 4, 3)
        #expect(settings.perStep(batchSize: 4) == 2)
        #expect(settings.wanted(samples: 11, training: training) == 6 * 3 * 2)
        settings.share = 0.25
        #expect(settings.perStep(batchSize: 4) == 1 && settings.perStep(batchSize: 32) == 8)
        settings.share = 0
        #expect(settings.wanted(samples: 11, training: training) == 0)
    }
}
