// An expert behind an OpenAI-compatible endpoint: many requests, some at a time, each tried until it is answered or
// the endpoint counts as down. Knows chats, not documents.

internal import AsyncHTTPClient
import Foundation

/// A remote model that writes questions, answers or grades.
///
/// A value without a life of its own: connections are opened for one call of `replies(to:onReply:)` and closed when
/// that call ends, however it ends.
public struct RemoteExpert: Sendable {
    private let endpoint: Endpoint
    private let backOff: BackOff
    private let onRetry: @Sendable (String) -> Void

    /// Checks the settings and takes the key from the environment. Makes no request.
    ///
    /// `onRetry` is told in one line when the endpoint is given another try; once for all requests that wait alike.
    public init(
        _ settings: EndpointSettings, environment: [String: String] = ProcessInfo.processInfo.environment,
        onRetry: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(RemoteExpertError) {
        try self.init(settings, environment: environment, backOff: BackOff(), onRetry: onRetry)
    }

    init(
        _ settings: EndpointSettings, environment: [String: String], backOff: BackOff,
        onRetry: @escaping @Sendable (String) -> Void
    ) throws(RemoteExpertError) {
        endpoint = try Endpoint(settings, environment: environment)
        self.backOff = backOff
        self.onRetry = onRetry
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
        try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await replies(to: requests, through: ChatExchange(endpoint: endpoint, client: client), onReply: onReply)
        }
    }

    private var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = endpoint.settings.parallelism
        // Repetition happens here alone, where it is counted and told.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private typealias Replies = ThrowingTaskGroup<(index: Int, reply: ChatReply), any Error>

    private func replies(
        to requests: [ChatRequest], through exchange: ChatExchange,
        onReply: @Sendable (Int, ChatReply) async throws -> Void
    ) async throws -> [ChatReply] {
        let announcements = Announcements()
        var waiting = Array(requests.enumerated())[...]
        var replies: [Int: ChatReply] = [:]
        var failure: (any Error)?
        func startNext(in group: inout Replies) {
            guard let (index, request) = waiting.popFirst() else { return }
            group.addTask { (index, try await reply(to: request, through: exchange, announcements)) }
        }
        try await withThrowingTaskGroup(of: Replies.Element.self) { group in
            for _ in 0..<min(endpoint.settings.parallelism, requests.count) { startNext(in: &group) }
            while let result = await group.nextResult() {
                switch result {
                case .success(let (index, reply)):
                    if failure == nil { startNext(in: &group) }
                    // Also after a failure: a reply that has arrived is kept.
                    try await onReply(index, reply)
                    replies[index] = reply
                case .failure(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
            }
        }
        if let failure = failure as? EndpointFailure {
            throw RemoteExpertError.stopped(
                failure, endpoint: endpoint.settings, kept: replies.count, of: requests.count)
        }
        if let failure { throw failure }
        return requests.indices.compactMap { replies[$0] }
    }

    /// One reply, after as many attempts as it takes and is allowed.
    private func reply(
        to request: ChatRequest, through exchange: ChatExchange, _ announcements: Announcements
    ) async throws -> ChatReply {
        let body = try request.body(model: endpoint.settings.model)
        var attempt = 1
        while true {
            switch try await exchange.attempt(body, to: request.path) {
            case .reply(let reply):
                announcements.reset()
                return reply
            case .trouble(let trouble, let retryAfter):
                guard attempt < endpoint.settings.maximumAttempts else {
                    throw EndpointFailure.down(trouble, attempts: attempt)
                }
                let wait = try backOff.wait(afterAttempt: attempt, retryAfter: retryAfter)
                if announcements.isNew(attempt: attempt) {
                    onRetry(trouble.notice(endpoint.settings, wait: wait, attempt: attempt + 1))
                }
                try await backOff.sleep(wait)
                attempt += 1
            }
        }
    }
}
