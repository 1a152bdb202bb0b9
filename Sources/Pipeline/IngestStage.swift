// Documents into the store, long ones as passages, with a line for everything that is not taken.

import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Retrieval
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
        try run.checkOtherModels()
        run.tell(.started(.ingest, done: 0, total: 0))
        let tokenizer = try run.model().tokenizer
        let room = try run.passageRoom()
        var cut = 0
        let reader = try DocumentReader(
            URL(fileURLWithPath: configuration.documents), maximumBytes: configuration.maximumDocumentBytes)
        let passages = reader.lazy.flatMap { document in
            let count = { (text: String) in tokenizer.encode(text).count }
            guard room.reason != nil else { return Passages.split(document, maximumTokens: room.tokens, count: count) }
            guard count(document.passage) > room.tokens else { return [document] }
            cut += 1
            // Later parts are shown with the title.
            let title = document.title.map { count("\($0)\n\n") } ?? 0
            return Passages.split(document, maximumTokens: max(1, room.tokens - title), count: count)
        }
        let changes = try run.store.replaceDocuments(passages)
        for skipped in reader.skipped { run.tell(.notice("Skipped \(skipped)")) }
        if cut > 0, let reason = room.reason {
            run.tell(
                .notice(
                    """
                    Long documents (\(cut)) are cut into passages of at most \(room.tokens) tokens, fewer than \
                    maximumPassageTokens: \(reason).
                    """))
        }
        for name in changes.changed { run.tell(.notice("\(name) has changed: what was made from it is made anew.")) }
        for name in changes.removed { run.tell(.notice("\(name) is gone: what was made from it is left aside.")) }
        let corpus = Corpus(documents: try run.store.documentCount(), heldOut: try readHeldOut())
        guard corpus.documents > 0 else { throw PipelineError.noDocuments(path: configuration.documents) }
        let heldOut = corpus.heldOut == 0 ? "" : ", \(corpus.heldOut) held-out questions"
        run.tell(.finished(.ingest, summary: "\(corpus.documents) documents\(heldOut)"))
        return corpus
    }

    /// The questions that the model has room for beside its reply; the others are told of.
    private func readable(_ questions: [HeldOutQuestion]) throws -> [HeldOutQuestion] {
        let model = try run.model()
        let context = model.decoder.configuration.maximumPositions
        let reply = configuration.evaluation.maximumTokens
        func taken(_ question: String) throws -> Int {
            try model.promptTokens(configuration.prompts.closedBook(question)).count + reply
        }
        // Templates may refuse a turn that says nothing.
        let least = try taken("?")
        guard least < context else { throw PipelineError.noRoomForHeldOut(context: context, taken: least) }
        return try questions.filter { question in
            // No token is less than a byte.
            guard least + question.question.utf8.count > context, try taken(question.question) > context else {
                return true
            }
            run.tell(
                .notice(
                    """
                    Skipped the held-out question \(question.name): with a reply of \(reply) tokens \
                    (evaluation.maximumTokens) it is longer than the \(context) that the model reads.
                    """))
            return false
        }
    }

    /// Loads the encoder of retrieval, so that one that cannot be used is not found after the training.
    private func checkEmbedder() throws {
        guard configuration.retrieval.methods.contains(.embeddings) else { return }
        let encoder = try SentenceEncoder(directory: configuration.retrieval.embedder)
        var (longer, all) = (0, 0)
        try run.store.documents().forEach { document in
            all += 1
            if encoder.isCut(document.passage) { longer += 1 }
        }
        guard longer > 0 else { return }
        run.tell(
            .notice(
                """
                The embedder reads the first \(encoder.maximumTokens) tokens of a passage, and \(longer) of \(all) are \
                longer; with a lower maximumPassageTokens all of their text counts.
                """))
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
        try run.store.replaceHeldOutQuestions(try readable(reader.questions))
        try checkEmbedder()
        return try run.store.heldOutCount()
    }
}
