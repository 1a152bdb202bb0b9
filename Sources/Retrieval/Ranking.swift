// From scores to rankings, and how good those are. Knows keys and numbers, not where the scores come from.

import Basics
import Store

/// A document as a retriever ranks it.
public struct RankedDocument: Sendable, Hashable, Codable {
    public let id: ContentKey
    /// How well it fits the question; of one method's scores the higher is the better.
    public let score: Double

    /// A document and its score.
    public init(id: ContentKey, score: Double) {
        self.id = id
        self.score = score
    }
}

/// Rankings of documents, the best first.
public enum Ranking {
    /// The places of the `count` highest scores; of equal ones the earlier comes first.
    public static func best(_ scores: [Double], count: Int) -> [Int] {
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        return Array(order.prefix(count))
    }

    /// Recall@k: how many questions have their own document among the first k of their ranking, of how many that have one.
    /// - Parameters:
    ///   - k: how many documents of a ranking count.
    ///   - rankings: a ranking a question.
    ///   - own: each question's own document; nil where none is known.
    public static func recall(
        at k: Int, _ rankings: [[RankedDocument]], own: [ContentKey?]
    ) -> (found: Int, asked: Int) {
        precondition(rankings.count == own.count, "a document for each ranking")
        var (found, asked) = (0, 0)
        for case (let ranking, let own?) in zip(rankings, own) {
            asked += 1
            if ranking.prefix(k).contains(where: { $0.id == own }) { found += 1 }
        }
        return (found, asked)
    }
}
