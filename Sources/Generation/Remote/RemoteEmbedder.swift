// Embeddings from an OpenAI-compatible endpoint. Knows texts and vectors, not what is compared with what.

import Foundation
import Lineage

/// A model behind an endpoint that turns texts into vectors.
public struct RemoteEmbedder: Sendable {
    private let client: EndpointClient

    /// Texts of one request; text-embeddings-inference takes no more unless told to.
    public static let requestSize = 32

    /// Checks the settings and takes the key from the environment. Makes no request.
    ///
    /// `onNotice` is told in one line when the endpoint is given another try; once for all requests that wait alike.
    package init(
        _ settings: EndpointSettings, environment: [String: String] = ProcessInfo.processInfo.environment,
        backOff: BackOff = .usual, onNotice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(RemoteExpertError) {
        client = try EndpointClient(
            settings, service: .embeddings, environment: environment, backOff: backOff, onNotice: onNotice)
    }

    /// What names the model: its name and its endpoint.
    public var identity: String { client.endpoint.settings.identity }

    /// Embeddings of pieces of at most `requestSize` texts, a request a piece, as `RemoteExpert` makes its requests.
    /// - Parameters:
    ///   - pieces: what to embed.
    ///   - onReply: given each piece's embeddings and its index as they arrive, one piece at a time. An error thrown there
    ///     ends the work.
    /// - Throws: `RemoteExpertError.stopped` with the number of pieces handed over; `CancellationError`; what `onReply`
    ///   throws.
    public func embed(
        _ pieces: [[String]], onReply: @escaping @Sendable (Int, [[Float]]) async throws -> Void
    ) async throws {
        let model = client.endpoint.settings.model
        let calls = pieces.map { texts in
            let request = EmbeddingRequest(texts: texts)
            return EndpointCall(
                path: EndpointService.embeddings.path, body: { _ in try request.body(model: model) },
                read: request.embeddings(body:), standIn: { _ in nil })
        }
        _ = try await client.replies(to: calls, onReply: onReply)
    }
}
