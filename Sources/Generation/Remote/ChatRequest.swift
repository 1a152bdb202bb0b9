// One completion, of a chat or of a text, asked and answered, and its form on the wire. Knows JSON, not HTTP.

import Foundation
import Tokenizers

/// What to ask of a remote model.
public struct ChatRequest: Sendable, Hashable, Codable {
    /// One turn of the conversation.
    public struct Message: Sendable, Hashable, Codable {
        /// "system", "user" or "assistant".
        public var role: String
        public var content: String

        public init(role: String, content: String) {
            self.role = role
            self.content = content
        }
    }

    /// The conversation so far; empty where there is a prompt.
    public var messages: [Message]
    /// A text to be continued as it is, for models trained on a format that is no chat; nil for a conversation.
    public var prompt: String?
    /// The sampling temperature; 0 asks for the likeliest token always.
    public var temperature: Double
    /// Only the likeliest tokens that together reach this probability; nil leaves it to the endpoint.
    public var topP: Double?
    /// Only the k likeliest tokens. Sent as `top_k` where set, which vLLM and llama.cpp accept and OpenAI refuses.
    public var topK: Int?
    /// Only tokens at least this fraction as likely as the likeliest. Sent as `min_p` where set, as `topK`.
    public var minP: Double?
    /// The reply's length at most, in the endpoint's tokens.
    public var maximumTokens: Int
    /// Asks the endpoint for repeatable sampling, which few guarantee. Its low 53 bits are sent, which every reader
    /// of JSON holds exactly.
    public var seed: UInt64?

    public init(
        messages: [Message], prompt: String? = nil, temperature: Double, topP: Double? = nil, topK: Int? = nil,
        minP: Double? = nil, maximumTokens: Int, seed: UInt64? = nil
    ) {
        self.messages = messages
        self.prompt = prompt
        self.temperature = temperature
        self.topP = topP
        self.topK = topK
        self.minP = minP
        self.maximumTokens = maximumTokens
        self.seed = seed
    }

    /// Where it goes below the endpoint's base URL.
    var path: String { prompt == nil ? "/chat/completions" : "/completions" }

    /// The JSON body of the request, without the parameters that the endpoint has refused.
    func body(model: String, without refused: Set<RequestParameter> = []) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(RequestBody(self, model: model, without: refused))
    }
}

/// What a remote model answered.
public struct ChatReply: Sendable, Hashable {
    /// The reply's text, without the thoughts before it.
    public var text: String
    /// Whether the model ended its turn itself; false for a reply cut at its limit.
    public var isFinished: Bool
    /// Tokens read, where the endpoint counts them.
    public var promptTokens: Int?
    /// Tokens written, where the endpoint counts them.
    public var completionTokens: Int?
    /// Why the text is not to be used; nil for a reply proper.
    public var fault: ReplyFault?

    public init(
        text: String, isFinished: Bool, promptTokens: Int? = nil, completionTokens: Int? = nil, fault: ReplyFault? = nil
    ) {
        self.text = text
        self.isFinished = isFinished
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.fault = fault
    }

    /// No reply.
    init(_ fault: ReplyFault) { self.init(text: "", isFinished: false, fault: fault) }

    /// Reads the body of a successful response.
    /// - Parameters:
    ///   - limit: the tokens that were asked for at most.
    ///   - kept: tags that were asked for and are no thoughts.
    init(body: Data, limit: Int, keeping kept: Set<String> = []) throws(UnusableReply) {
        let completion = try? JSONDecoder().decode(ResponseBody.self, from: body)
        // Gemini answers a prompt that it will not read with 200, and says why instead of choosing.
        guard let choice = completion?.choices?.first else {
            let error = ErrorBody(body)
            if error.isRefusal {
                self.init(.refused(said: error.message))
                return
            }
            guard completion?.choices != nil else { throw .notACompletion(said: error.message) }
            throw .noChoices
        }
        // A filter may leave nothing but the reason.
        guard choice.message != nil || choice.text != nil || choice.finishReason != nil else {
            throw .notACompletion(said: nil)
        }
        let count = completion?.usage?.completionTokens
        let end = FinishReason(choice.finishReason) ?? ((count ?? 0) >= limit ? .limit : .itself)
        if end == .trouble, let reason = choice.finishReason { throw .brokenOff(finishReason: reason) }
        let content = choice.text ?? choice.message?.content?.text ?? ""
        let refusal = choice.message?.refusal ?? choice.message?.content?.refusal
        self.init(
            text: content, isFinished: end == .itself, promptTokens: completion?.usage?.promptTokens,
            completionTokens: count)
        if end == .filter || (content.isEmpty && refusal?.isEmpty == false) {
            (text, fault) = ("", .refused(said: refusal ?? choice.finishReason.map { "finish_reason \($0)" }))
        } else if content.isEmpty {
            // Where the server keeps thoughts apart, or where there was no room for more than them.
            let thoughts = choice.message?.thoughts ?? ""
            guard end == .limit || !thoughts.isEmpty else { throw .empty(finishReason: choice.finishReason) }
            (text, fault) = ("<think>\(thoughts)", .endsInThought)
        } else {
            removeThoughts(keeping: kept)
        }
    }

    /// Takes the thoughts off the text. One that does not end stays, so that what is stored says why there is no reply.
    public mutating func removeThoughts(keeping kept: Set<String>) {
        let (rest, isOpen) = Thoughts.removed(from: text, keeping: kept)
        if isOpen || rest.isEmpty {
            fault = .endsInThought
        } else {
            text = rest
        }
    }
}

