// A byte-pair tokenizer: text to token ids and back. Knows nothing of the files it came from.

import Foundation

/// Turns text into token ids and token ids into text, exactly as Hugging Face `tokenizers` does.
///
/// A value that is safe to use from any number of threads at once.
public struct Tokenizer: Sendable {
    private let vocabulary: TokenizerVocabulary
    private let encoder: BytePairEncoder
    private let preTokenizer: PreTokenizer
    private let normalizer: TextNormalizer
    private let decoder: TokenDecoder
    private let givenTokens: AddedTokenMatcher
    private let normalizedTokens: AddedTokenMatcher?

    /// The token that begins a text.
    public let bosToken: Int?
    /// The token that ends a text or a turn.
    public let eosToken: Int?
    /// Whether the model expects `bosToken` before a text. `encode` never adds it.
    public let addsBOS: Bool
    /// The chat template's source, in Jinja.
    public let chatTemplate: String?

    /// One more than the largest token id.
    public var vocabularySize: Int { vocabulary.count }

    /// Vocabularies have at most this many ids, 16 times as many as the largest in use.
    static let idLimit = 1 << 22

    /// Throws unless `id` may be a token's.
    static func checkID(_ id: Int, of token: String, source: String) throws(TokenizerError) {
        guard (0..<idLimit).contains(id) else {
            throw .idOutOfRange(source: source, token: token, id: id, limit: idLimit)
        }
    }

    /// The tokenizer that `definition` describes, if its parts agree with each other.
    public init(_ definition: TokenizerDefinition) throws(TokenizerError) {
        vocabulary = try TokenizerVocabulary(definition)
        for (role, id) in [
            ("the unknown token", definition.unknownToken), ("the begin-of-text token", definition.bosToken),
            ("the end-of-text token", definition.eosToken),
        ] {
            guard let id else { continue }
            guard (0..<vocabulary.count).contains(id) else {
                throw .unknownToken(source: definition.source, role: role, token: "\(id)")
            }
        }
        encoder = try vocabulary.encoder(definition)
        preTokenizer = try PreTokenizer(definition.preTokenizer, source: definition.source)
        let normalizer = try TextNormalizer(definition.normalizer, source: definition.source)
        self.normalizer = normalizer
        guard definition.isByteLevel == definition.decoder.contains(.byteLevel) else {
            throw .unsupported(
                source: definition.source, part: "decoder",
                found: definition.isByteLevel ? "one that is not ByteLevel" : "ByteLevel",
                supported: "ByteLevel where the pre_tokenizer ends with ByteLevel, and nowhere else")
        }
        decoder = try TokenDecoder(definition.decoder, source: definition.source)

        let given = definition.addedTokens.filter { !$0.normalized }
        givenTokens = AddedTokenMatcher(given, contents: given.map { Array($0.content.utf8) })
        let normalized = definition.addedTokens.filter(\.normalized)
        let contents = normalized.map { token in
            var content = token.content
            return content.withUTF8 { normalizer.normalize($0) ?? Array($0) }
        }
        normalizedTokens = normalized.isEmpty ? nil : AddedTokenMatcher(normalized, contents: contents)

        bosToken = definition.bosToken
        eosToken = definition.eosToken
        addsBOS = definition.addsBOS
        chatTemplate = definition.chatTemplate
    }

    /// The tokenizer of a Hugging Face model folder: `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`.
    public init(directory: URL) throws(TokenizerError) {
        try self.init(TokenizerDefinition(directory: directory))
    }

    /// The tokenizer of a GGUF file.
    public init(gguf: GGUFVocabulary) throws(TokenizerError) {
        try self.init(TokenizerDefinition(gguf: gguf))
    }

    // MARK: Encoding

