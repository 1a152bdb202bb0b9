// The questions stage, and the way for people to read, edit and bring questions.

import ArgumentParser
import Basics
import Foundation
import Lineage
import ModelFiles
import Pipeline

struct QuestionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "questions",
        abstract: "Writes questions about every document; or exports them to be edited, or imports your own.",
        discussion: """
            Example:
              instill questions --output runs/mine --export questions.jsonl
              instill questions --output runs/mine --import questions.jsonl
              instill questions --output runs/mine --coverage
              instill questions --output runs/mine --leakage
              instill questions --output runs/mine --rewrite-held-out asked.jsonl --export alone.jsonl

            One question a line: {"document": "name of the document", "question": "…"}. Imported questions take the \
            place of generated ones from then on; --training-questions "" goes back.
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var rendering: RenderingOptions

    @Option(help: "Write the run's questions to this JSONL file (- for standard output) and do nothing else.")
    var export: String?

    @Option(name: .customLong("import"), help: "Use the questions of this JSONL file.", completion: .file())
    var imported: String?

    @Flag(help: "Show which sentences of each document no question reaches, and do nothing else.")
    var coverage = false

    @Flag(help: "List the questions that are near a held-out one, both side by side, and do nothing else.")
    var leakage = false

    @Option(
        help: "Have these held-out questions rewritten so that they stand alone, into the file of --export.",
        completion: .file())
    var rewriteHeldOut: String?

    func validate() throws {
        if rewriteHeldOut != nil, export == nil || export == "-" {
            throw ValidationError("--rewrite-held-out needs --export with the file to write.")
        }
        guard [coverage, leakage, export != nil, imported != nil].count(where: { $0 }) < 2 else {
            throw ValidationError("--coverage, --leakage, --export and --import exclude each other.")
        }
        if imported != nil, options.trainingQuestions != nil {
            throw ValidationError("--import and --training-questions are the same; give one of them.")
        }
    }

    func run() throws {
        var resolved = try options.resolve()
        if coverage { return try QuestionsListing(rendering, resolved.configuration).showCoverage() }
        if leakage { return try QuestionsListing(rendering, resolved.configuration).showLeakage() }
        if let rewriteHeldOut, let export { return try rewrite(rewriteHeldOut, resolved, to: export) }
        if let export { return try write(resolved.configuration, to: export) }
        if let imported { resolved.configuration.trainingQuestions = imported.absolutePath }
        try rendering.work(resolved) { try $0.run(only: .questions) }
    }

    private func rewrite(_ file: String, _ resolved: ResolvedRun, to output: String) throws {
        try rendering.work(resolved) { pipeline in
            try pipeline.rewriteHeldOut(URL(fileURLWithPath: file.absolutePath), to: output.absolutePath)
            return nil
        }
    }

    private func write(_ configuration: RunConfiguration, to file: String) throws {
        var count = 0
        func lines(_ body: (String) throws -> Void) throws {
            try RunListing(configuration).eachQuestionLine { line in
                count += 1
                try body(line)
            }
            guard count > 0 else { throw CommandError.noQuestions(run: configuration.output) }
        }
        if file == "-" {
            return try lines { Console.out($0) }
        } else if let stream = try stream(to: file.absolutePath) {
            try lines { try stream.write(contentsOf: Data($0.utf8)) }
        } else {
            try WholeFile.write(to: file.absolutePath) { sink in
                try lines { line in try Array(line.utf8).withUnsafeBytes { try sink.write($0) } }
            }
        }
        if !rendering.quiet { Console.error("\(count.grouped) questions in \(file.printable)") }
    }

    /// A pipe, a device or a link, which is written to and never replaced; nil for a plain file and where nothing is yet.
    private func stream(to path: String) throws -> FileHandle? {
        var status = stat()
        guard lstat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
        let stream = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        // Only what a link may lead to can be cut; pipes and devices refuse, and need it not.
        try? stream.truncate(atOffset: 0)
        return stream
    }
}
