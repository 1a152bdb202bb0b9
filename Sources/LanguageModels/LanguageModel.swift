// A model ready for use: decoder, tokenizer, chat template and stop tokens out of one GGUF file or one Hugging Face
// directory. Knows conversations as lists of messages; not what is said in them.

import Basics
import Foundation
import Jinja
import Lineage
import ModelFiles
import OrderedCollections
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
    private let templateSettings: TemplateSettings

    /// Loads a model.
    /// - Parameters:
    ///   - path: a .gguf file, or a directory with config.json, safetensors and tokenizer.json.
    ///   - dtype: type of weights and activations.
    ///   - device: where they are.
    ///   - needsChatTemplate: false for a model that is only asked in a format of its own.
    ///   - templateSettings: what the chat template is told besides conversations.
    public init(
        path: String, dtype: DType, device: Device = .cpu, needsChatTemplate: Bool = true,
        templateSettings: TemplateSettings = TemplateSettings()
    ) throws {
        // A device that cannot be used is told before gigabytes are read.
        try Library.prepare(device)
        let files = try modelSource(path: path)
        self.path = path
        tokenizer = try files.tokenizer()
        template = try tokenizer.chatTemplate.map(ChatTemplate.init)
        if template == nil, needsChatTemplate { throw LanguageModel.noTemplate(path) }
        self.templateSettings = templateSettings
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

    /// The tokens of a conversation up to where the model's reply begins, and of `replyPrefix`, words put into its mouth. What
    /// looks like a control token in them is text.
    /// - Parameter own: takes the place of the model's own chat template.
    public func promptTokens(
        _ messages: [ChatMessage], replyPrefix: String = "", template own: ChatTemplate? = nil
    ) throws -> [Int] {
        guard let template = own ?? template else { throw LanguageModel.noTemplate(path) }
        var prompt = try render(template, messages)
        let own = String(decoding: prompt.string.utf8.dropFirst(prompt.given.last?.upperBound ?? 0), as: UTF8.self)
        if let thought = Thoughts.opened(atEndOf: own), !templateSettings.thinks || !replyPrefix.isEmpty {
            // As Qwen3's own template writes that nothing is thought.
            prompt.append(Text("\(own.hasSuffix("\n") ? "" : "\n")\n\(thought.closing)\n\n"))
        }
        prompt.append(Text(given: replyPrefix))
        return tokenizer.encode(prompt)
    }

    private func render(_ template: ChatTemplate, _ messages: [ChatMessage]) throws -> Text {
        func render(_ messages: [ChatMessage]) throws(TemplateError) -> Text {
            try LanguageModel.render(
                template, tokenizer, messages, addGenerationPrompt: true, settings: templateSettings)
        }
        let rendered = Result { () throws(TemplateError) in try render(messages) }
        if case .failure(.raised(_, let message)) = rendered, messages.contains(where: { $0.role == "system" }) {
            // What else it refuses, it refuses without a system message too.
            _ = try render(messages.filter { $0.role != "system" })
            throw LanguageModelError.refusesSystemMessage(path: path, said: message)
        }
        return try rendered.get()
    }

    /// What a model has said, without the tokens that end a turn. Other control tokens are part of it: a model
    /// that has one for `<filename>` may well speak of it.
    /// - Parameter words: what it was said behind, so that it does not begin a text, whose first space some tokenizers drop.
    public func text(_ tokens: [Int], after words: [Int] = []) -> String {
        var decoder = tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
        for token in words.suffix(8) { _ = decoder.append(token) }
        return tokens.filter(isOfText).map { decoder.append($0) }.joined() + decoder.finish()
    }

    /// Whether the chat template leaves a system message out.
    public func dropsSystemMessages() throws -> Bool {
        guard let template else { return false }
        let (said, asked) = ("Be brief in all that you say.", ChatMessage(role: "user", content: "Hello"))
        let prompt = try render(template, [ChatMessage(role: "system", content: said), asked])
        return prompt.string.range(of: said, options: .literal) == nil
    }

    /// Whether a reply's token is part of what it says.
    public func isOfText(_ token: Int) -> Bool { !stopTokens.contains(token) }

    /// The tag of a thought that a prompt has begun, which belongs before the reply; else empty.
    public func opening(of prompt: [Int]) -> String {
        Thoughts.opened(atEndOf: tokenizer.decode(prompt.suffix(16), skippingSpecialTokens: false))?.opening ?? ""
    }

    /// A reply without the thoughts before it: the text, the place among the tokens where it begins, and whether there is a
    /// reply at all, and not only an unfinished thought. The place is nil where the text is not all that follows, as where tags
    /// stood around it.
    /// - Parameter prompt: the tokens that it goes on from, which may have begun the thought.
    public func withoutThoughts(_ tokens: [Int], after prompt: [Int]) -> (text: String, start: Int?, isOpen: Bool) {
        let said = text(tokens)
        let (text, isOpen) = Thoughts.removed(from: opening(of: prompt) + said)
        guard !isOpen, text.utf8.count < said.utf8.count else { return (text, isOpen ? tokens.count : 0, isOpen) }
        guard !text.isEmpty else { return (text, tokens.count, false) }
        let rest = said.reversed().prefix(while: \.isWhitespace).reduce(0) { $0 + $1.utf8.count }
        let before = said.utf8.count - rest - text.utf8.count
        guard said.utf8.dropFirst(before).starts(with: text.utf8) else { return (text, nil, false) }
        var decoder = tokenizer.makeStreamDecoder(skippingSpecialTokens: false)
        var length = 0
        let start = tokens.firstIndex { token in
            if isOfText(token) { length += decoder.append(token).utf8.count }
            return length > before
        }
        return (text, start, false)
    }

    static func noTemplate(_ path: String) -> LanguageModelError {
        .noModel(path: path, reason: "it has no chat template; use an instruction-tuned model")
    }

    private static func render(
        _ template: ChatTemplate, _ tokenizer: Tokenizer, _ messages: [ChatMessage], addGenerationPrompt: Bool,
        settings: TemplateSettings = TemplateSettings()
    ) throws(TemplateError) -> Text {
        // What Qwen3, GLM and SmolLM3 call it, and what DeepSeek and Granite do.
        let thinks: [String: Value] = [
            "enable_thinking": .boolean(settings.thinks), "thinking": .boolean(settings.thinks),
        ]
        return try template.render(
            messages, addGenerationPrompt: addGenerationPrompt,
            bosToken: tokenizer.bosToken.flatMap(tokenizer.text), eosToken: tokenizer.eosToken.flatMap(tokenizer.text),
            extra: thinks.merging(settings.variables.values.mapValues(Value.init)) { $1 },
            now: CalendarDay(settings.date)?.noon ?? Date())
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
        guard let end = text.string.range(of: said, options: [.backwards, .literal])?.upperBound else { return nil }
        let first = tokenizer.encode(Text(String(text.string[end...]))).first
        return first.flatMap { tokenizer.isSpecial($0) ? $0 : nil }
    }
}

extension Value {
    /// A setting's value, as one that is given to a template.
    fileprivate init(_ json: JSONValue) {
        self =
            switch json {
            case .object(let members):
                .object(
                    OrderedDictionary(
                        uniqueKeysWithValues: members.sorted { $0.key < $1.key }.map {
                            (Key(given: $0.key), Value($0.value))
                        })
                )
            case .array(let elements): .array(elements.map(Value.init))
            case .string(let text): .string(Text(given: text))
            case .integer(let number): .int(number)
            case .unsigned(let number): .double(Double(number))
            case .number(let number): .double(number)
            case .bool(let flag): .boolean(flag)
            case .null: .null
            }
    }
}
