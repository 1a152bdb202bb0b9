// A conversation to keep a model's manners by while it learns: regularisation puts such ones beside the documents' questions
// (paper, section 4.6). Knows messages, not files or tokens.

import Basics
import Store
import Tokenizers

/// A conversation whose last turn is the assistant's reply, or one that still waits for it.
public struct Instruction: Sendable, Hashable {
    /// Hash of all turns, the reply included.
    public let id: ContentKey
    /// What is said before the reply; a user's turn is the last.
    public let prompt: [ChatMessage]
    /// The reply to learn from; nil where a model is to make it.
    public let reply: String?

    /// An instruction with its reply, or without one.
    public init(prompt: [ChatMessage], reply: String? = nil) {
        let turns = prompt + (reply.map { [ChatMessage(role: "assistant", content: $0)] } ?? [])
        id = ContentKey(of: "instruction", turns.map { "\($0.role):\($0.content.utf8.count):\($0.content)" }.joined())
        self.prompt = prompt
        self.reply = reply
    }

    /// One user's turn without a reply.
    public init(_ text: String) { self.init(prompt: [ChatMessage(role: "user", content: text)]) }

    public var messages: [ChatMessage] {
        prompt + (reply.map { [ChatMessage(role: "assistant", content: $0)] } ?? [])
    }
}

extension Instruction {
    /// A conversation as data have it, up to its last reply. At most one system message comes first, then user and assistant
    /// take turns, as chat templates want it.
    init(turns: [ChatMessage]) throws(SkipReason) {
        let known = ["system", "user", "assistant"]
        if let stranger = turns.first(where: { !known.contains($0.role) }) {
            throw SkipReason(.unknownRole(stranger.role))
        }
        guard let end = turns.lastIndex(where: { $0.role == "assistant" }), !turns[end].content.isBlank else {
            throw SkipReason(.noReply)
        }
        let kept = turns[...end]
        let talk = kept.first?.role == "system" ? kept.dropFirst() : kept
        let takesTurns = talk.enumerated().allSatisfy { $1.role == ($0.isMultiple(of: 2) ? "user" : "assistant") }
        guard takesTurns else { throw SkipReason(.turnsOutOfOrder) }
        self.init(
            prompt: Array(kept.dropLast().filter { !($0.role == "system" && $0.content.isBlank) }),
            reply: turns[end].content)
    }
}

extension StringProtocol {
    /// Whether there is nothing but white space.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
