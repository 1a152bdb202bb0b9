// A folder with a tiny model, two documents, questions on them and a configuration: all that a run needs.

import Foundation
import TestSupport

final class Workplace {
    let folder: URL

    /// - Parameters:
    ///   - settings: further lines of the configuration.
    ///   - replaced: a part of it that they replace.
    init(_ settings: String = "", replacing replaced: String = "") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "instill-run-\(UUID().uuidString)")
        try TinyModel.write(to: folder.appending(path: "model"), seed: 7)
        try write(
            """
            model: model
            documents: documents
            heldOut: held-out.jsonl
            trainingQuestions: questions.jsonl
            output: out
            precision: float32
            threads: 1
            answers: {maximumTokens: 8, samples: 1, dropsUnfounded: false}
            evaluation: {maximumTokens: 8}
            training: {rank: 4, epochs: 2, batchSize: 2, validationFraction: 0}
            \(settings)
            """.replacingOccurrences(of: replaced, with: ""), to: "config.yaml")
        try write(
            "# Orrin\n\nOrrin is a village of twelve houses. Its mayor is Tessa Vane.\n", to: "documents/orrin.md")
        try write("The Brask is a river. It is ninety miles long.\n", to: "documents/brask.txt")
        try write(
            """
            {"document": "orrin.md", "question": "Who is the mayor of Orrin?"}
            {"document": "orrin.md", "question": "How many houses does Orrin have?"}
            {"document": "brask.txt", "question": "What is the Brask?"}
            {"document": "brask.txt", "question": "How long is the Brask?"}

            """, to: "questions.jsonl")
        try write(
            """
            {"document": "orrin.md", "question": "Who heads the village of Orrin?", "answers": ["Tessa Vane"]}
            {"document": "brask.txt", "question": "What length has the river Brask?", "answers": ["ninety miles"]}

            """, to: "held-out.jsonl")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var config: String { path("config.yaml") }
    var output: String { path("out") }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}
