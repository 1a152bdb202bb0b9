// The retriever: documents found by each method, and embeddings that are made once.

import Basics
import Foundation
import Generation
import Lineage
import Store
import Synchronization
import TestSupport
import Testing
import Tokenizers

@testable import Retrieval

@Suite(.timeLimit(.minutes(10)))
struct RetrieverTests: Sendable {
    private let files: TinyEncoderFolder
    private let tokenizer: Tokenizer

    init() throws {
        files = try TinyEncoderFolder()
        try TinyModel.write(to: files.folder.appending(path: "model"), seed: 1)
        tokenizer = try Tokenizer(directory: files.folder.appending(path: "model"))
    }

    private var kept: URL { files.folder.appending(path: "embeddings") }

    private func documents(_ texts: [String]) -> [RetrievalDocument] {
        texts.map { RetrievalDocument(id: ContentKey(of: $0), text: $0) }
    }

    private func retriever(
        _ method: RetrievalMethod, _ texts: [String], endpoint: String = "",
        checkIn: @escaping (Int, Int) throws -> Void = { _, _ in }
    ) throws -> Retriever {
        var settings = RetrievalSettings()
        settings.embedder = files.encoder.path
        settings.endpoint = EndpointSettings(baseURL: endpoint, model: "m", parallelism: 1, maximumAttempts: 1)
        // The server waits for its turn among all the other tests.
        settings.endpoint.timeoutSeconds = 600
        return try Retriever(
            method: method, settings: settings, documents: documents(texts), tokenizer: tokenizer, folder: kept,
            checkIn: checkIn)
    }

