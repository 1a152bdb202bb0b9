// What was forgotten, as a table for people: a row a category, all questions last.

import Basics
import Evaluation
import Foundation
import Lineage
import Store

struct ForgettingTable {
    private let result: Forgetting

    private let base = EvaluationCondition.Subject.base.name
    private let distilled = EvaluationCondition.Subject.distilled.name

    init(_ result: Forgetting) { self.result = result }

    var text: String { result.measures.map(table).joined(separator: "\n\n") }

    private func table(_ measure: Forgetting.Measure) -> String {
        var rows = [["", "questions", base, distilled, "change"]]
        rows += measure.categories.map(cells)
        if measure.categories.count > 1 {
            rows.append(["mean of the categories", "", percent(measure.baseMean), percent(measure.distilledMean), ""])
        }
        rows.append(cells(measure.all, withIntervals: true))
        if measure.all.distilled == nil { rows = rows.map { Array($0.prefix(3)) } }
        let lines = rows.aligned(right: [1])
        return ([caption(measure), ""] + lines + footer(measure.all)).joined(separator: "\n")
    }

    private func cells(_ row: Forgetting.Row) -> [String] { cells(row, withIntervals: false) }

    private func cells(_ row: Forgetting.Row, withIntervals: Bool) -> [String] {
        func figure(_ score: Forgetting.Score?) -> String {
            guard let score else { return "–" }
            let interval = withIntervals ? range(score.interval, "  (%.0f – %.0f)") : ""
            return percent(score.accuracy) + interval
        }
        let change = row.change.map { change in
            points(change.difference) + (withIntervals ? range(change.interval, "  (%+.1f – %+.1f)") : "")
        }
        let name = row.category.replacing("_", with: " ").printable
        return [
            withIntervals ? "all questions" : name, row.base.total.grouped, figure(row.base), figure(row.distilled),
            change ?? "",
        ]
    }

    private func caption(_ measure: Forgetting.Measure) -> String {
        let way =
            switch measure.name {
            case "letter": "by the likelihood of the option's letter"
            case "words": "by the likelihood of the option's words, per token"
            default: "by the letter that the reply names"
            }
        return "Right choices in \(result.questions.grouped) questions, \(way), with 95 % intervals:"
    }

    private func footer(_ all: Forgetting.Row) -> [String] {
        var lines: [String] = []
        if let change = all.change {
            lines.append(
                "  \(change.lost.grouped) questions were right before only, \(change.gained.grouped) after only: "
                    + String(format: "p = %.3f (McNemar's exact test).", change.pValue))
        }
        let scores = [(base, all.base), (distilled, all.distilled)].compactMap { name, score in
            score.flatMap { $0.unparsed > 0 ? "\($0.unparsed.grouped) of \(name)" : nil }
        }
        if !scores.isEmpty {
            lines.append(
                "  No option could be read from these answers, which count as wrong: \(scores.joined(separator: ", "))."
            )
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    private func percent(_ share: Double?) -> String { share.map { String(format: "%5.1f %%", 100 * $0) } ?? "–" }

    private func points(_ share: Double) -> String { String(format: "%+5.1f", 100 * share) }

    private func range(_ bounds: [Double], _ format: String) -> String {
        bounds.count == 2 ? String(format: format, 100 * bounds[0], 100 * bounds[1]) : ""
    }

}
