// Runs the built `instill` as scripts do: arguments in, exit code and two streams out.

import Foundation
import Testing

/// A finished command.
struct Finished {
    let code: Int32
    let output: String
    let errors: String

    /// The objects of `--json`, one a line.
    var events: [[String: Any]] {
        get throws {
            try output.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
            }
        }
    }
}

/// A command at work, its streams in files so that no pipe fills up.
struct RunningCommand {
    let process: Process
    private let folder: URL

    init(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "instill-streams-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process = Process()
        process.executableURL = try RunningCommand.executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        try Data(input.utf8).write(to: folder.appending(path: "in"))
        for name in ["out", "err"] { try Data().write(to: folder.appending(path: name)) }
        process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "in"))
        process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "out"))
        process.standardError = try FileHandle(forWritingTo: folder.appending(path: "err"))
        try process.run()
    }

    var output: String { text("out") }

    func wait() -> Finished {
        process.waitUntilExit()
        defer { try? FileManager.default.removeItem(at: folder) }
        let signal: Int32 = process.terminationReason == .uncaughtSignal ? 1000 : 0
        return Finished(code: process.terminationStatus + signal, output: output, errors: text("err"))
    }

    private func text(_ name: String) -> String {
        String(
            decoding: FileManager.default.contents(atPath: folder.appending(path: name).path) ?? Data(), as: UTF8.self)
    }

    /// SwiftPM puts the command beside the test bundle.
    private static var executable: URL {
        get throws {
            let places =
                [Bundle.main.executableURL, URL(fileURLWithPath: CommandLine.arguments[0])]
                + Bundle.allBundles.map(\.bundleURL)
            let found = places.compactMap {
                $0?.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "instill")
            }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
            return try #require(found, "the built instill is not beside the tests")
        }
    }
}

/// Runs a command to its end.
func instill(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws -> Finished {
    try RunningCommand(arguments, input: input, environment: environment).wait()
}

/// A command's end, waited for without holding one of the few threads that a server's tasks need.
func instillAside(_ arguments: [String]) async throws -> Finished {
    let command = try RunningCommand(arguments)
    while command.process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
    return command.wait()
}
