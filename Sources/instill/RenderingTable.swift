// What a run came to, as a small table for people.

import Basics
import Foundation
import Lineage
import Pipeline

struct SummaryTable {
    private let summary: RunSummary
    private let output: String

    init(_ summary: RunSummary, output: String) { (self.summary, self.output) = (summary, output) }

    var text: String { (scores + [""] + counts + [""] + next).joined(separator: "\n") }

    private var scores: [String] {
        guard summary.heldOut > 0 else { return ["Nothing was asked: there are no held-out questions."] }
        let header = ["", "closed book"] + retrievers + ["with the document"]
        let rows = [row(.base, summary.base), row(.distilled, summary.distilled)]
        let caption = "Right answers to \(summary.heldOut.grouped) held-out questions, with 95 % intervals:"
        return [caption, ""] + ([header] + rows).aligned() + substring + recall + repeating
    }

    /// The same by the paper's measure, beside which its figures can be held.
    private var substring: [String] {
        let subjects: [(EvaluationCondition.Subject, RunSummary.Scores)] = [
            (.base, summary.base), (.distilled, summary.distilled),
        ]
        let shares = subjects.map { subject, scores in
            let books = [EvaluationCondition.Book.closed.name] + retrievers + [EvaluationCondition.Book.oracle.name]
            return [subject.name] + books.map { cell(scores.substring?[$0], nil) }
        }
        guard summary.base.substring != nil else { return [] }
        return ["", "By the paper's substring match, which takes parts of words too:", ""] + shares.aligned()
    }

    private var repeating: [String] {
        let found = [("base", summary.base), ("distilled", summary.distilled)].flatMap { name, scores in
            (scores.repeating ?? [:]).sorted { $0.key < $1.key }.map { "\(name) \($0.key) \($0.value.grouped)" }
        }
        return found.isEmpty
            ? [] : ["", "Replies that say one thing over and over until their limit: \(found.joined(separator: ", "))"]
    }

    private var retrievers: [String] { (summary.base.retrieved ?? [:]).keys.sorted() }

    private func row(_ subject: EvaluationCondition.Subject, _ scores: RunSummary.Scores) -> [String] {
        let retrieved = retrievers.map { scores.retrieved?[$0] }.map { cell($0?.share, $0?.interval) }
        return [subject.name, cell(scores.closedBook, scores.closedBookInterval)] + retrieved
            + [cell(scores.oracle, scores.oracleInterval)]
    }

    /// How good the retrievers are, whoever reads what they found.
    private var recall: [String] {
        let found = retrievers.compactMap { name in
            summary.base.retrieved?[name]?.recall.map { "\(name) \(String(format: "%.0f", 100 * $0)) %" }
        }
        return found.isEmpty ? [] : ["", "The question's own document was retrieved: \(found.joined(separator: ", "))"]
    }

    private func cell(_ share: Double?, _ interval: [Double]?) -> String {
        share.map { $0.percentage(interval) } ?? "–"
    }

    private var counts: [String] {
        let seconds = summary.seconds
        let times: [(String, Double?)] = [
            ("questions", seconds.questions), ("answers", seconds.answers), ("regularise", seconds.regularise),
            ("train", seconds.train), ("evaluate", seconds.evaluate),
        ]
        var made = "\(summary.documents.grouped) documents"
        if summary.questions > 0 {
            made += ", \(summary.questions.grouped) questions"
            made += ", \(summary.answers.grouped) answers of \(summary.answerTokens.grouped) tokens"
            if let repeating = summary.answersRepeating {
                made += " (\(repeating.grouped) that repeat themselves left out)"
            }
        }
        let spent = times.compactMap { name, seconds in seconds.map { "\(name) \(String(format: "%.0f", $0)) s" } }
            .joined(separator: ", ")
        return ["Made    \(made)", "Time    \(spent)", "Preset  \(summary.preset.rawValue)"]
    }

    private var next: [String] {
        let folder = RunFolder(URL(fileURLWithPath: output, isDirectory: true))
        let run = output.relativeToWorkingDirectory
        return [
            "Adapter  \(folder.adapter.path.relativeToWorkingDirectory)",
            "Figures  \(folder.summary.path.relativeToWorkingDirectory), "
                + "every reply in \(folder.replies.path.relativeToWorkingDirectory)",
            "Try it   \(Installation.command) chat --output \(run.shellQuoted)",
        ].map(\.printable)
    }
}

extension Double {
    /// A share as "49.0 %  (39 – 59)".
    func percentage(_ interval: [Double]?) -> String {
        let figure = String(format: "%5.1f %%", 100 * self)
        guard let interval, interval.count == 2 else { return figure }
        return figure + String(format: "  (%.0f – %.0f)", 100 * interval[0], 100 * interval[1])
    }
}

extension [[String]] {
    /// Rows of as many cells each as lines with their columns below each other, some of them at their right edge.
    func aligned(right: Set<Int> = []) -> [String] {
        let widths = (first ?? []).indices.map { column in map { $0[column].columnCount }.max() ?? 0 }
        return map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                right.contains(column)
                    ? String(repeating: " ", count: cell.1 - cell.0.columnCount) + cell.0 : cell.0.padded(to: cell.1)
            }
            let line = "  " + cells.joined(separator: "   ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension String {
    /// The text as a shell reads it as one word.
    var shellQuoted: String {
        let plain = allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+=:@%,".contains($0)) }
        return plain && !isEmpty ? self : "'\(replacingOccurrences(of: "'", with: "'\\''"))'"
    }
}
