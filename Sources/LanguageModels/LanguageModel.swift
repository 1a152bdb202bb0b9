// A model ready for use: decoder, tokenizer, chat template and stop tokens out of one GGUF file or one Hugging Face
// directory. Knows conversations as lists of messages; what is said in them is others' business.

import Foundation
import ModelFiles
import Tokenizers
import Torch

/// A loaded chat model. Not Sendable: it stays on the thread that runs it.
public struct LanguageModel {
    /// Where it was loaded from.
    public let path: String
    /// Names the weights by their content, whatever the path.
    public let fingerprint: String
    /// The network.
    public let decoder: Decoder
    /// Text to tokens and back.
    public let tokenizer: Tokenizer
    /// Tokens that end a reply.
    public let stopTokens: Set<Int>
    /// The token that ends a turn of this model's chat template.
    public let endOfTurn: Int
    private let template: ChatTemplate
    /// What control tokens look like in text.
    private let controlTexts: [String]

    /// Loads a model.
    /// - Parameters:
    ///   - path: a .gguf file, or a directory with config.json, safetensors and tokenizer.json.
    ///   - dtype: type of weights and activations.
    ///   - device: where they are.
    public init(path: String, dtype: DType, device: Device = .cpu) throws {
        // A device that cannot be used is told before gigabytes are read.
        try Library.prepare(device)
        let files = try ModelSource(path: path)
        self.path = path
        tokenizer = try files.tokenizer()
        guard let source = tokenizer.chatTemplate else {
            throw LanguageModelError.noModel(
                path: path, reason: "it has no chat template; use an instruction-tuned model")
        }
        template = try ChatTemplate(source)
        controlTexts = (0..<tokenizer.vocabularySize).filter(tokenizer.isSpecial).compactMap(tokenizer.text)
        fingerprint = try files.fingerprint()
        decoder = try files.decoder(dtype: dtype, device: device)
        guard let endOfTurn = try LanguageModel.endOfTurn(template, tokenizer) ?? tokenizer.eosToken else {
            throw LanguageModelError.noModel(path: path, reason: "no token ends its turns")
        }
        self.endOfTurn = endOfTurn
        stopTokens = files.stopTokens().union([endOfTurn]).union(tokenizer.eosToken.map { [$0] } ?? [])
    }

    /// Tokens that hold a line break.
    public var lineBreakTokens: Set<Int> {
        Set((0..<tokenizer.vocabularySize).filter { tokenizer.decode([$0]).contains("\n") })
    }

    /// How many weights the model at a path has; reads headers only.
    public static func parameterCount(path: String) throws -> Int {
        try ModelSource(path: path).parameterCount
    }

    /// The tokens of a conversation up to where the model's reply begins, and of `replyPrefix`, words put into its mouth.
    public func promptTokens(_ messages: [ChatMessage], replyPrefix: String = "") throws -> [Int] {
        let rendered = try render(messages.map(neutralised), addGenerationPrompt: true)
        return tokenizer.encode(rendered + replyPrefix, parsesSpecialTokens: true)
    }

    /// The text of reply tokens, without the tokens that end it.
    public func text(_ tokens: [Int]) -> String {
        tokenizer.decode(tokens, skippingSpecialTokens: true)
    }

    private func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws -> String {
        try LanguageModel.render(template, tokenizer, messages, addGenerationPrompt: addGenerationPrompt)
    }

    private static func render(
        _ template: ChatTemplate, _ tokenizer: Tokenizer, _ messages: [ChatMessage], addGenerationPrompt: Bool
    ) throws -> String {
        try template.render(
            messages, addGenerationPrompt: addGenerationPrompt,
            bosToken: tokenizer.bosToken.flatMap(tokenizer.text), eosToken: tokenizer.eosToken.flatMap(tokenizer.text))
    }

    /// Documents are text, never control: what looks like a control token is broken up by a space, so that no document can
    /// end its own turn.
    private func neutralised(_ message: ChatMessage) -> ChatMessage {
        var content = message.content
        for token in controlTexts where content.contains(token) {
            content = content.replacingOccurrences(of: token, with: token.prefix(1) + " " + token.dropFirst())
        }
        return ChatMessage(role: message.role, content: content)
    }

    /// The special token that the template puts right after what the assistant says.
    private static func endOfTurn(_ template: ChatTemplate, _ tokenizer: Tokenizer) throws -> Int? {
        let said = "Understood"
        let conversation = [ChatMessage(role: "user", content: "Hello"), ChatMessage(role: "assistant", content: said)]
        let text = try render(template, tokenizer, conversation, addGenerationPrompt: false)
        guard let end = text.range(of: said, options: .backwards)?.upperBound else { return nil }
        let first = tokenizer.encode(String(text[end...]), parsesSpecialTokens: true).first
        return first.flatMap { tokenizer.isSpecial($0) ? $0 : nil }
    }
}
