// Which samples each step sees. The order follows from the seed alone, so the place in the data is the step's number.

import Basics
import Generation

struct SampleOrder {
    let sampleCount: Int
    let batchSize: Int
    let epochs: Int
    private let seed: UInt64

    init(sampleCount: Int, batchSize: Int, epochs: Int, seed: UInt64) {
        self.sampleCount = sampleCount
        self.batchSize = batchSize
        self.epochs = epochs
        self.seed = seed
    }

    var stepsPerEpoch: Int { (sampleCount + batchSize - 1) / batchSize }
    var totalSteps: Int { stepsPerEpoch * epochs }

    /// Indices of all samples in the order of an epoch.
    func epoch(_ epoch: Int) -> [Int] {
        var random = SplitMix64(seed: seed &+ UInt64(epoch) &* 0xD134_2543_DE82_EF95)
        return Array(0..<sampleCount).shuffled(using: &random)
    }

    /// Indices of a step's samples, given its epoch's order; the last batch of an epoch may be short.
    func batch(step: Int, in order: [Int]) -> ArraySlice<Int> {
        let start = step % stepsPerEpoch * batchSize
        return order[start..<min(start + batchSize, sampleCount)]
    }
}
