// What the graders of a run made of its replies, as tables for people.

import Algorithms
import Basics
import Evaluation
import Foundation
import Pipeline
import Statistics
import Store

struct GradeTable {
    private let summary: GradeSummary

    init(_ summary: GradeSummary) { self.summary = summary }

    var text: String {
        let matrices = summary.agreements.flatMap { [""] + matrix($0) }
        return (scores + matrices).map(\.printable).joined(separator: "\n")
    }

    /// A row a condition, a column a grader.
    private var scores: [String] {
        let graders = summary.scores.map(\.grader).uniqued()
        let rows = summary.scores.map(\.condition).uniqued().map { condition in
            [condition]
                + graders.map { grader in
                    summary.scores.first { $0.grader == grader && $0.condition == condition }.map(cell) ?? "–"
                }
        }
        return ["Right answers by each grader, with 95 % intervals:", ""] + ([[""] + Array(graders)] + rows).aligned()
    }

    private func cell(_ score: GradeSummary.Score) -> String {
        let share = Double(score.correct) / Double(score.total)
        let unparsed = score.unparsed == 0 ? "" : ", \(score.unparsed.grouped) unparsed"
        return share.percentage(score.interval) + "  of \(score.total.grouped)\(unparsed)"
    }

    /// The first grader's verdicts downwards, the second's across.
    private func matrix(_ agreement: GraderAgreement) -> [String] {
        let raw = agreement.raw.map { String(format: "agree on %.1f %%", 100 * $0) } ?? ""
        let kappa = agreement.kappa.map { String(format: "Cohen's kappa %.2f", $0) }
        let caption =
            "\(agreement.first) and \(agreement.second) \(raw) of \(agreement.total.grouped) replies, "
            + "\(kappa ?? "Cohen's kappa is not defined: both gave one verdict throughout"):"
        let verdicts = Verdict.allCases.map(\.rawValue)
        let header = [agreement.first] + verdicts.map { "\($0) (\(agreement.second))" }
        let rows = zip(verdicts, agreement.counts).map { [$0] + $1.map(\.grouped) }
        return [caption, ""] + ([header] + rows).aligned()
    }
}
