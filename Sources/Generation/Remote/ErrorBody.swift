// What an endpoint says about a failure. Servers differ in where they say it and in what words; those of many are known here.

import Foundation

struct ErrorBody {
    /// What a person is told, where the body has anything to tell.
    let message: String?
    /// OpenAI's machine-readable `error.code`.
    let code: String?
    /// All that is said, names and codes included, but for what was sent and is repeated.
    private let words: String

    init(_ body: Data) {
        var json = try? JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed)
        // Gemini puts its error into a list.
        if let list = json as? [Any], let first = list.first { json = first }
        guard let object = json as? [String: Any] else {
            let text = String(decoding: body.prefix(2000), as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines)
            let isText = json == nil && !text.isEmpty && !text.hasPrefix("<") && !text.hasPrefix("{")
            (message, code, words) = (isText ? text : nil, nil, isText ? text : "")
            return
        }
        let error = object["error"] as? [String: Any]
        code = error?["code"] as? String
        let texts = [error?["message"], object["error"], object["message"], object["detail"]]
        let message = texts.lazy.compactMap { $0.flatMap(Self.text) }.first
        // OpenRouter says what the provider behind it said in a place of its own.
        let raw = (error?["metadata"] as? [String: Any])?["raw"].flatMap(Self.text)
        self.message = [message, raw].compactMap(\.self).joined(separator: ": ").nilIfEmpty
        words = Self.strings(in: object).joined(separator: "\n")
    }

    /// Whether a filter, or the server's rules, will not have the text. An account that broke the rules is another matter.
    var isRefusal: Bool { (says(Self.refusals) || saysSafety) && !isBan }

    /// Whether a filter says so by its code, alone or as a gateway repeats it, and not in words that may be about the filter.
    var hasRefusalCode: Bool {
        let codes = Self.refusalCodes.joined(separator: "|")
        let quote = "\\\\*[\"']"
        return !isBan
            && (matches("^(?:\(codes))$")
                || matches("(?:code|type|reason|status)\(quote)\\s*:\\s*\(quote)(?:\(codes))\(quote)"))
    }

    /// Whether the account or the key is barred, whatever is asked.
    var isBan: Bool { Self.bans.contains(where: matches) }

    /// Whether the prompt is longer than the model reads.
    var isTooLong: Bool { says(Self.lengths) }

    /// Whether it is a fault that passes, of a filter's, say.
    var isPassing: Bool { says(Self.passing) }

    /// Whether one request alone is more than a rate limit lets through in all its time.
    var exceedsRateAlone: Bool {
        let numbers = words.firstMatch(of: /(?i)\blimit:?\s*([\d,]+)\b.*?\brequested:?\s*([\d,]+)/).map { match in
            [match.1, match.2].compactMap { Int($0.replacing(",", with: "")) }
        }
        if let numbers, numbers.count == 2 { return numbers[1] > numbers[0] }
        return says(["request too large", "tokens must be reduced"])
    }

    private func matches(_ pattern: String) -> Bool {
        words.range(of: "(?im)\(pattern)", options: .regularExpression) != nil
    }

    private func says(_ phrases: [String]) -> Bool {
        phrases.contains { words.range(of: $0, options: .caseInsensitive) != nil }
    }

    /// The first of some parameters that is named, as one that is not taken.
    func refusedParameter(of sent: [RequestParameter]) -> RequestParameter? {
        let named = sent.compactMap { parameter in parameter.place(in: words).map { (parameter, $0) } }
        guard let first = named.min(by: { $0.1 < $1.1 })?.0 else { return nil }
        // A limit may only be too high, and without one a reply has none.
        let isLimit = first == .maxTokens || first == .maxCompletionTokens
        guard isLimit, !matches(Self.rename) else { return first }
        return says(Self.unknownNames) && !says(Self.highValues) ? first : nil
    }

    /// Gemini's reason, which is a common word in small letters.
    private var saysSafety: Bool { words.range(of: "\\bSAFETY\\b", options: .regularExpression) != nil }

    private static let refusals = [
        // OpenAI, Azure, and gateways to them.
        "content_filter", "content filter", "content_policy", "content policy", "ContentPolicy",
        "content management policy",
        "ResponsibleAIPolicyViolation", "usage polic", "invalid_prompt", "safety system", "flagged", "moderation",
        // xAI, Gemini, Bedrock, DeepSeek, Moonshot, Alibaba, Zhipu.
        "usage guidelines", "SAFETY_CHECK", "PROHIBITED_CONTENT", "guardrail", "Content Exists Risk",
        "considered high risk", "data_inspection_failed", "DataInspectionFailed", "inappropriate content",
        "sensitive content", "contentFilter", "敏感内容",
    ]

    private static let refusalCodes = [
        "content_filter", "content_filtered", "content_policy_violation", "ContentPolicyViolationError",
        "ResponsibleAIPolicyViolation", "invalid_prompt", "PROHIBITED_CONTENT", "data_inspection_failed",
        "DataInspectionFailed", "guardrail_intervened", "contentFilter",
    ]

    /// An account or a key, whose name may follow, and what was done to it.
    private static let bans: [String] = {
        let thing =
            "\\b(?:(?:api|access|secret)[ _-]?(?:keys?|token)|keys?|accounts?|organi[sz]ations?|projects?|workspaces?"
            + "|subscriptions?|tenants?|credentials?)"
        let name = "(?:\\s+['\"(<]?[\\w-]*[\\d*_-][\\w*.<>@-]*['\")]?)?"
        let verb = "\\s+(?:has been|have been|had been|was|were|is|are)"
        let adverbs = "\\s+(?:(?:\\w+ly|now|already|being)\\s+){0,2}"
        let done =
            "(?:flagged|blocked|barred|banned|suspended|deactivated|disabled|terminated|restricted|locked|frozen|revoked"
            + "|closed|under (?:review|investigation)|on hold)\\b"
        let end = "\\s*(?:$|[.,;:!(]|(?:for|because|due|after|until|pending|as)\\b)"
        return [
            thing + name + verb + adverbs + done,
            thing + name + adverbs + done + end,
            "\\b(?:you|your access)" + verb + adverbs + done,
            "\\b" + done + "\\s+(?:your|this|the)\\s+" + thing + end,
            "\\b(?:account|key)_" + done,
        ]
    }()

    private static let passing = [
        "timed out", "timeout", "time out", "retry", "try again", "unavailable", "overloaded", "temporar",
        "unreachable", "could not connect", "failed to connect", "connection error", "connection re",
    ]

    private static let lengths = [
        "context_length", "context length", "context window", "context size", "context limit", "context_size",
        "maximum context", "max_model_len", "prompt is too long", "prompt too long", "input is too long",
        "input too long",
        "too many input tokens", "input token count", "maximum number of tokens", "request too large",
        "too large for model",
        "reduce the length", "string_above_max_length", "range of input length", "`inputs` must have less",
        "`inputs` tokens", "maximum sequence length", "longer than the maximum",
    ]

    private static let unknownNames = [
        "unsupported", "not supported", "not support", "unrecognized", "unrecognised", "unknown", "extra_forbidden",
        "extra inputs", "extra fields", "not permitted", "not allowed", "not accept", "unexpected", "cannot find",
        "deprecated", "additional propert",
    ]

    /// Another name for a parameter, which has an underscore, and not another value.
    private static let rename = "\\buse\\s+(?:the\\s+)?(?:parameter\\s+)?['\"`]?[a-z]+(?:_[a-z]+)+['\"`]?\\s+instead"

    /// What is said of a limit that is known, and too high.
    private static let highValues = [
        "too large", "too high", "too big", "at most", "less than", "lower than", "larger than", "greater than",
        "higher than", "more than", "<=", "exceed", "lower value", "smaller value", "between", "unsupported_value",
        "unsupported value",
    ]

    /// A text, or what a list of faults says, each with the place that it is about.
    private static func text(_ value: Any) -> String? {
        switch value {
        case let text as String: text.nilIfEmpty
        case let object as [String: Any]:
            if let message = (object["msg"] ?? object["message"] ?? object["detail"]).flatMap(text) {
                ((object["loc"] as? [Any])?.last.map { "\($0): " } ?? "") + message
            } else {
                nil
            }
        case let list as [Any]: list.compactMap(text).joined(separator: "; ").nilIfEmpty
        default: nil
        }
    }

    /// What repeats the request, and what tells of the server's own code.
    private static let passedOver: Set<String> = [
        "input", "flagged_input", "callstack", "prompt", "messages", "body", "ctx", "url", "stack", "traceback",
    ]

    /// All texts of a body: first the parameter that is complained of, then messages, then the rest.
    private static func strings(in value: Any) -> [String] {
        switch value {
        case let text as String: return [text]
        case let list as [Any]: return list.flatMap(strings)
        case let object as [String: Any]:
            let order = ["param", "error", "message", "msg", "detail"]
            let keys = object.keys.filter { !passedOver.contains($0) }.sorted {
                (order.firstIndex(of: $0) ?? order.count, $0) < (order.firstIndex(of: $1) ?? order.count, $1)
            }
            return keys.flatMap { object[$0].map(strings) ?? [] }
        default: return []
        }
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