    /// The tokens of `text`, without a begin-of-text token.
    ///
    /// `parsesSpecialTokens` says whether the text of a special token, such as `<|im_end|>`, becomes that token.
    /// Only for text of the program's own making: in a document it would let its author speak for the user.
    /// With it the result equals Hugging Face's `encode(text, add_special_tokens=False)`.
    public func encode(_ text: String, parsesSpecialTokens: Bool = false) -> [Int] {
        var text = text
        return text.withUTF8 { text in
            var output: [Int] = []
            output.reserveCapacity(text.count / 3)
            for segment in givenTokens.segments(of: text, parsesSpecialTokens: parsesSpecialTokens) {
                if let token = segment.token {
                    output.append(token)
                } else {
                    let stretch = UnsafeBufferPointer(rebasing: text[segment.range])
                    let beginsText = segment.range.lowerBound == 0
                    func encode(_ text: UnsafeBufferPointer<UInt8>) {
                        encodeNormalized(
                            text, beginsText: beginsText, parsesSpecialTokens: parsesSpecialTokens, into: &output)
                    }
                    if let normalized = normalizer.normalize(stretch) {
                        normalized.withUnsafeBufferPointer(encode)
                    } else {
                        encode(stretch)
                    }
                }
            }
            return output
        }
    }

    private func encodeNormalized(
        _ text: UnsafeBufferPointer<UInt8>, beginsText: Bool, parsesSpecialTokens: Bool, into output: inout [Int]
    ) {
        guard let normalizedTokens else { return encodeOrdinary(text, beginsText: beginsText, into: &output) }
        for segment in normalizedTokens.segments(of: text, parsesSpecialTokens: parsesSpecialTokens) {
            if let token = segment.token {
                output.append(token)
            } else {
                encodeOrdinary(
                    UnsafeBufferPointer(rebasing: text[segment.range]),
                    beginsText: beginsText && segment.range.lowerBound == 0, into: &output)
            }
        }
    }

    /// Cuts text without added tokens and merges each piece.
    private func encodeOrdinary(_ text: UnsafeBufferPointer<UInt8>, beginsText: Bool, into output: inout [Int]) {
        let pieces = preTokenizer.pieces(of: text, beginsText: beginsText)
        var seen = SeenPieces(textLength: text.count)
        var workspace = BytePairEncoder.Workspace()
        pieces.bytes.withUnsafeBufferPointer { bytes in
            for range in pieces.ranges {
                let piece = UnsafeBufferPointer(rebasing: bytes[range])
                let slot = seen.slot(of: piece)
                if let tokens = seen.tokens(of: piece, in: slot, text: bytes) {
                    for index in tokens { output.append(output[index]) }
                    continue
                }
                let start = output.count
                if let word = vocabulary.word(piece) {
                    output.append(word)
                } else {
                    encoder.encode(piece, into: &output, workspace: &workspace)
                }
                seen.remember(range, as: start..<output.count, in: slot)
            }
        }
    }

    // MARK: Decoding

    /// The text of `tokens`. Bytes that are no UTF-8 become U+FFFD; ids that are no token write nothing.
    public func decode(_ tokens: some Sequence<Int>, skippingSpecialTokens: Bool = true) -> String {
        var stream = makeStreamDecoder(skippingSpecialTokens: skippingSpecialTokens)
        var output: [UInt8] = []
        for token in tokens { output += stream.bytes(token) }
        return String(decoding: output + stream.lastBytes(), as: UTF8.self)
    }

    /// A decoder for tokens that come one by one.
    public func makeStreamDecoder(skippingSpecialTokens: Bool = true) -> StreamDecoder {
        StreamDecoder(self, decoder, skippingSpecialTokens: skippingSpecialTokens)
    }

    /// What a token writes before it is decoded; nil for ids that write nothing.
    func written(_ token: Int, skippingSpecialTokens: Bool) -> ArraySlice<UInt8>? {
        guard (0..<vocabulary.count).contains(token), !vocabulary.texts.range(token).isEmpty,
            !(skippingSpecialTokens && vocabulary.isSpecial[token])
        else { return nil }
        return vocabulary.bytes[token]
    }

    // MARK: Single tokens

    /// The id of the token that the vocabulary writes as `text`: `Ġthe`, `<|im_end|>`.
    public func token(for text: String) -> Int? { vocabulary.id(of: text) }

    /// How the vocabulary writes a token; nil if there is no such token.
    public func text(of token: Int) -> String? {
        guard (0..<vocabulary.count).contains(token) else { return nil }
        let text = vocabulary.texts[token]
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    /// Whether a token is special: not read from untrusted text, not written out.
    public func isSpecial(_ token: Int) -> Bool {
        (0..<vocabulary.count).contains(token) && vocabulary.isSpecial[token]
    }
}
