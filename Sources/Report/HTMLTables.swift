// The report's tables as HTML, which need no script. Knows no files.

import Algorithms
import Basics
import Foundation
import Lineage

extension ComparisonReport {
    func label(method name: String) -> String { methods.first { $0.name == name }?.label ?? name }
    func label(condition name: String) -> String { conditions.first { $0.name == name }?.label ?? name }

    /// A method at the head of a row; a script puts its colour before it.
    func head(_ method: String, note: String? = nil) -> HTML {
        let small: HTML? = note.map { "<small>\($0)</small>" }
        return "<span data-method=\"\(method)\">\(label(method: method))</span>\(small ?? "")"
    }

    // MARK: - Comparison

    /// One table a grader and data set; the first is open, the others unfold.
    var comparisonTables: [HTML] {
        let datasets = accuracies.map(\.dataset).uniqued()
        let tables = graders.flatMap { grader in
            datasets.compactMap { dataset in
                let rows = accuracies.filter { $0.grader == grader && $0.dataset == dataset }
                return rows.isEmpty ? nil : (name: Self.name(grader, dataset), table: comparisonTable(rows))
            }
        }
        return tables.enumerated().map { place, table in
            place == 0 ? table.table : "<details><summary>\(table.name)</summary>\(table.table)</details>"
        }
    }

    private static func name(_ grader: String, _ dataset: String?) -> String {
        (grader == GraderName.substring ? "Graded by the paper’s substring" : "Graded by \(grader)")
            + (dataset.map { ", \($0)" } ?? "")
    }

    private func comparisonTable(_ rows: [Accuracy]) -> HTML {
        let columns = conditions.filter { condition in rows.contains { $0.condition == condition.name } }
        let best = columns.map { column in
            rows.filter { $0.condition == column.name }.map(\.share.value).max() ?? 0
        }
        let body = methods.compactMap { method -> (head: HTML, cells: [HTML])? in
            let own = rows.filter { $0.method == method.name }
            guard !own.isEmpty else { return nil }
            let cells = zip(columns, best).map { column, best in
                Self.cell(own.first { $0.condition == column.name }, best: best)
            }
            let seeds = own.map(\.ofSeeds.count).max() ?? 1
            return (head(method.name, note: seeds > 1 ? "\(seeds) seeds" : nil), cells)
        }
        let questions = rows.map(\.questions).max() ?? 0
        let seeds = rows.map(\.ofSeeds.count).max() ?? 1
        let intervals =
            seeds > 1 ? "mean of the seeds ± 2 standard errors; with one seed, 95 % after Wilson" : "95 % after Wilson"
        let name = rows.first.map { Self.name($0.grader, $0.dataset) } ?? ""
        return .table(
            caption: """
                Right answers to \(questions.grouped) held-out questions, %. \(name); intervals: \(intervals); mean words of a \
                reply.
                """,
            head: ["Method"] + columns.map(\.label), rows: body)
    }

    private static func cell(_ accuracy: Accuracy?, best: Double) -> HTML {
        guard let accuracy else { return "<td>–</td>" }
        return .cell(
            accuracy.share.percent, note: accuracy.share.interval,
            "\(Int(accuracy.words.rounded()).grouped) words",
            accuracy.unparsed > 0 ? "\(accuracy.unparsed) unparsed" : nil,
            accuracy.repeating > 0 ? "\(accuracy.repeating) without end" : nil,
            isStrong: accuracy.share.value == best && best > 0)
    }

    // MARK: - The other sections

    var coverageTable: HTML {
        .table(
            caption: "Sentences of the documents that a training question reaches.",
            head: ["Method", "Sentences", "Reached", "Share"],
            rows: coverage.map { row in
                let share = Estimate(Double(row.reached) / Double(max(1, row.sentences)))
                let missed = row.examples.map { "<li dir=\"auto\">\($0)</li>" as HTML }
                let examples: HTML =
                    missed.isEmpty
                    ? "" : "<details><summary>Some that no question reaches</summary><ul>\(missed)</ul></details>"
                return (
                    "\(head(row.method))\(examples)",
                    [.cell(row.sentences.grouped), .cell(row.reached.grouped), .cell(share.percent)]
                )
            })
    }

    /// All questions first; the categories fold away where they are many: MMLU has 57.
    var forgettingContent: HTML {
        let categories = Array(forgetting.map(\.category).uniqued())
        let plot: HTML = "<div data-plot=\"forgetting\"></div>"
        guard categories.count > 12 else { return "\(plot)\(forgettingTable(categories))" }
        let summary: HTML = "<summary>By category (\(categories.count - 1))</summary>"
        return """
            \(forgettingTable(Array(categories.prefix(1))))
            <details>\(summary)\(plot)\(forgettingTable(Array(categories.dropFirst())))</details>
            """
    }

