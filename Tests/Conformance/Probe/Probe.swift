// What the conformance checks ask of the library, behind one program: `Probe COMMAND ARGUMENT …`. Each command is in a file
// of its own.

import Foundation

@main
enum Probe {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let commands: [String: ([String]) throws -> Void] = [
            "curves": CurvesProbe.run, "model": ModelProbe.run, "model-files": ModelFilesProbe.run,
            "multiple-choice": MultipleChoiceProbe.run, "retrieval": RetrievalProbe.run,
            "statistics": StatisticsProbe.run,
            "template": TemplateProbe.run, "tokenize": TokenizeProbe.run, "torch": TorchProbe.run,
        ]
        guard let name = arguments.first, let command = commands[name] else {
            fail("usage: Probe \(commands.keys.sorted().joined(separator: "|")) ARGUMENT …", code: 64)
        }
        do {
            try command(Array(arguments.dropFirst()))
        } catch {
            fail("\(error)", code: 1)
        }
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(code)
    }
}
