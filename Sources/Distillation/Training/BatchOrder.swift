// Which samples each step sees. The order follows from the seed alone, so the place in the data is the step's number. Knows
// numbers of samples, not samples.

import Basics

/// The places of every step's samples: passes over all of them, and beside them passes over all instructions, each pass in an
/// order of its own. How many there are of the one has nothing to do with how many there are of the other.
package struct BatchOrder {
    /// The last batch of an epoch may be short.
    package let stepsPerEpoch: Int
    /// Steps of all epochs.
    package let totalSteps: Int
    private let samplesPerStep: Int
    private let instructionsPerStep: Int
    private var samples: Passes
    private var instructions: Passes

    /// - Parameters:
    ///   - samples: how many there are, instructions aside.
    ///   - instructions: how many of these there are.
    ///   - instructionsPerStep: how many of a full batch are instructions.
    package init(
        samples: Int, instructions: Int = 0, instructionsPerStep: Int = 0, batchSize: Int, epochs: Int, seed: UInt64
    ) {
        samplesPerStep = batchSize - instructionsPerStep
        self.instructionsPerStep = instructions > 0 ? instructionsPerStep : 0
        stepsPerEpoch = (samples + samplesPerStep - 1) / samplesPerStep
        totalSteps = stepsPerEpoch * epochs
        self.samples = Passes(count: samples, seed: seed)
        // Another seed: the same one would pair the same places anew in every pass.
        self.instructions = Passes(count: instructions, seed: seed ^ 0x7265_6775_6C61_7269)
    }

    /// The places of a step's samples and of its instructions, which keep their share where the batch is short.
    package mutating func batch(step: Int) -> (samples: [Int], instructions: [Int]) {
        let (epoch, place) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
        let start = place * samplesPerStep
        let own = samples.pass(epoch)[start..<min(start + samplesPerStep, samples.count)]
        guard instructionsPerStep > 0 else { return (Array(own), []) }
        let inLast = instructionCount(beside: samples.count - (stepsPerEpoch - 1) * samplesPerStep)
        let first = step * instructionsPerStep - epoch * (instructionsPerStep - inLast)
        let held = (first..<(first + instructionCount(beside: own.count))).map { number in
            instructions.pass(number / instructions.count)[number % instructions.count]
        }
        return (Array(own), held)
    }

    private func instructionCount(beside count: Int) -> Int {
        (instructionsPerStep * count + samplesPerStep / 2) / samplesPerStep
    }
}

/// Passes over so many places.
private struct Passes {
    let count: Int
    private let seed: UInt64
    /// The pass that was last asked for: shuffling a million places at every step would take longer than the step.
    private var kept: (number: Int, places: [Int])?

    init(count: Int, seed: UInt64) { (self.count, self.seed) = (count, seed) }

    /// All places in the order of a pass.
    mutating func pass(_ number: Int) -> [Int] {
        if let kept, kept.number == number { return kept.places }
        var random = SplitMix64(seed: seed &+ UInt64(number) &* 0xD134_2543_DE82_EF95)
        let places = Array(0..<count).shuffled(using: &random)
        kept = (number, places)
        return places
    }
}