    private func forgettingTable(_ categories: [String]) -> HTML {
        let shown = methods.filter { method in forgetting.contains { $0.method == method.name } }
        return .table(
            caption: "Right answers by category before training, %, and the change after it in percentage points.",
            head: ["Category", "Questions", "Before"] + shown.map(\.label),
            rows: categories.map { category in
                let rows = forgetting.filter { $0.category == category }
                let before = rows.first.map { [HTML.cell($0.questions.grouped), .cell($0.before.percent)] } ?? []
                let after = shown.map { method in
                    let row = rows.first { $0.method == method.name }
                    guard let row else { return "<td>–</td>" as HTML }
                    return .cell((row.after.value - row.before.value).points, note: row.after.percent)
                }
                return ("\(category)", before + after)
            })
    }

    var recallTable: HTML {
        let sizes = Set(recall.map(\.k)).sorted()
        let retrievers = recall.map(\.retriever).uniqued()
        return .table(
            caption: "Questions whose own document is among the first k, %.",
            head: ["Retriever"] + sizes.map { "k = \($0)" },
            rows: retrievers.map { name in
                let cells = sizes.map { k in
                    let row = recall.first { $0.retriever == name && $0.k == k }
                    return HTML.cell(row?.share.percent ?? "–", note: row?.share.interval)
                }
                return ("\(name)", cells)
            })
    }

    var stageTable: HTML {
        let names = Array(stages.map(\.stage).uniqued())
        let spent =
            stages.contains { $0.cost != nil }
            ? ", and what the endpoint charged, in its price's currency"
            : stages.contains { $0.endpointTokens != nil } ? ", and the endpoint's tokens" : ""
        return .table(
            caption: "Time of each stage of one run\(spent).", head: ["Method"] + names + ["All"],
            rows: meanRows(of: stages.map { ($0.method, $0.seed) }) { method, seeds in
                let own = stages.filter { $0.method == method }
                return names.map { name in Self.time(own.filter { $0.stage == name }, seeds) } + [Self.time(own, seeds)]
            })
    }

    private static func time(_ rows: [StageTime], _ seeds: Int) -> HTML {
        guard !rows.isEmpty else { return "<td>–</td>" }
        let (costs, tokens) = (rows.compactMap(\.cost), rows.compactMap(\.endpointTokens))
        let note =
            costs.isEmpty
            ? tokens.isEmpty ? nil : "\(tokens.reduce(0, +) / seeds) tokens"
            : String(format: "%.4f", costs.reduce(0, +) / Double(seeds))
        return .cell((rows.reduce(0) { $0 + $1.seconds } / Double(seeds)).duration, note: note)
    }

    var trainingDataTable: HTML {
        .table(
            caption: "What one run had to learn from.",
            head: ["Method", "Documents", "Questions", "Answers", "Tokens of answers", "Trained on"],
            rows: meanRows(of: trainingData.map { ($0.method, $0.seed) }) { method, seeds in
                let own = trainingData.filter { $0.method == method }
                let counts = own.map { $0.counts.map(\.count) }
                return (counts.first ?? []).indices.map { column in
                    let known = counts.compactMap { $0[column] }
                    guard known.count == own.count else { return "<td>–</td>" }
                    return .cell(Int((Double(known.reduce(0, +)) / Double(seeds)).rounded()).grouped)
                }
            })
    }

    /// A row a method, in the order of the runs; several seeds are one row of means.
    private func meanRows(
        of runs: [(method: String, seed: UInt64)], cells: (_ method: String, _ seeds: Int) -> [HTML]
    ) -> [(head: HTML, cells: [HTML])] {
        let names = runs.map(\.method).uniqued()
        return names.map { name in
            let seeds = Set(runs.filter { $0.method == name }.map(\.seed)).count
            return (head(name, note: seeds > 1 ? "mean of \(seeds) seeds" : nil), cells(name, seeds))
        }
    }
}

// MARK: - Figures for people

extension Estimate {
    /// "49.0", in per cent.
    var percent: String { String(format: "%.1f", 100 * value) }

    /// "39.4 – 58.7", in per cent and on one line; nil where there is no interval.
    var interval: String? {
        guard let low, let high else { return nil }
        return String(format: "%.1f\u{A0}–\u{2060}\u{A0}%.1f", 100 * low, 100 * high)
    }
}

extension Double {
    /// A share's difference in percentage points, with its sign: "+5.2", "−0.3".
    fileprivate var points: String {
        let text = String(format: "%.1f", abs(100 * self))
        return text == "0.0" ? "±0.0" : (self < 0 ? "−" : "+") + text
    }

    /// Seconds as "47 s", "12 min 30 s" or "3 h 05 min".
    fileprivate var duration: String {
        guard let seconds = Int(exactly: rounded()) else { return "–" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return String(format: "%d min %02d s", seconds / 60, seconds % 60) }
        return String(format: "%d h %02d min", seconds / 3600, seconds % 3600 / 60)
    }
}
