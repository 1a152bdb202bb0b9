// Parameters that a request can do without, and which of them an endpoint has refused. Knows names, not requests.

import Foundation
import Synchronization

/// A parameter by its name on the wire.
enum RequestParameter: String, CaseIterable, Sendable {
    case temperature, seed
    case topP = "top_p"
    case topK = "top_k"
    case minP = "min_p"
    case maxTokens = "max_tokens"
    /// OpenAI's later name for the same.
    case maxCompletionTokens = "max_completion_tokens"

    /// Where a text names the parameter first: as it is sent, or as topK or top-k.
    func place(in text: String) -> String.Index? {
        let name = rawValue.replacingOccurrences(of: "_", with: "[_-]?")
        return text.range(
            of: "(?<![A-Za-z0-9_])\(name)(?![A-Za-z0-9_])", options: [.regularExpression, .caseInsensitive])?.lowerBound
    }

    /// Those that a body holds.
    static func all(in body: Data) -> [RequestParameter] {
        let object = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
        return allCases.filter { object[$0.rawValue] != nil }
    }

    /// What a person reads of its refusal by an endpoint.
    func notice(_ address: String, said: String?) -> String {
        let instead =
            self == .maxTokens
            ? "\(RequestParameter.maxCompletionTokens.rawValue) is sent instead" : "it is left out from now on"
        return "\(address) refuses \(rawValue)\(said.map { " (\($0))" } ?? ""); \(instead)."
    }
}

/// The parameters that an endpoint has refused so far, known to all requests to it.
final class RefusedParameters: Sendable {
    private let refused = Mutex<Set<RequestParameter>>([])

    var all: Set<RequestParameter> { refused.withLock { $0 } }

    /// Notes a refusal; whether it is the first.
    func add(_ parameter: RequestParameter) -> Bool { refused.withLock { $0.insert(parameter).inserted } }
}
