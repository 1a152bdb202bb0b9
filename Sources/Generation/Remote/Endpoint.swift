// Settings found to be usable, together with the key and the way there. Knows addresses and keys, not requests.

import Foundation
import Lineage

/// An endpoint whose address, limits and key have been checked.
struct Endpoint: Sendable {
    /// The settings, the base URL without slashes at its end.
    let settings: EndpointSettings
    let key: APIKey?
    let route: EndpointRoute

    /// Checks every setting before any request is made.
    init(
        _ settings: EndpointSettings, service: EndpointService, environment: [String: String]
    ) throws(RemoteExpertError) {
        func bad(_ name: String, _ value: String, _ need: String) -> RemoteExpertError {
            .badSetting(service, name: name, value: value, need: need)
        }
        var settings = settings
        settings.baseURL = try Self.address(settings.baseURL, service)
        self.settings = settings
        key = try APIKey(variable: settings.apiKeyVariable, environment: environment)
        route = EndpointRoute(to: settings.baseURL, environment: environment)
        guard settings.apiKeyHeader.wholeMatch(of: /[A-Za-z0-9-]+/) != nil else {
            throw bad("apiKeyHeader", settings.apiKeyHeader, "the name of a header, such as Authorization or api-key")
        }
        guard !settings.model.isEmpty else {
            throw bad("model", "\"\"", "the name of a model at \(settings.baseURL)")
        }
        guard settings.parallelism >= 1 else {
            throw bad("parallelism", "\(settings.parallelism)", "1 or more")
        }
        // The upper bound keeps the time within what a clock can count.
        guard settings.timeoutSeconds > 0, settings.timeoutSeconds <= 86_400 else {
            throw bad("timeoutSeconds", "\(settings.timeoutSeconds)", "above 0 and at most 86400")
        }
        guard settings.maximumAttempts >= 1 else {
            throw bad("maximumAttempts", "\(settings.maximumAttempts)", "1 or more")
        }
    }

    /// The name in the address.
    var host: String { URLComponents(string: settings.baseURL)?.host ?? settings.baseURL }

    /// The address of a path below the base URL, whose query comes last.
    func url(of path: String) -> String {
        let parts = settings.baseURL.split(separator: "?", maxSplits: 1)
        return parts[0] + path + (parts.count == 2 ? "?\(parts[1])" : "")
    }

    /// The headers of a request, one a line.
    var headers: String {
        var lines = ["Content-Type: application/json", "Accept: application/json", "User-Agent: instill"]
        // libcurl would ask first whether it may send a long body, and wait for servers that do not answer that.
        lines.append("Expect:")
        if let key { lines.append(key.header(settings.apiKeyHeader)) }
        return lines.joined(separator: "\n")
    }

    /// What the endpoint said of itself, fit for a terminal: short, on one line, without control characters and
    /// without the key, which some servers repeat in their answer to a bad one.
    func quoted(_ text: String) -> String {
        let withoutKey = key.map { $0.redacted(text) } ?? text
        let plain = withoutKey.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                ? " " : Character(scalar)
        }
        let words = String(plain).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count <= 300 ? words : words.prefix(299) + "…"
    }

    private static func address(_ text: String, _ service: EndpointService) throws(RemoteExpertError) -> String {
        func bad(_ need: String, shown: String = text) -> RemoteExpertError {
            .badSetting(service, name: "baseURL", value: shown, need: need)
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
            throw bad("an address such as https://api.openai.com/v1")
        }
        guard scheme == "http" || scheme == "https" else {
            throw bad("an address that starts with http:// or https://")
        }
        guard let host = parts.host, !host.isEmpty else { throw bad("an address with a host") }
        guard parts.user == nil, parts.password == nil else {
            throw bad("an address without a password; put the key into the environment", shown: "\(scheme)://…@\(host)")
        }
        // Azure's. Others might hold a key, and addresses are shown.
        let isVersion = (parts.queryItems ?? []).allSatisfy { $0.name == "api-version" }
        guard isVersion, parts.fragment == nil else {
            throw bad("an address without # or ?, but for ?api-version=", shown: "\(scheme)://\(host)\(parts.path)?…")
        }
        guard (1...65_535).contains(parts.port ?? 80) else { throw bad("an address with a port from 1 to 65535") }
        let pieces = text.split(separator: "?", maxSplits: 1)
        var address = pieces[0]
        while address.hasSuffix("/") { address.removeLast() }
        return address + (pieces.count == 2 ? "?\(pieces[1])" : "")
    }
}

/// The key of an endpoint. Printing it, whole or as part of something else, shows nothing of it.
struct APIKey: Sendable {
    private let value: String

    /// The key in a variable of the environment; nil where there is none.
    init?(variable: String, environment: [String: String]) throws(RemoteExpertError) {
        let value = (environment[variable] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !value.isEmpty else { return nil }
        // Checked here because an HTTP library would put the value of a bad header into its error.
        guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .badKey(variable: variable) }
        self.value = value
    }

    /// The header that holds it. Only Authorization says what kind of key it is.
    func header(_ name: String) -> String {
        name.lowercased() == "authorization" ? "\(name): Bearer \(value)" : "\(name): \(value)"
    }

    /// The text with the key left out.
    func redacted(_ text: String) -> String { text.replacingOccurrences(of: value, with: "[key]") }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[key]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
