// Two models on the same questions: how far their shares of right answers lie apart, and how sure one can be of it. Knows
// counts alone.

import Foundation

/// The questions on which two models differ.
public struct PairedProportions: Sendable, Hashable {
    /// Questions that the first alone has right.
    public let onlyFirst: Int
    /// Questions that the second alone has right.
    public let onlySecond: Int
    public let total: Int

    /// Counts of a comparison.
    public init(onlyFirst: Int, onlySecond: Int, total: Int) {
        (self.onlyFirst, self.onlySecond, self.total) = (onlyFirst, onlySecond, total)
    }

    /// Counts of which questions each has right, in the same order.
    public init(_ first: [Bool], _ second: [Bool]) {
        let pairs = zip(first, second)
        self.init(
            onlyFirst: pairs.count { $0 && !$1 }, onlySecond: pairs.count { !$0 && $1 }, total: first.count)
    }

    /// The second's share less the first's; 0 of nothing.
    public var difference: Double { total == 0 ? 0 : Double(onlySecond - onlyFirst) / Double(total) }

    /// The 95 % interval of the difference after Bonett and Price (2012): Wald's with a question more on either side, which
    /// holds its level for few differing questions too.
    public var interval: ClosedRange<Double> {
        let n = Double(total) + 2
        let (first, second) = ((Double(onlyFirst) + 1) / n, (Double(onlySecond) + 1) / n)
        let centre = second - first
        let half = 1.959963984540054 * ((first + second - centre * centre) / n).squareRoot()
        return max(-1, centre - half)...min(1, centre + half)
    }

    /// McNemar's exact test: how probable a split at least as uneven is if neither model is better; two-sided.
    public var pValue: Double {
        let differing = onlyFirst + onlySecond
        guard differing > 0 else { return 1 }
        let n = Double(differing)
        var tail = 0.0
        for count in 0...min(onlyFirst, onlySecond) {
            let k = Double(count)
            let logBinomial: Double = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
            tail += exp(logBinomial - n * log(2))
        }
        return min(1, 2 * tail)
    }
}
