// Whoever writes questions and answers: a model on this machine or one behind an endpoint. Knows conversations and
// replies, not documents.

import Basics
import LanguageModels
import Lineage
import Tokenizers
import Torch

/// One request to an expert.
public struct Conversation: Sendable {
    /// The messages, a user's last.
    public var messages: [ChatMessage]
    /// Words with which the reply begins; they are part of the reply's text.
    public var replyPrefix: String
    /// A chat template in place of the model's own, for models that are trained on a format that is no chat.
    public var template: String?
    /// Seed of the reply's randomness.
    public var seed: UInt64
    /// What it is about, for a person who is told that there is no reply: a document's name, say.
    public var subject: String

    public init(
        _ messages: [ChatMessage], replyPrefix: String = "", template: String? = nil, seed: UInt64, subject: String = ""
    ) {
        self.messages = messages
        self.subject = subject
        self.replyPrefix = replyPrefix
        self.template = template
        self.seed = seed
    }
}

/// What an expert said.
public struct ExpertReply {
    /// The words, without thoughts before them and the tokens that end a turn.
    public var text: String
    /// Whether the reply ended by itself.
    public var isFinished: Bool
    /// The text's tokens as drawn, the end of the turn included; nil from an endpoint, which gives words only, and where the
    /// text is not what was drawn but a part of it.
    public var tokens: [Int]?
    /// The state from which each token was drawn, [tokens, d]; nil unless asked for, and from an endpoint.
    public var hiddenStates: Tensor?
    /// Why there is no reply, whose text is then empty.
    public var fault: ReplyFault?

    /// Whether it says one thing over and over until its limit, which is no answer.
    public var repeatsItself: Bool { !isFinished && text.endsInRepetition }

    /// A reply; an endpoint's is words alone.
    public init(
        text: String, isFinished: Bool, tokens: [Int]? = nil, hiddenStates: Tensor? = nil, fault: ReplyFault? = nil
    ) {
        self.text = text
        self.fault = fault
        self.isFinished = isFinished
        self.tokens = tokens
        self.hiddenStates = hiddenStates
    }
}

/// The rules of one round of requests.
public struct ReplyRules: Sendable {
    /// How tokens are drawn.
    public var sampling: SamplingSettings
    /// The most tokens of a reply.
    public var maximumTokens: Int
    /// Ends a reply after so many lines; nil never does. A model on this machine only.
    public var maximumLines: Int?
    /// Whether states are kept, where the expert is the teacher.
    public var keepsHiddenStates: Bool
    /// Names of tags that the request asks for, and that are no thoughts though a reply begins with them.
    public var askedTags: Set<String>

    public init(
        sampling: SamplingSettings, maximumTokens: Int, maximumLines: Int? = nil, keepsHiddenStates: Bool = false,
        askedTags: Set<String> = []
    ) {
        self.askedTags = askedTags
        self.maximumLines = maximumLines
        self.sampling = sampling
        self.maximumTokens = maximumTokens
        self.keepsHiddenStates = keepsHiddenStates
    }
}

/// A model on this machine as a writer of replies.
public struct LocalExpert {
    public let model: LanguageModel
    /// Added to it, if any; one made for inference.
    public let adapter: LoRAAdapter?
    /// Replies that are written at the same time.
    public let batchSize: Int

    public init(_ model: LanguageModel, adapter: LoRAAdapter? = nil, batchSize: Int) {
        self.model = model
        self.adapter = adapter
        self.batchSize = batchSize
    }

    /// Replies in the order of the conversations. The same list gives the same replies.
    public func replies(
        to conversations: [Conversation], rules: ReplyRules, onTokens: (Int) throws -> Void = { _ in }
    ) throws -> [ExpertReply] {
        let generator = BatchGenerator(
            decoder: model.decoder, adapter: adapter, sampling: rules.sampling, stopTokens: model.stopTokens,
            maximumTokens: rules.maximumTokens, padding_V: model.padding_V,
            lineLimit: rules.maximumLines.map { LineLimit($0, breaks: model.lineBreakTokens) }, batchSize: batchSize)
        let rows = try conversations.map { conversation in
            GenerationRow(
                prompt: try model.promptTokens(
                    conversation.messages, replyPrefix: conversation.replyPrefix,
                    template: conversation.template.map(ChatTemplate.init)),
                seed: conversation.seed)
        }
        let generated = try generator.generate(rows, keepsHiddenStates: rules.keepsHiddenStates) { news in
            try onTokens(news.count)
            return true
        }
        return try zip(zip(conversations, rows), generated).map { asked, row in
            let (conversation, prompt) = (asked.0, asked.1.prompt)
            // Words put into its mouth, or a format of its own, leave it nothing to think.
            guard conversation.replyPrefix.isEmpty, conversation.template == nil else {
                return ExpertReply(
                    text: conversation.replyPrefix + model.text(row.tokens, after: prompt), isFinished: row.isFinished,
                    tokens: row.tokens, hiddenStates: row.hiddenStates)
            }
            let (text, start, isOpen) = model.withoutThoughts(row.tokens, after: prompt)
            var reply = ExpertReply(text: text, isFinished: row.isFinished && !isOpen)
            if let start {
                reply.tokens = Array(row.tokens[start...])
                reply.hiddenStates =
                    start == 0
                    ? row.hiddenStates
                    : try row.hiddenStates?.narrow(0, start: start, length: row.tokens.count - start)
            }
            if isOpen { reply.fault = .endsInThought }
            return reply
        }
    }
}
