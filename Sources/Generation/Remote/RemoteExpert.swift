// An expert behind an OpenAI-compatible endpoint. Knows chats, not documents.

import Foundation
import Lineage
import Synchronization

/// A remote model that writes questions, answers or grades.
///
/// A value without a life of its own: connections are opened for one call of `replies(to:onReply:)` and closed when
/// that call ends, however it ends.
public struct RemoteExpert: Sendable {
    private let client: EndpointClient

    /// Checks the settings and takes the key from the environment. Makes no request.
    ///
    /// `onNotice` is told in one line when the endpoint is given another try, once for all requests that wait alike, and when
    /// it refuses a parameter, which is left out from then on.
    package init(
        _ settings: EndpointSettings, environment: [String: String] = ProcessInfo.processInfo.environment,
        backOff: BackOff = .usual, onNotice: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(RemoteExpertError) {
        client = try EndpointClient(
            settings, service: .chatCompletions, environment: environment, backOff: backOff, onNotice: onNotice)
    }

    /// Asks all requests, at most `parallelism` at once.
    ///
    /// Connection errors, timeouts and the statuses 408, 409, 425, 429 and 5xx are tried again after a growing wait, or the one
    /// that the endpoint asks for. A prompt that is filtered or too long, and a reply that is empty or all thoughts, is a reply
    /// with a fault. Any other failure ends the work at once.
    /// - Parameters:
    ///   - requests: what to ask.
    ///   - kept: tags that the requests ask for and that are no thoughts.
    ///   - onReply: given each reply and its request's index as it arrives, one at a time, so that it can be committed
    ///     before the rest is known. An error thrown there ends the work.
    /// - Returns: one reply a request, in the order of the requests.
    /// - Throws: `RemoteExpertError.stopped` with the number of replies handed over; `RemoteExpertError.fruitless`;
    ///   `CancellationError`; what `onReply` throws.
    public func replies(
        to requests: [ChatRequest], keeping kept: Set<String> = [],
        onReply: @Sendable (Int, ChatReply) async throws -> Void = { _, _ in }
    ) async throws -> [ChatReply] {
        let endpoint = client.endpoint
        let settings = endpoint.settings
        let calls = requests.map { request in
            EndpointCall<ChatReply>(
                path: request.path, body: { try request.body(model: settings.model, without: $0) },
                read: { body throws(UnusableReply) in
                    var reply = try ChatReply(body: body, limit: request.maximumTokens, keeping: kept)
                    if case .refused(let said) = reply.fault { reply.fault = .refused(said: said.map(endpoint.quoted)) }
                    return reply
                },
                standIn: { ChatReply($0) })
        }
        let trial = Trial()
        return try await client.replies(to: calls) { index, reply in
            try await onReply(index, reply)
            if let fault = reply.fault, trial.isFailed(by: fault) {
                throw RemoteExpertError.fruitless(fault, endpoint: settings, replies: Trial.length)
            } else if reply.fault == nil {
                trial.succeed()
            }
        }
    }
}

/// Ends work of which nothing comes: replies that are paid for, and of which none can be used.
private final class Trial: Sendable {
    /// So many useless replies before the first that is of use.
    static let length = 32
    /// nil once there was a reply of use.
    private let useless = Mutex<Int?>(0)

    func succeed() { useless.withLock { $0 = nil } }

    func isFailed(by fault: ReplyFault) -> Bool {
        // What is refused or too long may be a few documents, and costs nothing.
        guard !fault.isFinal else { return false }
        return useless.withLock { count in
            count = count.map { $0 + 1 }
            return count == Self.length
        }
    }
}
