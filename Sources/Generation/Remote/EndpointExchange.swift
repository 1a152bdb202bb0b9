// One attempt at one request over HTTP, and what its outcome means. Knows nothing of repetition, nor of what is asked.

import Foundation
import Lineage

/// One request, and how what comes back is read.
struct EndpointCall<Reply: Sendable>: Sendable {
    /// Where it goes below the endpoint's base URL.
    let path: String
    /// Makes the JSON that is sent, when its turn has come, without parameters that the endpoint has refused.
    let body: @Sendable (_ refused: Set<RequestParameter>) throws -> Data
    /// Reads the body of a successful response.
    let read: @Sendable (Data) throws(UnusableReply) -> Reply
    /// What stands for a reply that cannot be had; nil where the work cannot go on without it.
    let standIn: @Sendable (ReplyFault) -> Reply?
}

/// Sends requests to an endpoint over one connection.
struct EndpointExchange: Sendable {
    let endpoint: Endpoint
    let connection: CurlConnection

    init(_ endpoint: Endpoint) throws(EndpointFailure) {
        self.endpoint = endpoint
        if let proxy = endpoint.route.proxy, let scheme = EndpointRoute.unknownScheme(ofProxy: proxy.value) {
            throw .proxy(variable: proxy.variable, reason: .unknownScheme(scheme))
        }
        do throws(CurlConnection.Fault) {
            connection = try CurlConnection(endpoint.route)
        } catch {
            guard case .noLibrary(let reason) = error else { throw .unusable(reason: "\(error)") }
            throw .noLibrary(reason: reason)
        }
    }

    /// How an attempt ended, where it did not end the work.
    enum Outcome<Reply: Sendable>: Sendable {
        case reply(Reply)
        /// To be tried again; `otherwise` is what to make of it where the last attempt ends so.
        case trouble(EndpointTrouble, retryAfter: Double?, otherwise: ReplyFault? = nil)
        /// A parameter that was sent and is not taken, with the endpoint's own words where it has any.
        case refusedParameter(RequestParameter, said: String?)
    }

    /// Bytes that are read of a reply and of a failure's description.
    static let replyLimit = 4 << 20
    static let failureLimit = 64 << 10

    /// Sends a body to a call's path and judges the response.
    /// - Throws: `EndpointFailure` where asking again would not help; `CancellationError`.
    func attempt<Reply: Sendable>(_ call: EndpointCall<Reply>, _ body: Data) async throws -> Outcome<Reply> {
        let answer: CurlConnection.Answer
        do throws(CurlConnection.Fault) {
            answer = try await connection.post(
                body, to: endpoint.url(of: call.path), headers: endpoint.headers,
                seconds: endpoint.settings.timeoutSeconds, replyLimit: Self.replyLimit, failureLimit: Self.failureLimit)
        } catch {
            return .trouble(try trouble(error), retryAfter: nil)
        }
        // What arrived before the cancellation came is kept, as any other reply.
        return try judge(answer, call, body)
    }

    private func judge<Reply: Sendable>(
        _ answer: CurlConnection.Answer, _ call: EndpointCall<Reply>, _ sent: Data
    ) throws(EndpointFailure) -> Outcome<Reply> {
        if (200..<300).contains(answer.status) { return reply(answer.body, call) }
        let error = answer.body.map(ErrorBody.init)
        let said = error?.message.map(endpoint.quoted)
        var otherwise: ReplyFault?
        switch answer.status {
        case 300..<400:
            throw .redirected(status: answer.status, to: answer.location.map(endpoint.quoted))
        case 407:
            throw .proxy(variable: endpoint.route.proxy?.variable, reason: .refuses(status: 407, said: said))
        case 429 where error?.code == "insufficient_quota":
            throw .refused(status: 429, said: said, hadKey: endpoint.key != nil)
        case 429 where error?.exceedsRateAlone == true:
            if let reply = call.standIn(.tooLong(said: said)) { return .reply(reply) }
        case let status where [400, 403, 422, 451].contains(status) && error?.isBan == true:
            throw .barred(status: answer.status, said: said)
        case 400, 403, 413, 422, 451:
            let fault: ReplyFault? =
                answer.status == 413 || error?.isTooLong == true
                ? .tooLong(said: said) : error?.isRefusal == true ? .refused(said: said) : nil
            if let reply = fault.flatMap(call.standIn) { return .reply(reply) }
            if [400, 422].contains(answer.status),
                let parameter = error?.refusedParameter(of: RequestParameter.all(in: sent))
            {
                return .refusedParameter(parameter, said: said)
            }
        // Gateways pass on a refusal as a fault of theirs; their filters have faults themselves.
        case 500..<600:
            guard let error else { break }
            let fault: ReplyFault? =
                error.isTooLong ? .tooLong(said: said) : error.hasRefusalCode ? .refused(said: said) : nil
            if let reply = fault.flatMap(call.standIn) { return .reply(reply) }
            if error.isRefusal, !error.isPassing { otherwise = .refused(said: said) }
        default: break
        }
        switch answer.status {
        case 408, 409, 425, 429, 500...:
            return .trouble(
                .status(answer.status, said: said), retryAfter: answer.retryAfter, otherwise: otherwise)
        default: throw .refused(status: answer.status, said: said, hadKey: endpoint.key != nil)
        }
    }

