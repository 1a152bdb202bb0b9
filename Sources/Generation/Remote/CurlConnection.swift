// One request after another to an endpoint over one connection of libcurl's, each on a thread of its own, since Swift's are not
// to be kept waiting. Knows bytes and statuses, not what they mean.

internal import CCurl
import Foundation

/// A connection to an endpoint. It has one user at a time.
final class CurlConnection: Sendable {
    /// An answer in full. `body` is nil where it is larger than may be read.
    struct Answer: Sendable {
        let status: Int
        /// Where a redirect points.
        let location: String?
        /// Seconds that the endpoint asks to wait.
        let retryAfter: Double?
        let body: Data?
    }

    /// Why there is no answer.
    enum Fault: Error, Sendable {
        case noLibrary(reason: String)
        case cancelled
        case timedOut
        case unknownHost
        case unknownProxy
        /// A status, where the proxy gave one.
        case proxyRefused(status: Int?, said: String)
        /// A server that answers a greeting in TLS with something else: the proxy, or the endpoint behind its tunnel.
        case noTLS(hasTunnel: Bool)
        case untrusted(said: String)
        case unreadableCertificates(said: String)
        case unsupported(said: String)
        /// The system's error number, where it is known.
        case noConnection(code: Int32, said: String)
        case broken(said: String)
    }

    // Used by one request at a time; cancelling is allowed from anywhere.
    private nonisolated(unsafe) let handle: OpaquePointer

    /// Opens libcurl if need be, and no connection yet.
    init(_ route: EndpointRoute) throws(Fault) {
        if let failure = ccurl_open_library() { throw .noLibrary(reason: String(cString: failure)) }
        guard
            let handle = ccurl_connection_make(
                route.proxy?.value ?? "", route.certificateFile?.value, route.certificateFolder?.value)
        else { throw .noLibrary(reason: "there is no memory for it") }
        self.handle = handle
    }

    deinit { ccurl_connection_free(handle) }

    /// Posts a body and waits for the answer to it.
    /// - Parameters:
    ///   - headers: one a line.
    ///   - replyLimit: bytes that are read of a successful answer.
    ///   - failureLimit: bytes that are read of any other.
    func post(
        _ body: Data, to url: String, headers: String, seconds: Double, replyLimit: Int, failureLimit: Int
    ) async throws(Fault) -> Answer {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    let response = body.withUnsafeBytes { bytes in
                        ccurl_post(
                            self.handle, url, headers, bytes.baseAddress, bytes.count, seconds, replyLimit, failureLimit
                        )
                    }
                    continuation.resume(returning: Self.result(response))
                }
            }
        } onCancel: {
            ccurl_cancel(handle)
        }
        return try result.get()
    }

    private static func result(_ response: CCurlResponse) -> Result<Answer, Fault> {
        let said = String(cString: response.message)
        switch response.outcome {
        case CCurlAnswered:
            let body = response.body.map { Data(bytes: $0, count: response.body_size) } ?? Data()
            return .success(
                Answer(
                    status: Int(response.status), location: response.redirect.map { String(cString: $0) },
                    retryAfter: response.retry_after > 0 ? Double(response.retry_after) : nil,
                    body: response.is_too_large ? nil : body))
        case CCurlCancelled: return .failure(.cancelled)
        case CCurlTimedOut: return .failure(.timedOut)
        case CCurlUnknownHost: return .failure(.unknownHost)
        case CCurlUnknownProxy: return .failure(.unknownProxy)
        case CCurlProxyRefused:
            let status = response.proxy_status > 0 ? Int(response.proxy_status) : nil
            return .failure(.proxyRefused(status: status, said: said))
        case CCurlNoTLS: return .failure(.noTLS(hasTunnel: response.proxy_status > 0))
        case CCurlUntrusted: return .failure(.untrusted(said: said))
        case CCurlUnreadableCertificates: return .failure(.unreadableCertificates(said: said))
        case CCurlUnsupported: return .failure(.unsupported(said: said))
        case CCurlNoConnection: return .failure(.noConnection(code: response.system_error, said: said))
        default: return .failure(.broken(said: said))
        }
    }
}
