// A figure that was measured with several seeds. Knows numbers, not what they measure.

/// The mean over seeds and how far it may lie from that of infinitely many, as in the paper's tables: mean ± 2 standard errors
/// (section 4.4), from three seeds there.
///
/// It tells of the randomness of questions, answers and training. Which held-out questions were asked is the same for every
/// seed, so that they might have been others is not in it; ``Proportion/interval`` and ``PairedBootstrap`` tell of that.
public struct SeedMean: Codable, Sendable, Hashable {
    /// The mean over the seeds.
    public let mean: Double
    /// The standard error of the mean: the seeds' standard deviation, with n − 1 in its denominator, over √n. nil for one seed,
    /// which says nothing of the others.
    public let standardError: Double?
    public let seeds: Int

    /// The mean of one value a seed; nil of no values.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        standardError = values.count > 1 ? (squares / (count - 1) / count).squareRoot() : nil
        seeds = values.count
    }

    /// Mean ± 2 standard errors; nil for one seed.
    public var interval: ClosedRange<Double>? {
        standardError.map { mean - 2 * $0...mean + 2 * $0 }
    }
}
