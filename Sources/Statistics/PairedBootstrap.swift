// Is one method better than another on the same questions? Resamples the questions. Knows scores, not models.

import Basics

/// The difference of two methods on the same questions, by the paired bootstrap (Efron & Tibshirani, An Introduction to the
/// Bootstrap, 1993, section 13.3): questions are drawn with replacement, each with what both methods made of it.
///
/// A question's score is its mean over a method's seeds, so the interval tells of other questions and not of other seeds; for
/// those see ``SeedMean``.
public struct PairedBootstrap: Codable, Sendable, Hashable {
    /// Mean score of the first method less that of the second.
    public let difference: Double
    /// The percentile interval of the difference.
    public let interval: ClosedRange<Double>
    /// The share of resamples in which the first method is not better, ties included: near 0 where it surely is.
    public let shareNotBetter: Double
    /// How many questions were scored.
    public let questions: Int
    /// How many times they were drawn.
    public let resamples: Int

    /// Compares two methods.
    /// - Parameters:
    ///   - first: one list of scores a seed, in the order of the questions; 1 for a right answer, 0 for a wrong one.
    ///   - second: as many scores a seed, of the same questions in the same order. The number of seeds may be another.
    ///   - resamples: how many times the questions are drawn.
    ///   - confidence: the probability that the interval is to hold, 0.95 for one of 95 %.
    ///   - seed: everything random follows from it.
    public init(
        _ first: [[Double]], against second: [[Double]], resamples: Int = 10_000, confidence: Double = 0.95,
        seed: UInt64
    ) throws(StatisticsError) {
        let counts = Set((first + second).map(\.count))
        guard !first.isEmpty, !second.isEmpty, let count = counts.first, count > 0 else { throw .nothingToCompare }
        guard counts.count == 1 else { throw .unequalCounts(counts.sorted()) }
        guard resamples > 0 else { throw .outOfRange(name: "resamples", value: "\(resamples)", need: "1 or more") }
        guard confidence > 0, confidence < 1 else {
            throw .outOfRange(name: "confidence", value: "\(confidence)", need: "between 0 and 1")
        }
        // Scaled by both numbers of seeds, differences of right and wrong are whole numbers, and a tie is exactly 0.
        let scaled = (0..<count).map { question in
            let sums = [first, second].map { $0.reduce(0) { $0 + $1[question] } }
            return sums[0] * Double(second.count) - sums[1] * Double(first.count)
        }
        let scale = Double(first.count * second.count * count)
        let sums = Self.resampledSums(scaled, resamples, seed).sorted()
        let tail = (1 - confidence) / 2
        difference = scaled.reduce(0, +) / scale
        interval = Self.quantile(sums, tail) / scale...Self.quantile(sums, 1 - tail) / scale
        shareNotBetter = Double(sums.count { $0 <= 0 }) / Double(resamples)
        questions = count
        self.resamples = resamples
    }

    private static func resampledSums(_ scores: [Double], _ resamples: Int, _ seed: UInt64) -> [Double] {
        var random = SplitMix64(seed: seed)
        return (0..<resamples).map { _ in
            scores.indices.reduce(0) { sum, _ in
                // The high half of the product is even over the questions, but for 1 part in 2⁶⁴ / count.
                sum + scores[Int(random.next().multipliedFullWidth(by: UInt64(scores.count)).high)]
            }
        }
    }

    /// Linear interpolation between the two nearest values, as NumPy's `quantile` and scipy's `bootstrap` have it.
    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = Int(place.rounded(.down))
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}

/// A comparison that cannot be made, as data; the wording is here and nowhere else.
public enum StatisticsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No scores at all.
    case nothingToCompare
    /// Lists of scores of different lengths.
    case unequalCounts([Int])
    /// A number that cannot be.
    case outOfRange(name: String, value: String, need: String)

    /// One sentence for a person.
    public var description: String {
        switch self {
        case .nothingToCompare: "There are no scores to compare: both methods need at least one question and one seed."
        case .unequalCounts(let counts):
            "The methods answered different numbers of questions (\(counts.map(String.init).joined(separator: ", "))); "
                + "compare them on the same ones."
        case .outOfRange(let name, let value, let need): "\(name) is \(value); it must be \(need)."
        }
    }
}
