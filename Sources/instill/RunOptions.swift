// The options that all stages share, and how they become a configuration: the preset's defaults, then the file, then the
// options. Knows names and paths; what a setting is for is the pipeline's.

import ArgumentParser
import Basics
import Distillation
import Evaluation
import Foundation
import Generation
import LanguageModels
import Lineage
import Pipeline
import Retrieval
import Torch

extension RunConfiguration.Preset: ExpressibleByArgument {}

extension Device {
    static let optionHelp =
        "Where the model runs: cpu, cuda (the first graphics card) or cuda:1. (default: as in the configuration, else cpu)"

    /// The device that an option names.
    static func ofOption(_ name: String) throws -> Device {
        guard let device = Device(name) else { throw ValidationError("give cpu, cuda, or cuda:1 for the second card") }
        return device
    }
}

/// Which run, and what differs from its file.
struct RunOptions: ParsableArguments {
    @Argument(help: "A YAML file of settings; paths in it are relative to its folder.", completion: .file())
    var config: String?

    @Option(help: "The run's folder. Alone, it means the run that is there.", completion: .directory)
    var output: String?

    @Option(
        help: "A document, or a folder of them: text, Markdown, JSONL, CSV, or JSON of SQuAD or HotpotQA.",
        completion: .file())
    var documents: String?

    @Option(help: "Held-out questions for the proof: JSONL, CSV, or JSON of SQuAD or HotpotQA.", completion: .file())
    var heldOut: String?

    @Option(
        help: "The base model: a .gguf file or a Hugging Face folder. (default: the one that set-up fetched)",
        completion: .file())
    var model: String?

    @Option(help: "Training questions of your own, JSONL or CSV, instead of generated ones.", completion: .file())
    var trainingQuestions: String?

    @Option(help: "Which defaults the other settings start from.")
    var preset: RunConfiguration.Preset?

    @Option(help: "Everything random follows from it.")
    var seed: UInt64?

    @Option(help: "\(Device.optionHelp)", transform: Device.ofOption)
    var device: Device?

    @Option(help: "Threads of one operation; 0 for one a core.")
    var threads: Int?
}

extension RunConfiguration {
    /// Names the embedder that set-up fetched where one is needed and none is named.
    mutating func useDefaultEmbedder() {
        guard retrieval.embedder.isEmpty, retrieval.methods.contains(.embeddings) else { return }
        retrieval.embedder = Installation.defaultEmbedder()
    }
}

/// A complete configuration, and what the user should know about how it came about.
struct ResolvedRun {
    var configuration: RunConfiguration
    /// Which preset is in force, and why.
    let notice: String
}

extension RunOptions {
    /// The configuration that the options ask for: from the file or the documents that they name, else that of the run
    /// in the output folder.
    func resolve() throws -> ResolvedRun {
        guard config == nil, documents == nil else { return try resolveAnew() }
        guard let output else { throw CommandError.noRunNamed }
        guard let saved = try RunFolder(URL(fileURLWithPath: output.absolutePath)).savedConfiguration() else {
            throw CommandError.noSavedConfiguration(run: output)
        }
        guard preset == nil || preset == saved.preset else { throw CommandError.presetOfExistingRun(run: output) }
        return ResolvedRun(
            configuration: overridden(saved), notice: "Preset \(saved.preset.rawValue), as in \(output).")
    }

    private func resolveAnew() throws -> ResolvedRun {
        let overlay = try config.map { try ConfigurationOverlay(file: $0) } ?? ConfigurationOverlay()
        let folder = config.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "."
        let base = folder.absolutePath
        let asked = try preset ?? overlay.preset()
        let model =
            try self.model?.absolutePath ?? overlay.text("model")?.absolutePath(from: base)
            ?? Installation.defaultModel()
        let parameters = try LanguageModel.parameterCount(path: model)
        let defaults = RunConfiguration.defaults(asked, parameters: parameters)
        var configuration = try overlay.applied(to: defaults)
        configuration.preset = defaults.preset
        configuration.model = model
        configuration.resolvePaths { $0.absolutePath(from: base) }
        configuration.useDefaultEmbedder()
        let name = defaults.preset.rawValue
        let reason = asked == .auto ? "for a model of \(millions(parameters)) parameters" : "as asked"
        return ResolvedRun(configuration: overridden(configuration), notice: "Preset \(name), \(reason).")
    }

    private func overridden(_ configuration: RunConfiguration) -> RunConfiguration {
        var result = configuration
        if let model { result.model = model.absolutePath }
        if let documents { result.documents = documents.absolutePath }
        if let output { result.output = output.absolutePath }
        if let heldOut { result.heldOut = heldOut.absolutePath }
        if let trainingQuestions { result.trainingQuestions = trainingQuestions.absolutePath }
        if let seed { result.seed = seed }
        if let device { result.device = device.description }
        if let threads { result.threads = threads }
        return result
    }

    private func millions(_ count: Int) -> String {
        count < 1_000_000 ? count.grouped : "\(Int((Double(count) / 1e6).rounded()).grouped) million"
    }
}