    private var keptFiles: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: kept.path)) ?? [])
    }

    @Test func bm25RanksByTheModelsTokens() throws {
        let texts = ["xxxx", "aqq", "zz qq zz", "xxx", "y"]
        let retriever = try retriever(.bm25, texts)
        let ranked = try retriever.ranked(for: "qz", count: 3)
        #expect(ranked.map(\.id) == [texts[2], texts[1], texts[0]].map { ContentKey(of: $0) })
        let scores = BM25(texts.map { tokenizer.encode($0) }).scores(tokenizer.encode("qz"))
        #expect(ranked.map(\.score) == [scores[2], scores[1], scores[0]])
        #expect(ranked[1].score > 0 && ranked[2].score == 0)
    }

    @Test func embeddingsRankByTheCosine() throws {
        let texts = ["kettle sing", "hill, hill.", "sing", "東 hill", "kettle sing"]
        let retriever = try retriever(.embeddings, texts)
        let ranked = try retriever.ranked(for: "Kettle SING", count: 5)
        // The same words are nearest, at one; the earlier of two alike comes first.
        #expect(ranked.prefix(2).allSatisfy { abs($0.score - 1) < 1e-5 && $0.id == ContentKey(of: "kettle sing") })
        let encoder = try SentenceEncoder(directory: files.encoder.path)
        let vectors = try encoder.embeddings(of: ["Kettle SING"] + texts).map { $0.map(Double.init) }
        let cosines = vectors.dropFirst().map { zip(vectors[0], $0).map(*).reduce(0, +) }
        for (place, document) in zip(Ranking.best(cosines, count: 5), ranked) {
            #expect(document.id == ContentKey(of: texts[place]))
            #expect(abs(document.score - cosines[place]) < 1e-5)
        }
        #expect(ranked[0].score - ranked[4].score > 1e-3)
    }

    @Test func manyQuestionsAreRankedAsOneByOne() throws {
        let texts = (0..<30).map { "kettle \(String(repeating: "hill ", count: $0 % 7)) sing \($0)" }
        let questions = (0..<9).map { "hill \($0) kettle" }
        for method in [RetrievalMethod.bm25, .embeddings] {
            let retriever = try retriever(method, texts)
            let together = try retriever.rankings(for: questions, count: 4)
            #expect(together.allSatisfy { $0.count == 4 })
            for (question, ranking) in zip(questions, together) {
                #expect(try retriever.ranked(for: question, count: 4).map(\.id) == ranking.map(\.id))
            }
            #expect(try retriever.rankings(for: [], count: 4).isEmpty)
        }
    }

    @Test(arguments: [RetrievalMethod.bm25, .embeddings])
    func withoutDocumentsNothingIsFound(method: RetrievalMethod) throws {
        #expect(try retriever(method, []).rankings(for: ["a", "b"], count: 3) == [[], []])
    }

    @Test func withoutAnEncoderItIsSaidHowToGetOne() throws {
        let error = #expect(throws: RetrievalError.self) {
            try Retriever(
                method: .embeddings, settings: RetrievalSettings(), documents: [], tokenizer: tokenizer, folder: kept)
        }
        #expect(error == .noEmbedder && "\(error.map(String.init(describing:)) ?? "")".contains("bootstrap embedder"))
    }

    // MARK: Kept embeddings

    @Test func aStoppedCorpusGoesOnWhereItWas() throws {
        struct Stop: Error {}
        let texts = (0..<300).map { "hill \($0)" }
        // Pieces of 128 texts: stopped before the third.
        #expect(throws: Stop.self) {
            try retriever(.embeddings, texts) { done, total in
                #expect(total == 300)
                if done >= 256 { throw Stop() }
            }
        }
        let before = keptFiles
        #expect(before.count == 2)
        let seen = Mutex<[Int]>([])
        let whole = try retriever(.embeddings, texts) { done, _ in seen.withLock { $0.append(done) } }
        #expect(seen.withLock { $0 } == [256, 300])
        #expect(keptFiles.isSuperset(of: before) && keptFiles.count == 3)

        let fresh = try TinyEncoderFolder()
        var settings = RetrievalSettings()
        settings.embedder = fresh.encoder.path
        let atOnce = try Retriever(
            method: .embeddings, settings: settings, documents: documents(texts), tokenizer: tokenizer,
            folder: fresh.folder.appending(path: "embeddings"))
        #expect(try whole.ranked(for: "hill 7", count: 300) == atOnce.ranked(for: "hill 7", count: 300))
    }

    @Test func aDamagedFileIsMadeAnew() throws {
        let texts = ["kettle", "hill"]
        let ranked = try retriever(.embeddings, texts).ranked(for: "hill", count: 2)
        for name in keptFiles { try Data("no embeddings".utf8).write(to: kept.appending(path: name)) }
        #expect(try retriever(.embeddings, texts).ranked(for: "hill", count: 2) == ranked)
    }

    /// Runs what waits for an endpoint on a thread of its own: the server needs those that tasks run on.
    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }

    @Test func anEndpointIsAskedOncePerPieceAndAfterItDiedForTheRestAlone() async throws {
        let texts = (0..<100).map { "text \($0)" }
        let asked = Recorder<Int>()
        let isRepaired = Recorder<Bool>()
        try await withServer { request in
            let input = request.json["input"] as? [String] ?? []
            asked.add(input.count)
            if asked.all.count == 3, isRepaired.all.isEmpty { return .error(503, "down") }
            return try .embeddings(input.map { [Double($0.utf8.count), Double($0.utf8.last ?? 0)] })
        } _: { url in
            let error = await #expect(throws: RemoteExpertError.self) {
                try await onThread { _ = try retriever(.endpoint, texts, endpoint: url) }
            }
            #expect("\(try #require(error))".hasSuffix("2 of 4 replies are kept; run the same command again to go on."))
            isRepaired.add(true)
            // Once for the rest and the question; then everything is kept, and no request is made.
            for requests in [[32, 32, 32, 32, 4, 1], [32, 32, 32, 32, 4, 1]] {
                let best = try await onThread {
                    try retriever(.endpoint, texts, endpoint: url).ranked(for: "text 7", count: 1).map(\.id)
                }
                #expect(best == [ContentKey(of: "text 7")])
                #expect(asked.all == requests)
            }
        }
    }

    @Test func vectorsOfTwoModelsAreNotCompared() async throws {
        let texts = (0..<40).map { "text \($0)" }
        let error = await #expect(throws: RetrievalError.self) {
            try await withServer { request in
                let input = request.json["input"] as? [String] ?? []
                return try .embeddings(input.map { _ in Array(repeating: 1, count: request.number == 0 ? 3 : 2) })
            } _: { url in
                try await onThread { _ = try retriever(.endpoint, texts, endpoint: url) }
            }
        }
        guard case .mixedDimensions(_, first: 3, other: 2, let folder) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(folder == kept.path)
    }
}
