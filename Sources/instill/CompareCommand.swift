// Several methods on the same documents and held-out questions, with a report at the end.

import ArgumentParser
import Basics
import Foundation
import Lineage
import Pipeline
import Report
import Retrieval

extension RetrievalMethod: ExpressibleByArgument {}

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Is distillation worth it for these documents? Trains several methods and writes the report on them.",
        discussion: """
            Example:
              instill compare --documents docs --held-out asked.jsonl --output runs/compared
              instill compare experiment.yaml --seeds 1 2 3

            Without methods in the configuration (comparison.methods) it compares the base model, prompt distillation (pd), \
            fine-tuning on answers (sft) and on the documents (uft); retrieval.methods adds retrievers to what each has \
            before it. Questions and answers are shared. Typed again it goes on where it was; a method that was changed is \
            trained anew, and the others are kept.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    @Option(
        parsing: .upToNextOption,
        help:
            "Every method is trained with each of these seeds, as in 1 2 3. (default: as in the configuration, else 1)")
    var seeds: [UInt64] = []

    @Option(
        parsing: .upToNextOption,
        help: "Retrievers to ask with too: bm25, embeddings, endpoint. (default: as in the configuration, else none)")
    var retrieval: [RetrievalMethod] = []

    func run() throws {
        var resolved = try options.resolve()
        if !seeds.isEmpty { resolved.configuration.comparison.seeds = seeds }
        if !retrieval.isEmpty { resolved.configuration.retrieval.methods = retrieval }
        resolved.configuration.useDefaultEmbedder()
        let directory = URL(fileURLWithPath: resolved.configuration.output, isDirectory: true)
        let run = ReportedRun(label: directory.lastPathComponent, directory: directory)
        let page = directory.appending(path: "report.html")
        try rendering.work(resolved) { pipeline in
            var figures: ComparisonFigures?
            try pipeline.compare {
                let report = try ComparisonReport(runs: [run])
                _ = try report.write(to: page, charts: Installation.chartLibrary)
                figures = ComparisonFigures(report, page: page)
            }
            return figures
        } table: {
            $0.text
        }
        if Installation.chartLibrary == nil { Console.error("instill: \(ComparisonReport.chartsAdvice)") }
    }
}

/// What a comparison came to, for people and for scripts.
private struct ComparisonFigures: Encodable {
    let accuracies: [ComparisonReport.Accuracy]
    let sweeps: [ComparisonReport.Sweep]
    /// The page with everything.
    let report: String
    let differences: [ComparisonReport.PairedDifference]
    private let methods: [ComparisonReport.Name]
    private let conditions: [ComparisonReport.Name]
    private let grader: String
    private let questions: Int

    enum CodingKeys: CodingKey {
        case accuracies, differences, sweeps, report
    }

    init(_ comparison: ComparisonReport, page: URL) {
        (accuracies, sweeps, report) = (comparison.accuracies, comparison.sweeps, page.path)
        (methods, conditions) = (comparison.methods, comparison.conditions)
        differences = comparison.differences
        (grader, questions) = (comparison.graders.first ?? "", comparison.questions.count)
    }

    var text: String {
        let rows = methods.map { method in
            [method.label] + conditions.map { cell(method.name, $0.name) }
        }
        let seeds = accuracies.map(\.ofSeeds.count).max() ?? 1
        let intervals = seeds > 1 ? "mean of \(seeds) seeds ± 2 standard errors" : "95 % intervals"
        let caption = "Right answers to \(questions.grouped) held-out questions (\(grader)), \(intervals):"
        let table = ([[""] + conditions.map(\.label)] + rows).aligned()
        let place = "Report   \(report.relativeToWorkingDirectory.printable)"
        return ([caption, ""] + table + pairs + ["", place]).joined(separator: "\n")
    }

    /// The first trained method against all others, under the first condition.
    private var pairs: [String] {
        guard methods.count > 2, let condition = conditions.first else { return [] }
        let rows = methods.filter { $0.name != methods[1].name }.compactMap { other in
            difference(of: methods[1].name, from: other.name, condition.name).map { ["against \(other.label)", $0] }
        }
        let caption = "\(methods[1].label), \(condition.label.lowercased()), in percentage points (paired bootstrap):"
        return rows.isEmpty ? [] : ["", caption, ""] + rows.aligned()
    }

    private func difference(of first: String, from second: String, _ condition: String) -> String? {
        func entry(_ method: String) -> ComparisonReport.Entry {
            ComparisonReport.Entry(method: method, condition: condition)
        }
        let found = differences.lazy.filter { $0.grader == grader }.compactMap { row -> [Double]? in
            let figures = [row.difference.value, row.difference.low ?? 0, row.difference.high ?? 0]
            if row.first == entry(first), row.second == entry(second) { return figures }
            guard row.first == entry(second), row.second == entry(first) else { return nil }
            return [-figures[0], -figures[2], -figures[1]]
        }
        return found.first.map { String(format: "%+.1f  (%+.1f – %+.1f)", 100 * $0[0], 100 * $0[1], 100 * $0[2]) }
    }

    private func cell(_ method: String, _ condition: String) -> String {
        let share = accuracies.first {
            $0.method == method && $0.condition == condition && $0.grader == grader && $0.dataset == nil
        }?.share
        guard let share else { return "–" }
        return share.value.percentage([share.low, share.high].compactMap { $0 })
    }
}
