// What can go wrong with a remote expert or embedder, as data; the wording is here and nowhere else.

import Foundation
import Lineage

/// What an OpenAI-compatible endpoint is asked for.
public enum EndpointService: Sendable, Hashable {
    case chatCompletions, embeddings

    /// What follows the base URL.
    var path: String {
        switch self {
        case .chatCompletions: "/chat/completions"
        case .embeddings: "/embeddings"
        }
    }
}

/// A remote expert or embedder that cannot be used, or that stopped answering.
public enum RemoteExpertError: Error, Sendable, Hashable {
    /// A setting that cannot be, found before any request is made.
    case badSetting(EndpointService, name: String, value: String, need: String)
    /// A key that cannot be sent. The key itself is not part of the error.
    case badKey(variable: String)
    /// The endpoint ended the work. The `kept` replies of the `of` asked for were handed over before.
    case stopped(EndpointFailure, endpoint: EndpointSettings, service: EndpointService, kept: Int, of: Int)
    /// So many replies with a fault, and none without.
    case fruitless(ReplyFault, endpoint: EndpointSettings, replies: Int)
}

/// Why no further request is made.
public enum EndpointFailure: Error, Sendable, Hashable {
    /// A status that no repetition changes, with the endpoint's own words where it has any.
    case refused(status: Int, said: String?, hadKey: Bool)
    /// An account or a key that is flagged, suspended or closed, whatever is asked.
    case barred(status: Int, said: String?)
    /// Another address. It is not followed: the key is for the configured one only.
    case redirected(status: Int, to: String?)
    /// The last of all attempts at one request failed as well.
    case down(EndpointTrouble, attempts: Int)
    /// The endpoint asks for a longer wait than a person would sit through.
    case wantsLongWait(seconds: Double)
    /// A certificate that is not trusted, has run out or is another host's, in libcurl's words.
    case untrusted(said: String)
    /// An address that starts with https:// and is asked over plain HTTP alone.
    case noTLS
    /// Certificates that a variable names, or the system's, and that cannot be read.
    case unreadableCertificates(variable: String?, said: String)
    /// The proxy that a variable names is of no use.
    case proxy(variable: String?, reason: ProxyTrouble)
    /// libcurl cannot be opened.
    case noLibrary(reason: String)
    /// An address that libcurl does not take.
    case unusable(reason: String)
}

/// Why a proxy is of no use.
public enum ProxyTrouble: Sendable, Hashable {
    case unknownHost
    /// A kind of proxy that there is not, by what stands before ://.
    case unknownScheme(String)
    /// A proxy whose address starts with https:// and that is asked over plain HTTP alone.
    case noTLS
    case refuses(status: Int?, said: String?)
}

/// What may pass if one waits.
public enum EndpointTrouble: Sendable, Hashable {
    /// No connection, or one that broke.
    case unreachable(reason: String)
    /// No complete reply in time.
    case timedOut(seconds: Double)
    /// A status that may change, with the endpoint's own words where it has any.
    case status(Int, said: String?)
    /// A successful response that holds no reply.
    case unusableReply(reason: String)
    /// A reply without a word, with the reason that the endpoint gives for its end.
    case emptyReply(finishReason: String?)
}

extension RemoteExpertError: CustomStringConvertible {
    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .badSetting(let service, let name, let value, let need):
            let whose = service == .embeddings ? "embeddings endpoint" : "expert"
            return "The \(whose)'s \(name) is \(value); it must be \(need)."
        case .badKey(let variable):
            return "The key in \(variable) holds spaces, control characters or letters outside ASCII; set it again."
        case .stopped(let failure, let endpoint, let service, let kept, let count):
            let rest = "\(kept) of \(count) replies are kept; run the same command again to go on."
            return "\(failure.sentence(endpoint, service)) \(rest)"
        case .fruitless(let fault, let endpoint, let count):
            let notice = fault.notice(on: endpoint.model, from: endpoint.baseURL, limit: "the stage's maximumTokens")
            return "None of \(count) replies is of use. \(notice)"
        }
    }
}