/// How a reply ended, in the words of OpenAI and of other servers.
private enum FinishReason {
    /// `trouble` is the server's, and leaves half a text or none; `tool` is a wish for a tool that there is not.
    case itself, limit, filter, trouble, tool

    /// nil for a reason that is missing or not known, and says nothing.
    init?(_ name: String?) {
        // Gemini's filters follow theirs: content_filter: RECITATION.
        switch name?.lowercased().split(separator: ":").first {
        case "stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete": self = .itself
        case "length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded",
            "error_limit":
            self = .limit
        case "content_filter", "content_filtered", "safety", "prohibited_content", "recitation", "blocklist",
            "spii", "refusal", "sensitive", "guardrail_intervened", "error_toxic":
            self = .filter
        // OpenRouter, DeepSeek, vLLM and SGLang, Zhipu, Cohere.
        case "error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled", "network_error",
            "timeout", "user_cancel":
            self = .trouble
        case "tool_calls", "tool_call", "tool_use", "function_call": self = .tool
        default: return nil
        }
    }
}

/// Why a successful response holds no reply.
enum UnusableReply: Error, Hashable {
    case notACompletion(said: String?)
    case noChoices
    case empty(finishReason: String?)
    /// The server gave up in the midst of it.
    case brokenOff(finishReason: String)
    case tooLarge(limit: Int)
    case notEmbeddings(said: String?)
    case wrongCount(expected: Int, found: Int)
    case unevenEmbeddings(first: Int, other: Int)
    /// An embedding without numbers, or with one that is infinite.
    case notFinite
}

/// The body of a request: absent options are left out, as most servers refuse a null.
private struct RequestBody: Encodable {
    let model: String
    let messages: [ChatRequest.Message]?
    let prompt: String?
    let temperature: Double?
    let maxTokens: Int?
    let maxCompletionTokens: Int?
    let topP: Double?
    let topK: Int?
    let minP: Double?
    let seed: UInt64?

    enum CodingKeys: String, CodingKey {
        case model, messages, prompt, temperature, seed
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
        case topP = "top_p"
        case topK = "top_k"
        case minP = "min_p"
    }

    init(_ request: ChatRequest, model: String, without refused: Set<RequestParameter>) {
        func unless<Value>(_ parameter: RequestParameter, _ value: Value?) -> Value? {
            refused.contains(parameter) ? nil : value
        }
        self.model = model
        messages = request.prompt == nil ? request.messages : nil
        prompt = request.prompt
        temperature = unless(.temperature, request.temperature)
        maxTokens = unless(.maxTokens, request.maximumTokens)
        maxCompletionTokens = maxTokens == nil ? unless(.maxCompletionTokens, request.maximumTokens) : nil
        topP = unless(.topP, request.topP)
        topK = unless(.topK, request.topK)
        minP = unless(.minP, request.minP)
        seed = unless(.seed, request.seed.map { $0 & (1 << 53 - 1) })
    }
}

/// The part of a response that is read.
private struct ResponseBody: Decodable {
    struct Choice: Decodable {
        struct Message: Decodable {
            let content: MessageContent?
            let refusal: String?
            let thoughts: String?

            enum CodingKeys: String, CodingKey {
                case content, refusal, reasoning
                case reasoningContent = "reasoning_content"
            }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                content = try values.decodeIfPresent(MessageContent.self, forKey: .content)
                refusal = try? values.decodeIfPresent(String.self, forKey: .refusal)
                let apart = [CodingKeys.reasoningContent, .reasoning]
                thoughts = apart.lazy.compactMap { try? values.decodeIfPresent(String.self, forKey: $0) }.first
            }
        }
        let message: Message?
        let text: String?
        let finishReason: String?
        enum CodingKeys: String, CodingKey {
            case message, text
            case finishReason = "finish_reason"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            message = try values.decodeIfPresent(Message.self, forKey: .message)
            text = try values.decodeIfPresent(String.self, forKey: .text)
            finishReason = try? values.decode(String.self, forKey: .finishReason)
        }
    }
    /// A count that is no whole number is none: a good reply is not lost over it.
    struct Usage: Decodable {
        let promptTokens: Int?
        let completionTokens: Int?
        enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            func count(_ key: CodingKeys) -> Int? {
                (try? values.decode(Int.self, forKey: key))
                    ?? (try? values.decode(String.self, forKey: key)).flatMap { Int($0) }
            }
            promptTokens = count(.promptTokens)
            completionTokens = count(.completionTokens)
        }
    }
    let choices: [Choice]?
    let usage: Usage?
    enum CodingKeys: String, CodingKey { case choices, usage }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        choices = try values.decodeIfPresent([Choice].self, forKey: .choices)
        usage = try? values.decode(Usage.self, forKey: .usage)
    }
}

/// A message's content: a text, or a list of parts of which some are thoughts.
private struct MessageContent: Decodable {
    private struct Part: Decodable {
        let type: String?
        let text: String?
        let refusal: String?

        enum CodingKeys: String, CodingKey { case type, text, refusal }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            type = try? values.decode(String.self, forKey: .type)
            text = try? values.decode(String.self, forKey: .text)
            refusal = try? values.decode(String.self, forKey: .refusal)
        }
    }

    let text: String
    let refusal: String?

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            (self.text, refusal) = (text, nil)
        } else {
            let parts = try value.decode([Part].self)
            text = parts.filter { ["text", "output_text", nil].contains($0.type) }.compactMap(\.text).joined()
            refusal = parts.lazy.compactMap(\.refusal).first
        }
    }
}
