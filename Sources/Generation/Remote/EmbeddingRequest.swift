// One request for embeddings, and its form on the wire. Knows JSON, not HTTP.

import Foundation

/// Texts whose embeddings are asked for.
struct EmbeddingRequest: Sendable {
    let texts: [String]

    /// The JSON body of a request to `/embeddings`.
    func body(model: String) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(RequestBody(model: model, input: texts))
    }

    /// Reads the body of a successful response: an embedding a text, in the order of the texts, all of one length.
    func embeddings(body: Data) throws(UnusableReply) -> [[Float]] {
        guard let response = try? JSONDecoder().decode(ResponseBody.self, from: body) else {
            throw .notEmbeddings(said: ErrorBody(body).message)
        }
        // The order is the index's, whatever the list's.
        let places = response.data.enumerated().map { $1.index ?? $0 }
        let embeddings = zip(places, response.data).sorted { $0.0 < $1.0 }.map(\.1.embedding)
        guard embeddings.count == texts.count else { throw .wrongCount(expected: texts.count, found: embeddings.count) }
        guard let length = embeddings.first?.count else { return [] }
        if let other = embeddings.first(where: { $0.count != length }) {
            throw .unevenEmbeddings(first: length, other: other.count)
        }
        guard length > 0, embeddings.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw .notFinite }
        return embeddings
    }

    private struct RequestBody: Encodable {
        let model: String
        let input: [String]
    }

    /// The part of a response that is read.
    private struct ResponseBody: Decodable {
        struct Item: Decodable {
            let index: Int?
            let embedding: [Float]
        }
        let data: [Item]
    }
}
