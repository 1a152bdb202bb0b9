// What every stage of a run works with: settings, store, folder, models, and who is told and asked meanwhile. Knows no stage.

import Basics
import Distillation
import Foundation
import Generation
import Lineage
import Store
import Torch

package struct RunContext {
    let configuration: RunConfiguration
    package let store: RunStore
    let folder: RunFolder
    /// Shared by the methods of a comparison.
    let models: ModelPool
    /// Likewise.
    let endpoints: EndpointExperts
    /// The model that is trained and proven beside the base.
    let subject: EvaluationCondition.Subject
    let tell: (ProgressEvent) -> Void
    let isAskedToStop: () -> Bool
    /// Whether changes of settings are told of. The methods of a comparison are meant to differ.
    private let tellsChanges: Bool
    private let told = Told()

    /// What has been told of already: one setting may be many stages'.
    private final class Told {
        private var sentences: Set<String> = []

        func isNew(_ sentence: String) -> Bool { sentences.insert(sentence).inserted }
    }

    /// Opens a run, making its folder if need be.
    init(
        _ configuration: RunConfiguration, observe: @escaping (ProgressEvent) -> Void,
        shouldStop: @escaping () -> Bool
    ) throws {
        try configuration.validate()
        self.configuration = configuration
        let directory = URL(fileURLWithPath: configuration.output, isDirectory: true)
        (folder, models, endpoints, subject) = (RunFolder(directory), ModelPool(), EndpointExperts(), .distilled)
        (tell, isAskedToStop, tellsChanges) = (observe, shouldStop, true)
        store = try RunStore(directory: directory)
        if configuration.threads > 0 { try Library.setThreads(configuration.threads) }
        try folder.save(configuration)
    }

    /// One method of a comparison: the same store and models, other settings.
    init(of comparison: RunContext, _ configuration: RunConfiguration, subject: EvaluationCondition.Subject) {
        (self.configuration, self.subject, tellsChanges) = (configuration, subject, false)
        (store, folder, models) = (comparison.store, comparison.folder, comparison.models)
        endpoints = comparison.endpoints
        (tell, isAskedToStop) = (comparison.tell, comparison.isAskedToStop)
    }

    /// What earlier stages have left.
    package var found: FoundRows { FoundRows(run: self) }

    /// Tells of something that would be told again and again.
    func tellOnce(_ sentence: String) {
        if told.isNew(sentence) { tell(.notice(sentence)) }
    }

    var precision: String { "\(configuration.resolvedPrecision)" }

    /// Throws if the user wants the run to end; called where nothing unfinished is lost but the piece at hand.
    func checkForStop() throws {
        if isAskedToStop() { throw RunStopped() }
    }

    /// Records what a stage's rows depend on, after naming what has changed since the stage was last run.
    /// - Parameter key: of rows that are there, where an earlier version recorded the same under several.
    func record(
        _ recipe: some StageRecipe, _ stage: StageID, preferring key: ContentKey? = nil
    ) throws -> ContentKey {
        for change in tellsChanges ? try store.changes(to: recipe, stage: stage) : []
        where !change.isOfReadingAlone && told.isNew("\(change)") {
            tell(.notice("\(change): what depends on it is made anew; earlier rows are kept."))
        }
        return try store.recordRecipe(recipe, stage: stage, preferring: key)
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

    public var prompts: Prompts { Prompts(systemMessage: systemMessage.isEmpty ? nil : systemMessage) }
}