extension EndpointFailure {
    fileprivate func sentence(_ endpoint: EndpointSettings, _ service: EndpointService) -> String {
        let address = endpoint.baseURL
        switch self {
        case .refused(let status, let said, let hadKey):
            return Self.refusal(status, hadKey: hadKey, endpoint, service) + quotation(said)
                + Self.advice(status, endpoint, service)
        case .barred(let status, let said):
            return """
                \(status): \(address) bars the account or the key in \(endpoint.apiKeyVariable)\(quotation(said)). Ask whoever \
                runs it, or set \(endpoint.apiKeyVariable) to another key.
                """
        case .redirected(let status, let target):
            return "\(status): \(address) redirects to \(target ?? "another address"); make that the base URL."
        case .down(let trouble, let attempts):
            let count = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
            return "\(address) \(trouble.predicate), and \(count) did not change it. \(trouble.advice(service))"
        case .wantsLongWait(let seconds):
            return "\(address) asks to be left alone for \(secondsText(seconds))."
        case .untrusted(let said):
            return "The certificate of \(address) is not accepted (\(said)). \(Self.advice(certificate: said))"
        case .noTLS:
            return "\(address) speaks no TLS: write http:// in the base URL, or correct its port."
        case .unreadableCertificates(let variable, let said):
            let source = variable.map { "that \($0) names" } ?? "of this system"
            return "The certificates \(source) cannot be read (\(said)). Give a file of certificates in PEM form."
        case .proxy(let variable, let reason):
            return "\(address) cannot be reached: \(reason.sentence(variable ?? "the environment"))"
        case .noLibrary(let reason):
            return """
                libcurl, which endpoints need, cannot be opened (\(reason)). Install it: libcurl4 on Debian and Ubuntu, libcurl \
                elsewhere.
                """
        case .unusable(let reason):
            return
                "\(address) cannot be asked with this system's libcurl (\(reason)). Check the base URL and the proxy."
        }
    }

    /// What to do about a certificate, by what OpenSSL and GnuTLS say is wrong with it.
    private static func advice(certificate said: String) -> String {
        if said.contains("expired") || said.contains("not yet valid") {
            return "Have it renewed on the server, and check the clock of this machine."
        }
        if said.contains("name") && said.contains("match") {
            return "Put the host that it was made for into the base URL, or have one made for this host."
        }
        return """
            If you trust it, name a file with it, or with the certificate of whoever signed it, in PEM form: \
            SSL_CERT_FILE=/path/to/certificate.pem before the command.
            """
    }

    private static func refusal(
        _ status: Int, hadKey: Bool, _ endpoint: EndpointSettings, _ service: EndpointService
    ) -> String {
        let (address, variable) = (endpoint.baseURL, endpoint.apiKeyVariable)
        return switch (status, hadKey) {
        case (401, true): "401: the key in \(variable) was refused by \(address)"
        case (401, false), (403, false): "\(status): \(address) wants a key, and \(variable) is not set"
        case (402, _), (429, _): "\(status): the account at \(address) has no credit left"
        case (403, true): "403: the key in \(variable) may not use model \"\(endpoint.model)\" at \(address)"
        case (404, _): "404: \(address) has no \(service.path) or no model \"\(endpoint.model)\""
        default: "\(status): \(address) refused the request"
        }
    }

    private static func advice(
        _ status: Int, _ endpoint: EndpointSettings, _ service: EndpointService
    ) -> String {
        switch status {
        case 401, 403: ". Set \(endpoint.apiKeyVariable) to a key that is valid there."
        case 402, 429: ". Add credit, or use another endpoint."
        case 404: ". Check the base URL, which usually ends in /v1, and the model's name."
        default:
            service == .embeddings
                ? ". Check the model's name, and that no document is longer than it reads."
                : ". Check the model's name, its context length and the sampling settings."
        }
    }
}

