// Which samples are trained on and which are kept for validation. Knows nothing of what a sample is.

import Basics

/// Samples in a fixed order that a seed gives: neighbours, which are often of one document, are spread over both.
struct SampleSplit<Sample> {
    private(set) var training: [Sample]
    let validation: [Sample]

    /// - Parameters:
    ///   - samples: all of them; one at least is trained on.
    ///   - fraction: share of them that is kept for validation.
    ///   - seed: of the order.
    init(_ samples: [Sample], validationFraction fraction: Double, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let shuffled = samples.shuffled(using: &random)
        let wanted = Int((fraction * Double(shuffled.count)).rounded())
        let count = shuffled.count - min(wanted, max(0, shuffled.count - 1))
        training = Array(shuffled[..<count])
        validation = Array(shuffled[count...])
    }

    /// Trains on some of the training samples only, in the same order. Validation stays as it is: trainings on parts of the same
    /// samples share their validation samples, and none of them trains on one.
    mutating func train(onlyOn isChosen: (Sample) -> Bool) { training.removeAll { !isChosen($0) } }
}
