// A share of right answers and how sure one can be of it.

import Foundation

/// So many right out of so many.
public struct Proportion: Sendable, Hashable, Codable {
    public var correct: Int
    public var total: Int

    /// So many right out of so many.
    public init(correct: Int, total: Int) {
        self.correct = correct
        self.total = total
    }

    /// The share; 0 of nothing.
    public var fraction: Double { total == 0 ? 0 : Double(correct) / Double(total) }

    /// The 95 % interval after Wilson (1927), which stays within 0 … 1 and means something for few answers too.
    public var interval: ClosedRange<Double> {
        guard total > 0 else { return 0...1 }
        let z = 1.959963984540054
        let n = Double(total)
        let p = fraction
        let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, centre - half)...min(1, centre + half)
    }
}

extension ClosedRange<Double> {
    /// Low and high, as figures in files have them.
    public var bounds: [Double] { [lowerBound, upperBound] }
}
