// An expert behind an OpenAI-compatible endpoint. Knows chats, not documents.

import Foundation
import Lineage

/// A remote model that writes questions, answers or grades.
///
/// A value without a life of its own: connections are opened for one call of `replies(to:onReply:)` and closed when
/// that call ends, however it ends.
public struct RemoteExpert: Sendable {
    private let client: EndpointClient

    /// Checks the settings and takes the key from the environment. Makes no request.
    ///
    /// `onRetry` is told in one line when the endpoint is given another try; once for all requests that wait alike.
    package init(
        _ settings: EndpointSettings, environment: [String: String] = ProcessInfo.processInfo.environment,
        backOff: BackOff = .usual, onRetry: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(RemoteExpertError) {
        client = try EndpointClient(
            settings, service: .chatCompletions, environment: environment, backOff: backOff, onRetry: onRetry)
    }

    /// Asks all requests, at most `parallelism` at once.
    ///
    /// Connection errors, timeouts, replies without content and the statuses 408, 409, 425, 429 and 5xx are tried
    /// again after a growing wait, or the one that the endpoint asks for; any other failure ends the work at once.
    /// - Parameters:
    ///   - requests: what to ask.
    ///   - onReply: given each reply and its request's index as it arrives, one at a time, so that it can be committed
    ///     before the rest is known. An error thrown there ends the work.
    /// - Returns: one reply a request, in the order of the requests.
    /// - Throws: `RemoteExpertError.stopped` with the number of replies handed over; `CancellationError`; what
    ///   `onReply` throws.
    public func replies(
        to requests: [ChatRequest], onReply: @Sendable (Int, ChatReply) async throws -> Void = { _, _ in }
    ) async throws -> [ChatReply] {
        let model = client.endpoint.settings.model
        let calls = requests.map { request in
            EndpointCall(
                path: request.path, body: { try request.body(model: model) }, read: ChatReply.init(body:))
        }
        return try await client.replies(to: calls, onReply: onReply)
    }
}
