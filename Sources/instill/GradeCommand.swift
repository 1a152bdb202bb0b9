// Grades by a language model, and the way for people's grades out of a run and back into it.

import ArgumentParser
import Basics
import Evaluation
import Foundation
import Lineage
import ModelFiles
import Pipeline

struct GradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grade",
        abstract: "Has the replies graded by a language model or by people, and says how far the graders agree.",
        discussion: """
            Example:
              instill grade --output runs/mine --judge models/larger.gguf
              instill grade --output runs/mine --export replies.csv
              instill grade --output runs/mine --import replies.csv --grader Anna

            The judge reasons, then grades; a judgement that is not in form is asked for again, and then counted as \
            unparsed. A reply is graded once: typed again, the command goes on where it was, and then shows the tables.

            For people: fill in the column "grade" with true or false, all of it or some rows, in any spreadsheet.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    @Option(
        help: """
            Who judges: base (the run's model without the adapter), another model's path, or endpoint (judge.endpoint in the \
            configuration, else the run's expert). (default: as in the configuration, else base)
            """, completion: .file())
    var judge: String?

    @Option(help: "Write the replies to this CSV file for a person to grade (- for standard output); do nothing else.")
    var export: String?

    @Option(name: .customLong("import"), help: "Take a person's grades out of this CSV file.", completion: .file())
    var imported: String?

    @Option(help: "The person's name; with --export, what that person has graded is filled in.")
    var grader: String?

    func validate() throws {
        if export != nil, imported != nil { throw ValidationError("--export and --import exclude each other.") }
        if judge != nil, export != nil || imported != nil {
            throw ValidationError("--judge grades, --export and --import are for people: give one of them.")
        }
        if imported != nil, grader == nil { throw ValidationError("--import needs --grader and the person's name.") }
        if grader != nil, export == nil, imported == nil {
            throw ValidationError("--grader goes with --import or --export.")
        }
    }

    func run() throws {
        var resolved = try options.resolve()
        if let export { return try write(RunListing(resolved.configuration).gradeSheet(for: grader), to: export) }
        if let judge {
            let isPath = ![JudgeSettings.base, JudgeSettings.remote].contains(judge)
            resolved.configuration.judge.model = isPath ? judge.absolutePath : judge
        }
        try rendering.work(resolved, work) { GradeTable($0).text }
    }

    private func work(_ pipeline: Pipeline) throws -> GradeSummary? {
        guard let imported, let grader else { return try pipeline.grade() }
        return try pipeline.importGrades(URL(fileURLWithPath: imported.absolutePath), by: grader)
    }

    private func write(_ sheet: String, to file: String) throws {
        guard file != "-" else { return Console.write(sheet, to: STDOUT_FILENO) }
        try WholeFile.write(Data(sheet.utf8), to: file.absolutePath)
        if !rendering.quiet {
            Console.error("Replies in \(file.printable); fill in \"grade\" and bring them back with --import.")
        }
    }
}
