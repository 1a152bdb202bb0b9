// The command line: parses, calls the pipeline, shows what it tells. Knows no model and no method.

import ArgumentParser
import Foundation
import Lineage
import Torch

@main
struct Instill: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instill",
        abstract:
            "Puts the knowledge of your documents into the weights of a language model, and proves that it is there.",
        discussion: """
            Example:
              instill run --documents docs --held-out asked.jsonl --output runs/mine
              instill chat --output runs/mine

            A run is a folder. Stop it with Ctrl-C, or let it be killed: the same command goes on from there.

            Every command takes --libtorch too: the folder of a libtorch 2.11, or of an installed Python torch 2.11, to \
            run on. LIBTORCH says the same. A graphics card needs one with CUDA; doctor says what is there.

            \(ExitStatus.help)
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, CompareCommand.self, IngestCommand.self, QuestionsCommand.self, AnswersCommand.self,
            TrainCommand.self, EvaluateCommand.self, GradeCommand.self, ForgettingCommand.self, ReportCommand.self,
            ChatCommand.self, SettingsCommand.self, DoctorCommand.self,
        ])

    /// Replaces the parser's own entry, whose errors are worded and numbered otherwise.
    static func main() {
        Interruption.install()
        Library.keepFreedMemory()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        guard exitCode(for: error) != .success else {
            Console.out(fullMessage(for: error))
            Foundation.exit(ExitStatus.success.rawValue)
        }
        guard let code = ExitStatus.code(of: error) else {
            Console.error("instill: \(message(for: error))\n\(usage(for: error))")
            Foundation.exit(ExitStatus.usage.rawValue)
        }
        let sentence = sentence(for: error)
        if CommandLine.arguments.contains("--json") { JSONLines.write(error: sentence, exitCode: code) }
        Console.error("instill: \(sentence)")
        Foundation.exit(code)
    }

    /// What the parser says about how the command is used.
    private static func usage(for error: any Error) -> String {
        let lines = fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { !$0.hasPrefix("Usage:") }.joined(separator: "\n")
    }
}
