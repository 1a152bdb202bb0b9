// Documents into the store, long ones as passages, with a line for everything that is not taken.

import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import Tokenizers

public struct Corpus: Sendable, Hashable {
    public let documents: Int
    public let heldOut: Int
}

package struct IngestStage {
    private let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    package init(_ run: RunContext) { self.run = run }

    /// Reads the documents and held-out questions. They are read again at every run: that is quick, and what has changed is
    /// noticed.
    package func read() throws -> Corpus {
        try run.checkTeacher()
        run.tell(.started(.ingest, done: 0, total: 0))
        let tokenizer = try run.model().tokenizer
        let limit = configuration.maximumPassageTokens
        let reader = try DocumentReader(
            URL(fileURLWithPath: configuration.documents), maximumBytes: configuration.maximumDocumentBytes)
        let passages = reader.lazy.flatMap { document in
            Passages.split(document, maximumTokens: limit) { tokenizer.encode($0).count }
        }
        let changes = try run.store.replaceDocuments(passages)
        for skipped in reader.skipped { run.tell(.notice("Skipped \(skipped)")) }
        for name in changes.changed { run.tell(.notice("\(name) has changed: what was made from it is made anew.")) }
        for name in changes.removed { run.tell(.notice("\(name) is gone: what was made from it is left aside.")) }
        let corpus = Corpus(documents: try run.store.documentCount(), heldOut: try readHeldOut())
        guard corpus.documents > 0 else { throw PipelineError.noDocuments(path: configuration.documents) }
        let heldOut = corpus.heldOut == 0 ? "" : ", \(corpus.heldOut) held-out questions"
        run.tell(.finished(.ingest, summary: "\(corpus.documents) documents\(heldOut)"))
        return corpus
    }

    private func readHeldOut() throws -> Int {
        guard !configuration.heldOut.isEmpty else {
            try run.store.replaceHeldOutQuestions([])
            return 0
        }
        let reader = try HeldOutReader(URL(fileURLWithPath: configuration.heldOut), store: run.store)
        for skipped in reader.skipped { run.tell(.notice("Skipped \(skipped)")) }
        if reader.questions.isEmpty {
            run.tell(.notice("No question in \(configuration.heldOut) can be asked, so nothing will be proven."))
        }
        try run.store.replaceHeldOutQuestions(reader.questions)
        return try run.store.heldOutCount()
    }
}
