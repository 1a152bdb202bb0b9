// One attempt at one request over HTTP, and what its outcome means. Knows nothing of repetition, nor of what is asked.

internal import AsyncHTTPClient
import Foundation
import Lineage
internal import NIOCore
import NIOHTTP1
internal import NIOPosix

/// One request, and how what comes back is read.
struct EndpointCall<Reply: Sendable>: Sendable {
    /// Where it goes below the endpoint's base URL.
    let path: String
    /// Makes the JSON that is sent, when its turn has come.
    let body: @Sendable () throws -> Data
    /// Reads the body of a successful response.
    let read: @Sendable (Data) throws(UnusableReply) -> Reply
}

/// Sends requests to an endpoint through a client that lives as long as the work does.
struct EndpointExchange: Sendable {
    let endpoint: Endpoint
    let client: HTTPClient

    /// How an attempt ended, where it did not end the work.
    enum Outcome<Reply: Sendable>: Sendable {
        case reply(Reply)
        case trouble(EndpointTrouble, retryAfter: String?)
    }

    /// Bytes that are read of a reply and of a failure's description.
    static let replyLimit = 4 << 20
    static let failureLimit = 64 << 10

    /// Sends a body to a path below the base URL and judges the response.
    /// - Throws: `EndpointFailure` where asking again would not help; `CancellationError`.
    func attempt<Reply: Sendable>(
        _ body: Data, to path: String, read: (Data) throws(UnusableReply) -> Reply
    ) async throws -> Outcome<Reply> {
        do {
            let limit = endpoint.settings.timeoutSeconds
            guard let response = try await withTimeLimit(seconds: limit, { try await send(body, to: path) }) else {
                return .trouble(.timedOut(seconds: limit), retryAfter: nil)
            }
            // A response cut by cancellation looks complete.
            try Task.checkCancellation()
            return try judge(response, read)
        } catch let failure as EndpointFailure {
            throw failure
        } catch {
            guard !Task.isCancelled else { throw CancellationError() }
            return .trouble(trouble(error), retryAfter: nil)
        }
    }

    /// A response in full. `body` is nil where it is larger than may be read.
    private struct Response: Sendable {
        let status: Int
        let location: String?
        let retryAfter: String?
        let body: Data?
    }

    private func send(_ body: Data, to path: String) async throws -> Response {
        var request = HTTPClientRequest(url: endpoint.settings.baseURL + path)
        request.method = .POST
        request.headers = ["Content-Type": "application/json", "Accept": "application/json", "User-Agent": "instill"]
        if let key = endpoint.key { request.headers.add(name: "Authorization", value: key.authorization) }
        request.body = .bytes(body)
        // The client's own limit ends with the head; the one around this covers the body too, and comes first.
        let response = try await client.execute(request, timeout: .seconds(Int64(endpoint.settings.timeoutSeconds) + 1))
        let isSuccess = (200..<300).contains(response.status.code)
        let received: Data?
        do {
            let buffer = try await response.body.collect(upTo: isSuccess ? Self.replyLimit : Self.failureLimit)
            received = Data(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            received = nil
        }
        return Response(
            status: Int(response.status.code), location: response.headers["Location"].first,
            retryAfter: response.headers["Retry-After"].first, body: received)
    }

    private func judge<Reply: Sendable>(
        _ response: Response, _ read: (Data) throws(UnusableReply) -> Reply
    ) throws(EndpointFailure) -> Outcome<Reply> {
        let said = response.body.flatMap(ErrorBody.message(in:)).map(endpoint.quoted)
        switch response.status {
        case 200..<300:
            return reply(response.body, read)
        case 300..<400:
            throw .redirected(status: response.status, to: response.location.map(endpoint.quoted))
        case 429 where response.body.flatMap(ErrorBody.code(in:)) == "insufficient_quota":
            throw .refused(status: 429, said: said, hadKey: endpoint.key != nil)
        case 408, 409, 425, 429, 500...:
            return .trouble(.status(response.status, said: said), retryAfter: response.retryAfter)
        default:
            throw .refused(status: response.status, said: said, hadKey: endpoint.key != nil)
        }
    }

    private func reply<Reply: Sendable>(
        _ body: Data?, _ read: (Data) throws(UnusableReply) -> Reply
    ) -> Outcome<Reply> {
        do throws(UnusableReply) {
            guard let body else { throw .tooLarge(limit: Self.replyLimit) }
            return .reply(try read(body))
        } catch {
            return .trouble(.unusableReply(reason: endpoint.quoted(error.reason)), retryAfter: nil)
        }
    }

    /// Names a failure below HTTP by what a person knows of it.
    private func trouble(_ error: any Error) -> EndpointTrouble {
        switch error {
        case let error as HTTPClientError:
            return .unreachable(reason: endpoint.quoted(error.shortDescription))
        case let error as NIOConnectionError:
            guard let cause = error.connectionErrors.first?.error else {
                return .unreachable(reason: "no host named \(error.host) is known")
            }
            return .unreachable(reason: endpoint.quoted(systemReason(cause)))
        default:
            return .unreachable(reason: endpoint.quoted(systemReason(error)))
        }
    }

    private func systemReason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode)).lowercased()
    }
}

/// What the operation returns, or nil where it takes longer.
private func withTimeLimit<Value: Sendable>(
    seconds: Double, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            return nil
        }
        return try await group.next() ?? nil
    }
}
