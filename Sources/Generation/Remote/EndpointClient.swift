// Many requests to an endpoint, some at a time, each tried until it is answered or the endpoint counts as down. Knows
// neither what is asked nor what is answered.

internal import AsyncHTTPClient
import Foundation
import Lineage

/// An endpoint at work. A value without a life of its own: connections are opened for one call of `replies(to:onReply:)` and
/// closed when that call ends, however it ends.
struct EndpointClient: Sendable {
    let endpoint: Endpoint
    private let service: EndpointService
    private let backOff: BackOff
    private let onRetry: @Sendable (String) -> Void

    /// Checks the settings and takes the key from the environment. Makes no request.
    ///
    /// `onRetry` is told in one line when the endpoint is given another try; once for all requests that wait alike.
    init(
        _ settings: EndpointSettings, service: EndpointService, environment: [String: String],
        backOff: BackOff = .usual, onRetry: @escaping @Sendable (String) -> Void
    ) throws(RemoteExpertError) {
        endpoint = try Endpoint(settings, service: service, environment: environment)
        self.service = service
        self.backOff = backOff
        self.onRetry = onRetry
    }

    /// Makes all calls, at most `parallelism` at once.
    ///
    /// Connection errors, timeouts, replies without content and the statuses 408, 409, 425, 429 and 5xx are tried
    /// again after a growing wait, or the one that the endpoint asks for; any other failure ends the work at once.
    /// - Parameters:
    ///   - calls: what to ask.
    ///   - onReply: given each reply and its call's index as it arrives, one at a time, so that it can be committed
    ///     before the rest is known. An error thrown there ends the work.
    /// - Returns: one reply a call, in the order of the calls.
    /// - Throws: `RemoteExpertError.stopped` with the number of replies handed over; `CancellationError`; what
    ///   `onReply` throws.
    func replies<Reply: Sendable>(
        to calls: [EndpointCall<Reply>], onReply: @Sendable (Int, Reply) async throws -> Void
    ) async throws -> [Reply] {
        try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await replies(
                to: calls, through: EndpointExchange(endpoint: endpoint, client: client),
                onReply: onReply)
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

    private typealias Replies<Reply> = ThrowingTaskGroup<(index: Int, reply: Reply), any Error>

    private func replies<Reply: Sendable>(
        to calls: [EndpointCall<Reply>], through exchange: EndpointExchange,
        onReply: @Sendable (Int, Reply) async throws -> Void
    ) async throws -> [Reply] {
        let announcements = Announcements()
        var waiting = Array(calls.enumerated())[...]
        var replies: [Int: Reply] = [:]
        var failure: (any Error)?
        func startNext(in group: inout Replies<Reply>) {
            guard let (index, call) = waiting.popFirst() else { return }
            group.addTask { (index, try await reply(to: call, through: exchange, announcements)) }
        }
        try await withThrowingTaskGroup(of: Replies<Reply>.Element.self) { group in
            for _ in 0..<min(endpoint.settings.parallelism, calls.count) { startNext(in: &group) }
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
                failure, endpoint: endpoint.settings, service: service, kept: replies.count, of: calls.count)
        }
        if let failure { throw failure }
        return calls.indices.compactMap { replies[$0] }
    }

    /// One reply, after as many attempts as it takes and is allowed.
    private func reply<Reply: Sendable>(
        to call: EndpointCall<Reply>, through exchange: EndpointExchange, _ announcements: Announcements
    ) async throws -> Reply {
        let body = try call.body()
        var attempt = 1
        while true {
            switch try await exchange.attempt(body, to: call.path, read: call.read) {
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
