// A model ready for use: decoder, tokenizer, chat template and stop tokens out of one GGUF file or one Hugging Face
// directory. Knows conversations as lists of messages; not what is said in them.

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
    public let decoder: Decoder
    /// Text to tokens and back.
    public let tokenizer: Tokenizer
    /// Tokens that end a reply.
    public let stopTokens: Set<Int>
    /// The token that ends a turn of this model's chat template.
    public let endOfTurn: Int
    /// Rows of the head that are no tokens, as a mask [V], and never to be drawn; nil where all are tokens.
    public let padding_V: Tensor?
    /// What a user should know of the files, in sentences.
    public let notices: [String]
    /// The model's own chat template; nil for one that is trained on another format.
    private let template: ChatTemplate?
    /// What control tokens look like in text.
    private let controlTexts: [String]

    /// Loads a model.
    /// - Parameters:
    ///   - path: a .gguf file, or a directory with config.json, safetensors and tokenizer.json.
    ///   - dtype: type of weights and activations.
    ///   - device: where they are.
    ///   - needsChatTemplate: false for a model that is only asked in a format of its own.
    public init(path: String, dtype: DType, device: Device = .cpu, needsChatTemplate: Bool = true) throws {
        // A device that cannot be used is told before gigabytes are read.
        try Library.prepare(device)
        let files = try modelSource(path: path)
        self.path = path
        tokenizer = try files.tokenizer()
        template = try tokenizer.chatTemplate.map(ChatTemplate.init)
        if template == nil, needsChatTemplate { throw LanguageModel.noTemplate(path) }
        controlTexts = (0..<tokenizer.vocabularySize).filter(tokenizer.isSpecial).compactMap(tokenizer.text)
        (endOfTurn, stopTokens) = try LanguageModel.turnEnds(path, files, template, tokenizer)
        let fit = try VocabularyFit(files, tokenizer, ends: stopTokens, device: device)
        (padding_V, notices) = (fit.padding_V, fit.notice.map { [$0] } ?? [])
        fingerprint = try files.fingerprint()
        decoder = try files.decoder(dtype: dtype, device: device)
    }

    /// Tokens that hold a line break.
    public var lineBreakTokens: Set<Int> {
        Set((0..<tokenizer.vocabularySize).filter { tokenizer.decode([$0]).contains("\n") })
    }

    /// How many weights the model at a path has; reads headers only.
    public static func parameterCount(path: String) throws -> Int {
        try modelSource(path: path).parameterCount
    }

    /// The longest sequence that the model at a path reads, in tokens; reads headers only.
    public static func contextLength(path: String) throws -> Int {
        try modelSource(path: path).configuration.maximumPositions
    }

    /// What names the weights of the model at a path; reads headers and a little of each tensor only.
    public static func fingerprint(path: String) throws -> String {
        try modelSource(path: path).fingerprint()
    }

    /// The tokens of a conversation up to where the model's reply begins, and of `replyPrefix`, words put into its mouth.
    /// - Parameter own: takes the place of the model's own chat template.
    public func promptTokens(
        _ messages: [ChatMessage], replyPrefix: String = "", template own: ChatTemplate? = nil
    ) throws -> [Int] {
        guard let template = own ?? template else { throw LanguageModel.noTemplate(path) }
        let rendered = try LanguageModel.render(
            template, tokenizer, messages.map(neutralised), addGenerationPrompt: true)
        return tokenizer.encode(rendered + replyPrefix, parsesSpecialTokens: true)
    }

    /// The text of reply tokens, without the tokens that end it, and without other control tokens unless they are kept.
    public func text(_ tokens: [Int], keepingControlTokens: Bool = false) -> String {
        guard keepingControlTokens else { return tokenizer.decode(tokens, skippingSpecialTokens: true) }
        return tokenizer.decode(tokens.filter { !stopTokens.contains($0) }, skippingSpecialTokens: false)
    }

    static func noTemplate(_ path: String) -> LanguageModelError {
        .noModel(path: path, reason: "it has no chat template; use an instruction-tuned model")
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

    /// The token that ends a turn, and all that end a reply.
    static func turnEnds(
        _ path: String, _ files: any ModelSource, _ template: ChatTemplate?, _ tokenizer: Tokenizer
    ) throws -> (endOfTurn: Int, stopTokens: Set<Int>) {
        guard let endOfTurn = try LanguageModel.endOfTurn(template, tokenizer) ?? tokenizer.eosToken else {
            throw LanguageModelError.noModel(path: path, reason: "no token ends its turns")
        }
        return (endOfTurn, files.stopTokens().union([endOfTurn]).union(tokenizer.eosToken.map { [$0] } ?? []))
    }

    /// The special token that the template puts right after what the assistant says.
    private static func endOfTurn(_ template: ChatTemplate?, _ tokenizer: Tokenizer) throws -> Int? {
        guard let template else { return nil }
        let said = "Understood"
        let conversation = [ChatMessage(role: "user", content: "Hello"), ChatMessage(role: "assistant", content: said)]
        let text = try render(template, tokenizer, conversation, addGenerationPrompt: false)
        guard let end = text.range(of: said, options: .backwards)?.upperBound else { return nil }
        let first = tokenizer.encode(String(text[end...]), parsesSpecialTokens: true).first
        return first.flatMap { tokenizer.isSpecial($0) ? $0 : nil }
    }
}
