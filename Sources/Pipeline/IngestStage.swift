// Documents into the store, long ones as passages, with a line for everything that is not taken.

import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import Tokenizers

/// The run's corpus.
public struct Corpus: Sendable, Hashable {
    /// Documents and passages.
    public let documents: Int
    /// Held-out questions.
    public let heldOut: Int
}

extension Pipeline {
    /// Reads the documents and held-out questions. They are read again at every run: that is quick, and what has changed is
    /// noticed.
    public func ingest() throws -> Corpus {
        try checkTeacher()
        tell(.started(.ingest, done: 0, total: 0))
        let tokenizer = try model().tokenizer
        let limit = configuration.maximumPassageTokens
        let reader = try DocumentReader(
            URL(fileURLWithPath: configuration.documents), maximumBytes: configuration.maximumDocumentBytes)
        let passages = reader.lazy.flatMap { document in
            Passages.split(document, maximumTokens: limit) { tokenizer.encode($0).count }
        }
        let changes = try store.replaceDocuments(passages)
        for skipped in reader.skipped { tell(.notice("Skipped \(skipped)")) }
        for name in changes.changed { tell(.notice("\(name) has changed: what was made from it is made anew.")) }
        for name in changes.removed { tell(.notice("\(name) is gone: what was made from it is left aside.")) }
        let corpus = Corpus(documents: try store.documentCount(), heldOut: try readHeldOut())
        guard corpus.documents > 0 else { throw PipelineError.noDocuments(path: configuration.documents) }
        let heldOut = corpus.heldOut == 0 ? "" : ", \(corpus.heldOut) held-out questions"
        tell(.finished(.ingest, summary: "\(corpus.documents) documents\(heldOut)"))
        return corpus
    }

    private func readHeldOut() throws -> Int {
        guard !configuration.heldOut.isEmpty else {
            try store.replaceHeldOutQuestions([])
            return 0
        }
        let reader = try HeldOutReader(URL(fileURLWithPath: configuration.heldOut), store: store)
        for skipped in reader.skipped { tell(.notice("Skipped \(skipped)")) }
        if reader.questions.isEmpty {
            tell(.notice("No question in \(configuration.heldOut) can be asked, so nothing will be proven."))
        }
        try store.replaceHeldOutQuestions(reader.questions)
        return try store.heldOutCount()
    }

    /// The corpus for a stage that is run alone: as it is, or read if there is none yet.
    func corpus() throws -> Corpus {
        let corpus = Corpus(documents: try store.documentCount(), heldOut: try store.heldOutCount())
        return corpus.documents > 0 ? corpus : try ingest()
    }
}

/// A stage that cannot begin, as data; the wording is here and nowhere else.
public enum PipelineError: Error, Sendable, Hashable {
    /// Nothing to learn from.
    case noDocuments(path: String)
    /// A stage was run before the one that it rests on.
    case missingStage(needed: Stage, run: Stage)
    /// An evaluation without questions.
    case noHeldOut
    /// A measure of forgetting without questions.
    case noMultipleChoice
    /// No question came out of the documents.
    case noQuestions(calls: Int)
    /// No instruction gave a sample to regularise with.
    case noInstructions(of: Int)
    /// Targets of another teacher than the configuration's.
    case otherTeacher
}

extension PipelineError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .noDocuments(let path):
            "There are no documents in \(path); give a folder with .txt, .md or .jsonl files, or .json of SQuAD or HotpotQA."
        case .missingStage(let needed, let run):
            "The \(run.rawValue) stage rests on \(needed.rawValue): run `instill \(needed.rawValue)` first."
        case .noHeldOut: "There are no held-out questions to evaluate with; name a file of them with --held-out."
        case .noMultipleChoice:
            "There are no multiple-choice questions to measure forgetting with; name a file of them with --questions."
        case .noQuestions(let calls):
            "None of \(calls) calls gave a usable question; use a more capable model, or bring your own questions."
        case .noInstructions(let count):
            "None of \(count) instructions has room for a reply within regularisation.maximumPromptTokens; raise it."
        case .otherTeacher:
            "The run's answers have the targets of another teacher than the configuration's: run `instill answers` first."
        }
    }
}
