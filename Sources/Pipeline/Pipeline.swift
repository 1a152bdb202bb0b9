// Documents in, proven adapter out: one call a stage. Every stage reads rows from the run's store and writes rows to it,
// keyed by content, so that any of them can be stopped, killed, resumed or run alone. What a stage does is in the file
// named after it.

import Basics
import Distillation
import Evaluation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import Torch

/// One run: a configuration, its store, and the model.
public final class Pipeline {
    let configuration: RunConfiguration
    let store: RunStore
    let directory: URL
    /// What the adapter that this trains is called.
    let adapterName: String
    private let observe: (ProgressEvent) -> Void
    private let shouldStop: () -> Bool
    /// Shared by the methods of a comparison.
    let models: LoadedModels
    /// Whether this is one method of a comparison. Its settings are meant to differ from those of the others.
    private let isCompared: Bool

    /// Opens a run, making its folder if need be.
    /// - Parameters:
    ///   - configuration: what to do, and in which folder.
    ///   - observe: told what happens, on the calling thread.
    ///   - shouldStop: asked often; true ends the run with ``RunStopped`` at the next place where nothing is lost.
    public init(
        _ configuration: RunConfiguration, observe: @escaping (ProgressEvent) -> Void,
        shouldStop: @escaping () -> Bool = { false }
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        self.observe = observe
        self.shouldStop = shouldStop
        models = LoadedModels()
        isCompared = false
        directory = URL(fileURLWithPath: configuration.output, isDirectory: true)
        adapterName = EvaluationCondition.Subject.distilled.name
        store = try RunStore(directory: directory)
        if configuration.threads > 0 { try Library.setThreads(configuration.threads) }
        try RunFolder(directory).save(configuration)
    }

    /// One method of a comparison, on its store and with its model.
    init(of comparison: Pipeline, _ configuration: RunConfiguration, adapterName: String) {
        self.configuration = configuration
        self.adapterName = adapterName
        isCompared = true
        (store, directory, models) = (comparison.store, comparison.directory, comparison.models)
        (observe, shouldStop) = (comparison.observe, comparison.shouldStop)
    }

    /// All stages in order.
    public func run() throws -> RunSummary {
        let documents = try ingest()
        let answers = try answersToTrainOn(documents)
        let adapter = try train(on: answers)
        let proof = try evaluate(adapter)
        return try summarise(answers, proof)
    }

    /// Questions and their answers; nil where training learns from the documents themselves.
    func answersToTrainOn(_ documents: Corpus) throws -> AnswerSet? {
        guard configuration.training.objective.needsAnswers else { return nil }
        let questions = try writeQuestions(on: documents)
        return try writeAnswers(to: questions)
    }

    // MARK: - What the stages share

    func tell(_ event: ProgressEvent) { observe(event) }

    /// Throws if the user wants the run to end; called where nothing unfinished is lost but the piece at hand.
    func checkForStop() throws {
        if shouldStop() { throw RunStopped() }
    }

    var isAskedToStop: Bool { shouldStop() }

    /// Records a stage's settings, after naming those that have changed since the stage was last run.
    package func recordRecipe(_ stage: String, _ settings: some Encodable) throws -> ContentKey {
        for change in isCompared ? [] : try store.changes(stage: stage, settings: settings) {
            guard let setting = Pipeline.setting(change.name) else { continue }
            let told = SettingChange(name: setting, old: change.old, new: change.new)
            tell(.notice("\(told): what depends on it is made anew; earlier rows are kept."))
        }
        return try store.recordRecipe(stage: stage, settings: settings)
    }

    /// A recorded setting's name as users know it; nil for the keys of earlier stages' rows, whose own changes have been
    /// told already.
    private static func setting(_ name: String) -> String? {
        var path = name.split(separator: ".")
        guard path.count > 1, !["questions", "answers", "data", "adapter"].contains(path[1]) else { return nil }
        if path[1] == "settings" { path.remove(at: 1) }
        // Sections of their own, whichever stage depends on them.
        if ["selection", "onPolicy"].contains(path[1]) { path.removeFirst() }
        if path[1] == "regularisation" {
            guard path.last != "samples" else { return nil }
            path.remove(at: 0)
        }
        return path.joined(separator: ".")
    }

    /// Runs a body and adds the time that it took to a recipe, also when it is stopped.
    func timed<Result>(_ recipe: ContentKey, _ body: () throws -> Result) throws -> Result {
        let start = ContinuousClock.now
        defer {
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            // A store that cannot be written has already thrown what the user needs to know.
            try? store.addSeconds(elapsed, recipe: recipe)
            try? tellSpending(recipe)
        }
        return try body()
    }

    /// What an endpoint took for a recipe's rows so far, also by earlier processes.
    private func tellSpending(_ recipe: ContentKey) throws {
        let spent = try store.endpointSpending(recipe: recipe)
        guard let read = spent.promptTokens, let written = spent.completionTokens else { return }
        let cost = spent.cost.map { String(format: ", for %.4f at its price", $0) } ?? ""
        tell(.notice("The endpoint has read \(read) tokens and written \(written) for this stage\(cost)."))
    }
}

extension RunConfiguration {
    /// The type that weights and activations get on this machine.
    public var resolvedPrecision: DType {
        switch precision {
        case .bfloat16: .bfloat16
        case .float32: .float32
        case .auto: resolvedDevice != .cpu || Library.cpuHasBFloat16 ? .bfloat16 : .float32
        }
    }

    /// The device that is used; the processor where none was named.
    public var resolvedDevice: Device { Device(device) ?? .cpu }

    /// The prompts that the system message gives.
    public var prompts: Prompts { Prompts(systemMessage: systemMessage.isEmpty ? nil : systemMessage) }
}