extension ProxyTrouble {
    fileprivate func sentence(_ variable: String) -> String {
        switch self {
        case .unknownHost:
            return "there is no host of the proxy's name in \(variable). Correct the variable, or unset it."
        case .unknownScheme(let scheme):
            return """
                the proxy in \(variable) starts with \(scheme)://, which no proxy does. Write http://, https:// or socks5h:// there, or \
                unset it.
                """
        case .noTLS:
            return "the proxy speaks no TLS: write http:// in \(variable), or correct its port."
        case .refuses(407, let said):
            return """
                the proxy in \(variable) wants a name and a password\(quotation(said)). Put them into the variable, as in \
                http://NAME:PASSWORD@HOST:PORT, or name the endpoint's host in no_proxy.
                """
        case .refuses(_, let said):
            return """
                the proxy in \(variable) refuses to connect\(quotation(said)). Name the endpoint's host in no_proxy if it needs no \
                proxy.
                """
        }
    }
}

extension EndpointTrouble {
    /// What a person reads while the endpoint is given another try. `attempt` counts from 1.
    func notice(_ endpoint: EndpointSettings, wait: Double, attempt: Int) -> String {
        """
        \(endpoint.baseURL) \(predicate); trying again in \(secondsText(wait)) \
        (attempt \(attempt) of \(endpoint.maximumAttempts))
        """
    }

    fileprivate var predicate: String {
        switch self {
        case .unreachable(let reason): "cannot be reached (\(reason))"
        case .timedOut(let seconds): "did not answer within \(secondsText(seconds))"
        case .status(let status, let said): "answered \(status)" + quotation(said)
        case .unusableReply(let reason): "sent no usable reply (\(reason))"
        case .emptyReply(nil): "sent no usable reply (its content is empty)"
        case .emptyReply(let reason?): "sent no usable reply (its content is empty, finish_reason \(reason))"
        }
    }

    fileprivate func advice(_ service: EndpointService) -> String {
        let name = service == .embeddings ? "embeddings" : "chat completions"
        return switch self {
        case .unreachable: "Check the base URL, the network and whether the server runs."
        case .timedOut: "Raise timeoutSeconds, or lower parallelism or the length of replies."
        case .status(429, _): "Lower parallelism."
        case .status: "Look at the server, or try later."
        case .unusableReply, .emptyReply: "Check that the endpoint serves OpenAI's \(name) and how it runs this model."
        }
    }
}

extension UnusableReply {
    /// The reason as it stands in a sentence.
    var reason: String {
        switch self {
        case .notACompletion(let said?): said
        case .notACompletion(nil): "its body is no chat completion in JSON"
        case .notEmbeddings(let said?): said
        case .notEmbeddings(nil): "its body is no list of embeddings in JSON"
        case .wrongCount(let expected, let found):
            "it holds \(found) embeddings, not one for each of the \(expected) texts"
        case .unevenEmbeddings(let first, let other):
            "its embeddings have different lengths, \(first) and \(other)"
        case .notFinite: "an embedding is empty or holds numbers that are none"
        case .noChoices: "it holds no choices"
        case .empty: "its content is empty"
        case .brokenOff(let reason): "it broke off, finish_reason \(reason)"
        case .tooLarge(let limit): "it is larger than \(limit >> 20) MiB"
        }
    }
}

private func quotation(_ said: String?) -> String { said.map { " (\($0))" } ?? "" }

/// A time for a person: tenths below ten seconds, whole seconds above.
private func secondsText(_ seconds: Double) -> String {
    let tenths = (seconds * 10).rounded() / 10
    let isWhole = tenths >= 10 || tenths == tenths.rounded()
    return String(format: isWhole ? "%.0f s" : "%.1f s", tenths)
}
