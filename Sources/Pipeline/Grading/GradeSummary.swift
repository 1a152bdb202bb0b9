// What all graders of a run made of its replies, for people and for scripts.

import Evaluation
import Lineage
import Statistics
import Store

/// Right answers by grader and condition, and how far the graders agree.
public struct GradeSummary: Codable, Sendable, Hashable {
    /// One grader's verdicts under one condition.
    public struct Score: Codable, Sendable, Hashable {
        public let grader: String
        /// How the questions were asked, say "distilled.closed_book".
        public let condition: String
        public let correct: Int
        /// Replies that the grader has graded; a person may have graded some of them only.
        public let total: Int
        /// Replies of these whose grade could not be read. They are in the total and not among the right ones.
        public let unparsed: Int
        /// The 95 % interval of the share of right answers (Wilson), low and high.
        public let interval: [Double]
    }

    /// By condition, then by grader.
    public let scores: [Score]
    /// Of every two graders who have graded the same replies, over all conditions.
    public let agreements: [GraderAgreement]

    /// What the store of a run has.
    public init(store: RunStore) throws {
        let grades = try store.gradesByGrader()
        let graders = Self.ordered(grades.keys)
        scores = try store.newestReplies().flatMap { newest in
            let replies = try store.replies(recipe: newest.recipe, condition: newest.condition).map(\.id)
            return graders.compactMap { grader in
                Score(grader, newest.condition.name, replies.compactMap { grades[grader]?[$0]?.verdict })
            }
        }
        let verdicts = grades.mapValues { $0.mapValues(\.verdict) }
        agreements = graders.indices.flatMap { place in
            graders[(place + 1)...].map { other in
                GraderAgreement(
                    first: graders[place], second: other, verdicts[graders[place]] ?? [:], verdicts[other] ?? [:])
            }
        }.filter { $0.total > 0 }
    }

    /// Graders by name, but those that every evaluation has first.
    private static func ordered(_ graders: some Collection<String>) -> [String] {
        GraderName.ofText.filter(graders.contains) + graders.filter { !GraderName.ofText.contains($0) }.sorted()
    }
}

extension GradeSummary.Score {
    /// nil of no verdicts.
    fileprivate init?(_ grader: String, _ condition: String, _ verdicts: [Verdict]) {
        guard !verdicts.isEmpty else { return nil }
        let share = Proportion(correct: verdicts.count { $0 == .correct }, total: verdicts.count)
        self.init(
            grader: grader, condition: condition, correct: share.correct, total: share.total,
            unparsed: verdicts.count { $0 == .unparsed },
            interval: share.interval.bounds)
    }
}
