// Many requests to an endpoint, some at a time, each tried until it is answered or the endpoint counts as down. Knows
// neither what is asked nor what is answered.

import Foundation
import Lineage

/// An endpoint at work. A value without a life of its own: connections are opened for one call of `replies(to:onReply:)` and
/// closed when that call ends, however it ends.
struct EndpointClient: Sendable {
    let endpoint: Endpoint
    private let service: EndpointService
    private let backOff: BackOff
    private let onNotice: @Sendable (String) -> Void
    private let refused = RefusedParameters()

    /// Checks the settings and takes the key from the environment. Makes no request.
    ///
    /// `onNotice` is told in one line when the endpoint is given another try, once for all requests that wait alike, and when
    /// it refuses a parameter.
    init(
        _ settings: EndpointSettings, service: EndpointService, environment: [String: String],
        backOff: BackOff = .usual, onNotice: @escaping @Sendable (String) -> Void
    ) throws(RemoteExpertError) {
        endpoint = try Endpoint(settings, service: service, environment: environment)
        self.service = service
        self.backOff = backOff
        self.onNotice = onNotice
    }

    /// Makes all calls, at most `parallelism` at once.
    ///
    /// Connection errors, timeouts, replies without content and the statuses 408, 409, 425, 429 and 5xx are tried again after a
    /// growing wait, or the one that the endpoint asks for. A request whose reply can be done without ends in what stands in for
    /// it, and a refused parameter is left out; any other failure ends the work at once.
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
        func stopped(_ failure: EndpointFailure, kept: Int) -> RemoteExpertError {
            .stopped(failure, endpoint: endpoint.settings, service: service, kept: kept, of: calls.count)
        }
        let connections: [EndpointExchange]
        do throws(EndpointFailure) {
            connections = try (0..<min(endpoint.settings.parallelism, calls.count)).map { _ throws(EndpointFailure) in
                try EndpointExchange(endpoint)
            }
        } catch {
            throw stopped(error, kept: 0)
        }
        let announcements = Announcements()
        var waiting = Array(calls.enumerated())[...]
        var replies: [Int: Reply] = [:]
        var failure: (any Error)?
        func startNext(in group: inout Replies<Reply>, through exchange: EndpointExchange) {
            guard let (index, call) = waiting.popFirst() else { return }
            group.addTask { (index, try await reply(to: call, through: exchange, announcements), exchange) }
        }
        try await withThrowingTaskGroup(of: Replies<Reply>.Element.self) { group in
            for connection in connections { startNext(in: &group, through: connection) }
            while let result = await group.nextResult() {
                switch result {
                case .success(let (index, reply, exchange)):
                    if failure == nil { startNext(in: &group, through: exchange) }
                    // Also after a failure: a reply that has arrived is kept.
                    try await onReply(index, reply)
                    replies[index] = reply
                case .failure(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
            }
        }
        if let failure = failure as? EndpointFailure { throw stopped(failure, kept: replies.count) }
        if let failure { throw failure }
        return calls.indices.compactMap { replies[$0] }
    }

    /// A reply, and the connection that has become free.
    private typealias Replies<Reply> = ThrowingTaskGroup<
        (index: Int, reply: Reply, exchange: EndpointExchange), any Error
    >

    /// One reply, after as many attempts as it takes and is allowed.
    private func reply<Reply: Sendable>(
        to call: EndpointCall<Reply>, through exchange: EndpointExchange, _ announcements: Announcements
    ) async throws -> Reply {
        var attempt = 1
        while true {
            switch try await exchange.attempt(call, call.body(refused.all)) {
            case .reply(let reply):
                announcements.reset()
                return reply
            case .refusedParameter(let parameter, let said):
                if refused.add(parameter) { onNotice(parameter.notice(endpoint.settings.baseURL, said: said)) }
            case .trouble(let trouble, let retryAfter, let otherwise):
                guard attempt < endpoint.settings.maximumAttempts else {
                    if let reply = otherwise.flatMap(call.standIn) { return reply }
                    throw EndpointFailure.down(trouble, attempts: attempt)
                }
                let wait = try backOff.wait(afterAttempt: attempt, retryAfter: retryAfter)
                if announcements.isNew(attempt: attempt) {
                    onNotice(trouble.notice(endpoint.settings, wait: wait, attempt: attempt + 1))
                }
                try await backOff.sleep(wait)
                attempt += 1
            }
        }
    }
}
