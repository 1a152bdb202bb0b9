// The report on one run or several, and their training curves for TensorBoard.

import ArgumentParser
import Foundation
import Lineage
import Report

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Compares runs in one HTML file that opens offline, with the figures as JSON and CSV beside it.",
        discussion: """
            Example:
              instill report runs/mine
              instill report pd=runs/pd-1 pd=runs/pd-2 sft=runs/sft --output comparison.html
              instill report runs/mine --tensorboard curves

            Runs with one label are seeds of one method; without a label it is the folder's name. The base model is \
            counted once. Folders of comparisons are data sets. A run may be at work meanwhile.
            """)

    @Argument(help: "Folders of runs, each with a label before it if you like: label=folder.", completion: .directory)
    var runs: [String]

    @Option(
        help: "The page to write; .json, .csv and -replies.csv take its name.", completion: .file(extensions: ["html"]))
    var output = "report.html"

    @Option(
        help: "Write the training curves into this folder instead, for TensorBoard and as JSONL.",
        completion: .directory)
    var tensorboard: String?

    func run() throws {
        let runs = try reportedRuns()
        if let tensorboard {
            let curves = try runs.flatMap { try TrainingCurves.all(of: $0) }
            guard !curves.isEmpty else { throw CommandError.noCurves(runs: self.runs) }
            let folders = try TrainingCurves.write(curves, to: URL(fileURLWithPath: tensorboard.absolutePath))
            return folders.forEach { Console.out($0.relativeToWorkingDirectory.printable) }
        }
        let charts = Installation.chartLibrary
        let report = try ComparisonReport(runs: runs)
        let files = try report.write(to: URL(fileURLWithPath: output.absolutePath), charts: charts)
        files.forEach { Console.out($0.relativeToWorkingDirectory.printable) }
        if charts == nil { Console.error("instill: \(ComparisonReport.chartsAdvice)") }
    }

    /// `label=folder` or a folder; without labels, folders of one name would be taken for seeds of one method.
    private func reportedRuns() throws -> [ReportedRun] {
        var folders: [String: String] = [:]
        return try runs.map { argument in
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2, !FileManager.default.fileExists(atPath: argument.absolutePath) {
                return ReportedRun(label: parts[0], directory: URL(fileURLWithPath: parts[1].absolutePath))
            }
            let directory = URL(fileURLWithPath: argument.absolutePath)
            let label = runs.count == 1 ? "distilled" : directory.lastPathComponent
            if let other = folders.updateValue(argument, forKey: label), other.absolutePath != argument.absolutePath {
                throw CommandError.oneLabel(first: other, second: argument)
            }
            return ReportedRun(label: label, directory: directory)
        }
    }
}
