// How far two graders agree. Knows verdicts, not how they came about.
import Basics

/// Two graders' verdicts on the replies that both graded.
///
/// A grade that could not be read is a class of its own, so a judge that gives none agrees with nobody but another such.
public struct GraderAgreement: Codable, Sendable, Hashable {
    public let first: String
    public let second: String
    /// The confusion matrix: `counts[i][j]` replies had the i-th verdict from the first and the j-th from the second, in the
    /// order of `Verdict.allCases`: correct, incorrect, unparsed.
    public let counts: [[Int]]
    /// Replies that both graded.
    public let total: Int
    /// The share of replies with the same verdict from both; nil where there are none.
    public let raw: Double?
    /// Cohen's kappa (1960): agreement beyond what their frequencies of verdicts would give by chance, 1 at most. nil where
    /// there are no replies, and where both gave all replies one and the same verdict, which says nothing.
    public let kappa: Double?

    /// The agreement on the replies that are in both.
    public init(
        first: String, second: String, _ firstVerdicts: [ContentKey: Verdict],
        _ secondVerdicts: [ContentKey: Verdict]
    ) {
        (self.first, self.second) = (first, second)
        var pairs: [[Verdict]: Int] = [:]
        for (reply, verdict) in firstVerdicts {
            guard let other = secondVerdicts[reply] else { continue }
            pairs[[verdict, other], default: 0] += 1
        }
        let verdicts = Verdict.allCases
        counts = verdicts.map { row in verdicts.map { column in pairs[[row, column], default: 0] } }
        total = counts.joined().reduce(0, +)
        let same = verdicts.reduce(0) { $0 + pairs[[$1, $1], default: 0] }
        raw = total == 0 ? nil : Double(same) / Double(total)
        kappa = Self.kappa(counts)
    }

    private static func kappa(_ counts: [[Int]]) -> Double? {
        let count = Double(counts.joined().reduce(0, +))
        guard count > 0 else { return nil }
        let raw = Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / count
        let chance = counts.indices.reduce(0.0) { sum, verdict in
            let row = Double(counts[verdict].reduce(0, +))
            let column = Double(counts.reduce(0) { $0 + $1[verdict] })
            return sum + row / count * (column / count)
        }
        return chance < 1 ? (raw - chance) / (1 - chance) : nil
    }
}
