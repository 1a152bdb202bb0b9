// Talking with a model, with and without an adapter: at a terminal, line by line from a pipe, or one question.

import ArgumentParser
import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Pipeline
import Store
import Torch

struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talks with the model, with and without the adapter.",
        discussion: """
            Example:
              instill chat --output runs/mine --both --question "Who runs the lighthouse?"

            Without --question it reads lines: yours at a terminal, or those of a file (< questions.txt). Ctrl-C ends a \
            reply, Ctrl-D the chat.
            """)

    @Option(help: "A run: its model and its adapter.", completion: .directory)
    var output: String?

    @Option(help: "The model: a .gguf file or a Hugging Face folder.", completion: .file())
    var model: String?

    @Option(help: "An adapter for it, in PEFT's format, or the name of one in a comparison.", completion: .directory)
    var adapter: String?

    @Flag(help: "Leave the adapter off.")
    var noAdapter = false

    @Flag(help: "Answer without the adapter, then with it.")
    var both = false

    @Option(help: "A text file that the model has before it.", completion: .file())
    var document: String?

    @Option(help: "Answer this question and end.")
    var question: String?

    @Option(help: "0 takes the likeliest word always.")
    var temperature = 0.0

    @Option(help: "The most tokens of a reply.")
    var maximumTokens = 512

    @Option(help: "Everything random follows from it.")
    var seed: UInt64 = 1

    @Option(help: "\(Device.optionHelp)", transform: Device.ofOption)
    var device: Device?

    @Option(help: "Threads of one operation; 0 for one a core.")
    var threads: Int?

    @Flag(help: "Let a model that can think do so before it replies; the thoughts are not shown.")
    var thinks = false

    @Flag(help: "For machines: one JSON object for each reply.")
    var json = false

    func validate() throws {
        if noAdapter, both { throw ValidationError("--no-adapter and --both exclude each other.") }
        if both, output == nil, adapter == nil { throw ValidationError("--both needs --adapter or --output.") }
        if !(0...100).contains(temperature) { throw ValidationError("--temperature must be from 0 to 100.") }
        if maximumTokens < 1 { throw ValidationError("--maximum-tokens must be 1 or more.") }
    }

    func run() throws {
        Interruption.beQuiet()
        var sessions = try open()
        if let question { return try answer(question, &sessions) }
        if Console.inputIsTerminal {
            Console.error("Type a question. Ctrl-C ends a reply, Ctrl-D the chat.")
        }
        while let line = nextLine() {
            let question = line.trimmingCharacters(in: .whitespaces)
            guard !question.isEmpty else { continue }
            try answer(question, &sessions)
            if Interruption.isRequested, !Console.inputIsTerminal { throw RunStopped() }
            Interruption.reset()
        }
    }

    private func nextLine() -> String? {
        if Console.inputIsTerminal { Console.write("\n> ", to: STDERR_FILENO) }
        return Interruption.readLine()
    }

    private func answer(_ question: String, _ sessions: inout [ChatSession]) throws {
        for index in sessions.indices {
            let name = sessions[index].name
            let show: (String) -> Void = json ? { _ in } : { Console.write($0.withoutControl, to: STDOUT_FILENO) }
            if !json, sessions.count > 1 { show("\(name): ") }
            let reply = try sessions[index].reply(to: question, show: show) { Interruption.isRequested }
            json ? JSONLines.write(reply: reply, to: question, by: name) : show("\n")
        }
    }

    // MARK: - What is talked with

    private func open() throws -> [ChatSession] {
        var configuration = try runConfiguration()
        if let device { configuration.device = device.description }
        if let threads { configuration.threads = threads }
        if thinks { configuration.template.thinks = true }
        if configuration.threads > 0 { try Library.setThreads(configuration.threads) }
        let base = try LanguageModel(
            path: try model?.absolutePath
                ?? (configuration.model.isEmpty ? Installation.defaultModel() : configuration.model),
            dtype: configuration.resolvedPrecision, device: configuration.resolvedDevice,
            templateSettings: configuration.template)
        base.notices.forEach { Console.error($0) }
        let weights = try adapterWeights(for: base)
        let document = try document.map { try Document(reading: $0) }
        let settings = ChatSettings(
            sampling: SamplingSettings(temperature: temperature), maximumTokens: maximumTokens, seed: seed)
        func session(_ subject: EvaluationCondition.Subject, _ adapter: LoRAAdapter?) -> ChatSession {
            ChatSession(
                name: subject.name, model: base, adapter: adapter, prompts: configuration.prompts, document: document,
                settings: settings)
        }
        guard let weights else { return [session(.base, nil)] }
        return (both ? [session(.base, nil)] : []) + [session(.distilled, weights)]
    }

    private func runConfiguration() throws -> RunConfiguration {
        guard let output else { return RunConfiguration() }
        guard let saved = try RunFolder(URL(fileURLWithPath: output.absolutePath)).savedConfiguration() else {
            throw CommandError.noSavedConfiguration(run: output)
        }
        return saved
    }

    private func adapterWeights(for base: LanguageModel) throws -> LoRAAdapter? {
        guard !noAdapter, let place = try adapterPlace() else { return nil }
        guard FileManager.default.fileExists(atPath: place.path) else {
            throw CommandError.noAdapter(place: place.path)
        }
        return try LoRAAdapter(directory: place, base: base).copy(base.decoder.dtype)
    }

    private func adapterPlace() throws -> URL? {
        let run = output.map { RunFolder(URL(fileURLWithPath: $0.absolutePath)) }
        let compared = run?.comparedAdapters ?? []
        if let adapter {
            return compared.first { $0.lastPathComponent == adapter } ?? URL(fileURLWithPath: adapter.absolutePath)
        }
        if let output, !compared.isEmpty {
            throw CommandError.severalAdapters(run: output, names: compared.map(\.lastPathComponent))
        }
        return run?.adapter
    }
}

extension Document {
    /// The first document of a file.
    fileprivate init(reading path: String) throws {
        let reader = try DocumentReader(URL(fileURLWithPath: path.absolutePath))
        guard let document = reader.next() else {
            let reason = reader.skipped.first.map { "\($0.reason)" } ?? "there is no text in it"
            throw CommandError.unreadableDocument(path: path, reason: reason)
        }
        self = document
    }
}

extension String {
    /// The text without control characters but for line ends and tabs: a model's words are no commands to a terminal.
    fileprivate var withoutControl: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.filter {
                    $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
                }))
    }
}
