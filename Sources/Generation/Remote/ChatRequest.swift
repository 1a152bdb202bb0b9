// One completion, of a chat or of a text, asked and answered, and its form on the wire. Knows JSON, not HTTP.

import Foundation

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

    /// The JSON body of the request.
    func body(model: String) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(RequestBody(self, model: model))
    }
}

/// What a remote model answered.
public struct ChatReply: Sendable, Hashable {
    /// The reply's text, never empty.
    public var text: String
    /// Whether the model ended its turn itself; false for a reply cut at its limit.
    public var isFinished: Bool
    /// Tokens read, where the endpoint counts them.
    public var promptTokens: Int?
    /// Tokens written, where the endpoint counts them.
    public var completionTokens: Int?

    public init(text: String, isFinished: Bool, promptTokens: Int? = nil, completionTokens: Int? = nil) {
        self.text = text
        self.isFinished = isFinished
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
    }

    /// Reads the body of a successful response.
    init(body: Data) throws(UnusableReply) {
        guard let completion = try? JSONDecoder().decode(ResponseBody.self, from: body) else {
            throw .notACompletion(said: ErrorBody.message(in: body))
        }
        guard let choice = completion.choices.first else { throw .noChoices }
        guard choice.message != nil || choice.text != nil else { throw .notACompletion(said: nil) }
        guard let text = choice.text ?? choice.message?.content, !text.isEmpty else {
            throw .empty(finishReason: choice.finishReason)
        }
        self.init(
            text: text, isFinished: choice.finishReason == "stop", promptTokens: completion.usage?.promptTokens,
            completionTokens: completion.usage?.completionTokens)
    }
}

/// Why a successful response holds no reply.
enum UnusableReply: Error, Hashable {
    case notACompletion(said: String?)
    case noChoices
    /// Models that reason before they answer leave the content empty when the limit cuts them short.
    case empty(finishReason: String?)
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
    let temperature: Double
    let maxTokens: Int
    let topP: Double?
    let topK: Int?
    let minP: Double?
    let seed: UInt64?

    enum CodingKeys: String, CodingKey {
        case model, messages, prompt, temperature, seed
        case maxTokens = "max_tokens"
        case topP = "top_p"
        case topK = "top_k"
        case minP = "min_p"
    }

    init(_ request: ChatRequest, model: String) {
        self.model = model
        messages = request.prompt == nil ? request.messages : nil
        prompt = request.prompt
        temperature = request.temperature
        maxTokens = request.maximumTokens
        topP = request.topP
        topK = request.topK
        minP = request.minP
        seed = request.seed.map { $0 & (1 << 53 - 1) }
    }
}

/// The part of a response that is read.
private struct ResponseBody: Decodable {
    struct Choice: Decodable {
        struct Message: Decodable { let content: String? }
        let message: Message?
        let text: String?
        let finishReason: String?
        enum CodingKeys: String, CodingKey {
            case message, text
            case finishReason = "finish_reason"
        }
    }
    struct Usage: Decodable {
        let promptTokens: Int?
        let completionTokens: Int?
        enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
        }
    }
    let choices: [Choice]
    let usage: Usage?
}

/// What an endpoint says about a failure. Servers differ in where they say it.
enum ErrorBody {
    /// OpenAI's `error.message`, else `error`, `message` or `detail` as text; nil where the body has none.
    static func message(in body: Data) -> String? {
        guard let object = object(in: body) else { return nil }
        if let error = object["error"] as? [String: Any], let message = error["message"] as? String { return message }
        return ["error", "message", "detail"].lazy.compactMap { object[$0] as? String }.first
    }

    /// OpenAI's machine-readable `error.code`.
    static func code(in body: Data) -> String? {
        (object(in: body)?["error"] as? [String: Any])?["code"] as? String
    }

    private static func object(in body: Data) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: body) as? [String: Any]
    }
}