    private func reply<Reply: Sendable>(_ body: Data?, _ call: EndpointCall<Reply>) -> Outcome<Reply> {
        do throws(UnusableReply) {
            guard let body else { throw .tooLarge(limit: Self.replyLimit) }
            return .reply(try call.read(body))
        } catch {
            // The endpoint answers, if only with nothing, so that others may fare better.
            switch error {
            case .empty(let reason):
                let reason = reason.map(endpoint.quoted)
                return .trouble(
                    .emptyReply(finishReason: reason), retryAfter: nil, otherwise: .empty(finishReason: reason))
            case .brokenOff(let reason):
                return .trouble(
                    .unusableReply(reason: endpoint.quoted(error.reason)), retryAfter: nil,
                    otherwise: .empty(finishReason: endpoint.quoted(reason)))
            default: return .trouble(.unusableReply(reason: endpoint.quoted(error.reason)), retryAfter: nil)
            }
        }
    }

    /// Names a failure below HTTP by what a person knows of it.
    /// - Throws: `EndpointFailure` for what no waiting mends; `CancellationError`.
    private func trouble(_ fault: CurlConnection.Fault) throws -> EndpointTrouble {
        let proxy = endpoint.route.proxy?.variable
        let byWay = proxy.map { ", by way of the proxy in \($0)" } ?? ""
        switch fault {
        case .noLibrary(let reason): throw EndpointFailure.noLibrary(reason: reason)
        case .cancelled: throw CancellationError()
        case .timedOut: return .timedOut(seconds: endpoint.settings.timeoutSeconds)
        case .unknownHost: return .unreachable(reason: "no host named \(endpoint.host) is known")
        case .unknownProxy: throw EndpointFailure.proxy(variable: proxy, reason: .unknownHost)
        case .proxyRefused(let status, let said):
            let said = endpoint.quoted(said)
            // A gateway of a proxy's may come back.
            if let status, status >= 500 {
                return .unreachable(reason: said + byWay)
            }
            throw EndpointFailure.proxy(variable: proxy, reason: .refuses(status: status, said: said))
        case .untrusted(let said): throw EndpointFailure.untrusted(said: endpoint.quoted(said))
        case .unreadableCertificates(let said):
            let source = endpoint.route.certificateFile ?? endpoint.route.certificateFolder
            throw EndpointFailure.unreadableCertificates(variable: source?.variable, said: endpoint.quoted(said))
        case .unsupported(let said): throw EndpointFailure.unusable(reason: endpoint.quoted(said))
        case .noTLS(let hasTunnel):
            let isProxy = !hasTunnel && endpoint.route.proxy?.value.lowercased().hasPrefix("https:") == true
            throw isProxy ? EndpointFailure.proxy(variable: proxy, reason: .noTLS) : EndpointFailure.noTLS
        case .noConnection(let code, let said):
            let reason = code == 0 ? endpoint.quoted(said) : String(cString: strerror(code)).lowercased()
            return .unreachable(reason: reason + byWay)
        case .broken(let said): return .unreachable(reason: endpoint.quoted(said) + byWay)
        }
    }
}
