// Embeddings from an endpoint: what goes over the wire, what comes back, and what a person reads when it goes wrong.

import Foundation
import Lineage
import NIOHTTP1
import TestSupport
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(10)))
struct RemoteEmbedderTests {
    private func embedder(
        _ url: String, parallelism: Int = 4, attempts: Int = 2, environment: [String: String] = [:]
    ) throws -> RemoteEmbedder {
        let settings = EndpointSettings(
            baseURL: url, model: "small-1", parallelism: parallelism, maximumAttempts: attempts)
        let backOff = BackOff(sleep: { _ in try Task.checkCancellation() }, fraction: { 1 })
        return try RemoteEmbedder(settings, environment: environment, backOff: backOff, onNotice: { _ in })
    }

    /// A vector a text: its length and its first byte.
    private static func vectors(_ request: ServedRequest) -> [[Double]] {
        (request.json["input"] as? [String] ?? []).map { [Double($0.utf8.count), Double($0.utf8.first ?? 0)] }
    }

    @Test func eachPieceIsOneRequestAndComesBackWithItsNumber() async throws {
        let seen = Recorder<ServedRequest>()
        let arrived = Recorder<String>()
        try await withServer { request in
            seen.add(request)
            return try .embeddings(Self.vectors(request))
        } _: { url in
            let embedder = try embedder(url + "/", parallelism: 1, environment: ["OPENAI_API_KEY": "sk-test"])
            #expect(embedder.identity == "small-1 at \(url)")
            try await embedder.embed([["a", "bcd"], ["é\n\"/"]]) { index, vectors in arrived.add("\(index) \(vectors)")
            }
        }
        #expect(arrived.all == ["0 [[1.0, 97.0], [3.0, 98.0]]", "1 [[5.0, 195.0]]"])
        #expect(seen.all.map(\.uri) == ["/v1/embeddings", "/v1/embeddings"])
        let body = seen.all.first.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(body == #"{"input":["a","bcd"],"model":"small-1"}"#)
        #expect(seen.all.first?.headers["Authorization"] == ["Bearer sk-test"])
    }

    @Test func theOrderIsTheIndexs() async throws {
        let arrived = Recorder<[[Float]]>()
        try await withServer { _ in
            .answer(
                status: 200,
                body: #"{"data": [{"index": 1, "embedding": [2, 3]}, {"index": 0, "embedding": [1e-3, -1]}]}"#)
        } _: { url in
            try await embedder(url).embed([["a", "b"]]) { arrived.add($1) }
        }
        #expect(arrived.all == [[[0.001, -1], [2, 3]]])
    }

    @Test func whatArrivedBeforeTheEndpointDiedIsHandedOver() async throws {
        let arrived = Recorder<Int>()
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { request in
                request.number < 5 ? try .embeddings(Self.vectors(request)) : .hangUp
            } _: { url in
                try await embedder(url, parallelism: 2).embed((0..<20).map { ["text \($0)"] }) { index, _ in
                    arrived.add(index)
                }
            }
        }
        #expect(Set(arrived.all).count == 5)
        guard case .stopped(.down(.unreachable, attempts: 2), _, .embeddings, kept: 5, of: 20) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// What a person reads of an endpoint that always answers so to a request for two texts.
    private func failure(_ response: ServedResponse) async throws -> String {
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { _ in
                response
            } _: { url in
                try await embedder(url).embed([["a", "b"]]) { _, _ in }
            }
        }
        return "\(try #require(error))".replacing(#/http://127\.0\.0\.1:\d+/v1/#, with: "URL")
    }

    @Test func uselessRepliesAreNamed() async throws {
        let advice =
            ", and 2 attempts did not change it. Check that the endpoint serves OpenAI's embeddings and how it runs this "
            + "model. 0 of 1 replies are kept; run the same command again to go on."
        for (response, reason) in [
            (try ServedResponse.embeddings([[1, 2]]), "it holds 1 embeddings, not one for each of the 2 texts"),
            (try .embeddings([[1, 2], [3, 4], [5, 6]]), "it holds 3 embeddings, not one for each of the 2 texts"),
            (try .embeddings([[1, 2], [3]]), "its embeddings have different lengths, 2 and 1"),
            (try .embeddings([[], []]), "an embedding is empty or holds numbers that are none"),
            (.answer(status: 200, body: "{}"), "its body is no list of embeddings in JSON"),
            (.answer(status: 200, body: #"{"error": "out of cheese"}"#), "out of cheese"),
        ] {
            #expect(try await failure(response) == "URL sent no usable reply (\(reason))\(advice)")
        }
    }

    @Test func refusalsSpeakOfEmbeddings() async throws {
        let missing = try await failure(.error(404, "no such thing"))
        #expect(missing.hasPrefix("404: URL has no /embeddings or no model \"small-1\" (no such thing)."))
        let long = try await failure(.error(400, "too long"))
        #expect(long.contains("400: URL refused the request (too long). Check the model's name, and that no document"))
        let error = #expect(throws: RemoteExpertError.self) {
            try RemoteEmbedder(EndpointSettings(baseURL: "nowhere", model: "m"), environment: [:])
        }
        #expect("\(try #require(error))".hasPrefix("The embeddings endpoint's baseURL is nowhere; it must be"))
    }
}
