// Turns a conversation into the text that a model was trained to read, by the model's own template.
// Does not know where the template came from, nor how its text becomes tokens.

import Foundation
import Jinja

/// One message of a conversation.
public struct ChatMessage: Sendable, Codable, Hashable {
    /// Who speaks: `system`, `user` or `assistant` in most templates.
    public var role: String
    public var content: String

    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}

/// A model's chat template.
public struct ChatTemplate: Sendable {
    private let template: Template

    /// Parses a template, as `tokenizer.chat_template` in a GGUF file or `chat_template` in `tokenizer_config.json`.
    ///
    /// - Throws: ``TemplateError`` when the template is broken or uses what is not supported.
    public init(_ source: String) throws(TemplateError) {
        template = try Template(source)
    }

    /// The conversation as the model reads it, the messages in it as `given`, with the variables that `apply_chat_template` of transformers gives.
    ///
    /// - Parameters:
    ///   - messages: The conversation, oldest message first.
    ///   - addGenerationPrompt: Whether to end with the opening of the assistant's turn.
    ///   - bosToken: The text of the token that begins a sequence, where the model has one.
    ///   - eosToken: The text of the token that ends one.
    ///   - extra: More variables, which replace the usual ones of the same name.
    ///   - now: The time that templates with a date in them tell.
    /// - Throws: ``TemplateError``, also when the template refuses the conversation (an unknown role, say).
    public func render(
        _ messages: [ChatMessage], addGenerationPrompt: Bool, bosToken: String?, eosToken: String?,
        extra: [String: Value] = [:], now: Date = Date()
    ) throws(TemplateError) -> Text {
        var context: [String: Value] = [
            "messages": .array(
                messages.map {
                    // Roles are the program's: templates make control tokens of them.
                    ["role": .string(Text($0.role)), "content": .string(Text(given: $0.content))]
                }),
            "add_generation_prompt": .boolean(addGenerationPrompt),
            "tools": .null,
            "documents": .null,
        ]
        if let bosToken { context["bos_token"] = .string(Text(bosToken)) }
        if let eosToken { context["eos_token"] = .string(Text(eosToken)) }
        context.merge(extra) { $1 }
        return try template.render(context, now: now)
    }
}
