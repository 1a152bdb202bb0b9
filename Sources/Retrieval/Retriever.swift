// Finds the documents that answer a question. Knows documents as keys and texts, and nothing of prompts.

import Basics
import Foundation
import Generation
import Lineage
import Store
import Tokenizers
import Torch

/// A document as retrieval sees it.
public struct RetrievalDocument: Sendable, Hashable {
    public let id: ContentKey
    public let text: String

    public init(id: ContentKey, text: String) {
        self.id = id
        self.text = text
    }
}

/// A corpus that can be asked. Not Sendable: it stays on the thread that runs it.
public struct Retriever {
    /// How it finds documents.
    public let method: RetrievalMethod
    /// Names what its rankings depend on besides documents, questions and the model's tokenizer.
    public let identity: String
    private let ids: [ContentKey]
    private let index: Index

    private enum Index {
        case bm25(BM25, Tokenizer)
        /// Unit vectors of the documents [documents, dimension].
        case embeddings(Tensor, TextEmbeddings)
    }

    /// Reads a corpus. Embeddings are computed once and kept in a folder; a corpus that was read before is not embedded again.
    /// - Parameters:
    ///   - method: how documents are found.
    ///   - settings: which encoder or endpoint.
    ///   - documents: the corpus; of documents with equal scores the earlier comes first.
    ///   - tokenizer: the model's own, for BM25.
    ///   - folder: where embeddings are kept; it need not exist yet.
    ///   - device: where an encoder runs.
    ///   - onNotice: told in one line when an endpoint is given another try.
    ///   - checkIn: told how many texts of how many are embedded, often; what it throws ends the work, and what is done is
    ///     kept.
    public init(
        method: RetrievalMethod, settings: RetrievalSettings, documents: [RetrievalDocument], tokenizer: Tokenizer,
        folder: URL, device: Device = .cpu, onNotice: @escaping @Sendable (String) -> Void = { _ in },
        checkIn: @escaping (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        self.method = method
        ids = documents.map(\.id)
        guard let embedder = try Retriever.embedder(method, settings, device, onNotice) else {
            identity = "bm25"
            index = .bm25(BM25(documents.map { tokenizer.encode($0.text) }), tokenizer)
            return
        }
        let embeddings = TextEmbeddings(embedder, folder: folder, checkIn: checkIn)
        identity = embedder.identity
        index = .embeddings(try embeddings.vectors(of: documents.map(\.text)), embeddings)
    }

    /// Whose embeddings a method compares; nil for one that compares none.
    private static func embedder(
        _ method: RetrievalMethod, _ settings: RetrievalSettings, _ device: Device,
        _ onNotice: @escaping @Sendable (String) -> Void
    ) throws -> Embedder? {
        switch method {
        case .bm25: return nil
        case .embeddings:
            guard !settings.embedder.isEmpty else { throw RetrievalError.noEmbedder }
            return .local(try SentenceEncoder(directory: settings.embedder, device: device))
        case .endpoint: return .remote(try RemoteEmbedder(settings.endpoint, onNotice: onNotice))
        }
    }

    /// The documents that fit a question best, the best first.
    public func ranked(for question: String, count: Int) throws -> [RankedDocument] {
        try rankings(for: [question], count: count)[0]
    }

    /// The same for many questions, whose embeddings are kept as the documents' are: a ranking a question.
    public func rankings(for questions: [String], count: Int) throws -> [[RankedDocument]] {
        switch index {
        case .bm25(let corpus, let tokenizer):
            return questions.map { ranking(corpus.scores(tokenizer.encode($0)), count) }
        case .embeddings(let documents_Nd, let embeddings):
            guard !questions.isEmpty, !ids.isEmpty else { return questions.map { _ in [] } }
            let questions_Md = try embeddings.vectors(of: questions)
            return try questions.indices.map { place in
                let question_d1 = try questions_Md.narrow(0, start: place, length: 1).transposed(0, 1)
                return ranking(try documents_Nd.matmul(question_d1).values(), count)
            }
        }
    }

    private func ranking(_ scores: [Double], _ count: Int) -> [RankedDocument] {
        Ranking.best(scores, count: count).map { RankedDocument(id: ids[$0], score: scores[$0]) }
    }
}
