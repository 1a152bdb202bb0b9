// The words that every stage puts to a model, but for those that ask for questions. Knows documents and questions, not
// tokens.

import Store
import Tokenizers

/// Conversations of one run; all of them begin with its system message.
public struct Prompts: Sendable, Hashable, Codable {
    /// The system message; nil leaves the chat template its own.
    public var systemMessage: String?

    /// Prompts under a system message.
    public init(systemMessage: String?) { self.systemMessage = systemMessage }

    /// A conversation of the system message and these.
    public func conversation(_ messages: [ChatMessage]) -> [ChatMessage] {
        (systemMessage.map { [ChatMessage(role: "system", content: $0)] } ?? []) + messages
    }

    /// What the student sees: the bare question (paper, section 2.2).
    public func closedBook(_ question: String) -> [ChatMessage] {
        conversation([ChatMessage(role: "user", content: question)])
    }

    /// What a model with a retriever sees: the passages found, then the question (paper, section 4.1; METHOD, Evaluation).
    public func retrieved(_ passages: [String], question: String) -> [ChatMessage] {
        let turn = (passages + ["Question: \(question)"]).joined(separator: "\n\n")
        return conversation([ChatMessage(role: "user", content: turn)])
    }

    /// What the teacher sees: the document, then the question (paper, Appendix A; METHOD, Answers).
    public func openBook(_ passage: String, question: String) -> [ChatMessage] {
        conversation([ChatMessage(role: "user", content: "\(passage)\n\n---\n\n\(question)")])
    }

    /// The same with a request to reason first (paper, section 4.3: SFT with distractors). What is said must make sense where
    /// the document is one of several, and where it is missing, so the reply is to name facts and not places in the text.
    public func openBookStepByStep(_ passage: String, question: String) -> [ChatMessage] {
        let request = """
            Reason step by step before you answer. First state, in full sentences with names, the facts that bear on the \
            question; then say what follows from them; then give the answer in one last sentence that begins with "Answer:".
            """
        return conversation([ChatMessage(role: "user", content: "\(passage)\n\n---\n\n\(question)\n\n\(request)")])
    }
}

extension Document {
    /// What it is about, as far as is known: its title, else its name.
    public var subject: String { title ?? name }

    /// The text with the title before it where the text does not begin with it: a later part of a long document, or a
    /// format that keeps titles apart.
    public var passage: String {
        guard let title, !title.isEmpty, !text.prefix(title.count + 16).contains(title) else { return text }
        return "\(title)\n\n\(text)"
    }
}
