// What lies in a run's folder besides the store, and where. Knows names and files, not stages.

import Basics
import Distillation
import Evaluation
import Foundation
import Lineage
import ModelFiles

/// The files of a run.
public struct RunFolder {
    public let directory: URL

    public init(_ directory: URL) { self.directory = directory }

    /// The configuration that the run was last used with, complete.
    public var configuration: URL { directory.appending(path: "configuration.json") }
    /// The distilled adapter, plain PEFT.
    public var adapter: URL { directory.appending(path: "adapter") }
    /// The adapter of a subject; those of a comparison lie beside each other.
    func adapter(_ subject: EvaluationCondition.Subject) -> URL {
        subject == .distilled ? adapter : directory.appending(path: "adapters/\(subject.name)")
    }
    /// The adapters of a comparison, by name; none in any other run.
    public var comparedAdapters: [URL] {
        let folder = directory.appending(path: "adapters")
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).sorted().map { folder.appending(path: $0) }
    }
    /// Embeddings of documents and questions.
    var embeddings: URL { directory.appending(path: "embeddings") }
    public var summary: URL { directory.appending(path: "summary.json") }
    /// Every held-out question with every reply to it.
    public var replies: URL { directory.appending(path: "replies.jsonl") }
    public var targets: URL { directory.appending(path: "targets") }
    /// Adapters kept while a training went on.
    var snapshots: URL { directory.appending(path: "snapshots") }
    /// The adapter of one training as it was after so many seconds of it.
    func snapshot(_ training: String, seconds: Double) -> URL {
        snapshots.appending(path: "\(training)/\(ComparisonPlan.mark(seconds))")
    }
    /// Checkpoints of one training.
    func checkpoints(_ training: String) -> URL { directory.appending(path: "checkpoints/\(training)") }

    /// Removes the checkpoints, the snapshots and the adapter.
    func discardTraining() throws {
        for place in [directory.appending(path: "checkpoints"), snapshots, adapter]
        where FileManager.default.fileExists(atPath: place.path) {
            try FileManager.default.removeItem(at: place)
        }
    }

    /// Writes the configuration down, so that single stages find it.
    func save(_ value: RunConfiguration) throws {
        try WholeFile.write(json: value, to: configuration.path)
    }

    /// The configuration that was written down; nil where there is none.
    public func savedConfiguration() throws(ConfigurationError) -> RunConfiguration? {
        guard FileManager.default.fileExists(atPath: configuration.path) else { return nil }
        return try RunConfiguration(saved: configuration.path)
    }
}
