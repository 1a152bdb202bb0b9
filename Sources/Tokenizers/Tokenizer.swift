// A byte-pair tokenizer: text to token ids and back. Knows nothing of the files it came from.

import Foundation
import Jinja

/// Turns text into token ids and token ids into text, exactly as Hugging Face `tokenizers` does.
///
/// A value that is safe to use from any number of threads at once.
public struct Tokenizer: Sendable {
    private let vocabulary: TokenizerVocabulary
    private let encoder: BytePairEncoder
    private let preTokenizer: PreTokenizer
    private let normalizer: TextNormalizer
    private let decoder: TokenDecoder
    private let literalTokens: AddedTokenMatcher
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
        var definition = definition
        for index in definition.addedTokens.indices {
            let id = definition.addedTokens[index].id
            definition.addedTokens[index].isEnd = id == definition.bosToken || id == definition.eosToken
        }
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

        let literal = definition.addedTokens.filter { !$0.normalized }
        literalTokens = AddedTokenMatcher(
            literal, contents: literal.map { Array($0.content.utf8) })
        let normalized = definition.addedTokens.filter(\.normalized)
        let contents = normalized.map { token in
            var content = token.content
            return content.withUTF8 { normalizer.normalize($0) ?? Array($0) }
        }
        normalizedTokens =
            normalized.isEmpty
            ? nil : AddedTokenMatcher(normalized, contents: contents)

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

    /// The tokens of a text of a user, a document or a model, without a begin-of-text token: text that looks like a control
    /// token, such as `<|im_end|>`, is text and no control token, so that nobody can speak in another's name.
    public func encode(_ text: String) -> [Int] { encode(Text(given: text)) }

    /// The tokens of what a chat template has written around texts that were given to it. Only where it is the template's own,
    /// a control token's text becomes that token. With nothing given, this is Hugging Face's
    /// `encode(text, add_special_tokens=False)`.
    public func encode(_ text: Text) -> [Int] {
        var string = text.string
        return string.withUTF8 { bytes in
            var output: [Int] = []
            output.reserveCapacity(bytes.count / 3)
            for segment in literalTokens.segments(of: bytes, given: text.given) {
                if let token = segment.token {
                    output.append(token)
                } else {
                    let stretch = UnsafeBufferPointer(rebasing: bytes[segment.range])
                    let beginsText = segment.range.lowerBound == 0
                    let given = text.given.map { $0.clamped(to: segment.range) }.filter { !$0.isEmpty }.map {
                        $0.lowerBound - segment.range.lowerBound..<$0.upperBound - segment.range.lowerBound
                    }
                    if let (normalized, given) = normalized(stretch, given: given) {
                        normalized.withUnsafeBufferPointer {
                            encodeNormalized($0, given: given, beginsText: beginsText, into: &output)
                        }
                    } else {
                        encodeNormalized(stretch, given: given, beginsText: beginsText, into: &output)
                    }
                }
            }
            return output
        }
    }

    /// A text normalized, and where what is given is in it; nil where nothing changes. Where tokens are looked for in normalized
    /// text, what is given is normalized by itself, so that no mark in it changes the template's tokens beside it.
    private func normalized(
        _ text: UnsafeBufferPointer<UInt8>, given: [Range<Int>]
    ) -> (bytes: [UInt8], given: [Range<Int>])? {
        guard normalizedTokens != nil, !given.isEmpty, given != [0..<text.count] else {
            return normalizer.normalize(text).map { ($0, given.isEmpty ? [] : [0..<$0.count]) }
        }
        var (bytes, places, start) = ([UInt8](), [Range<Int>](), 0)
        func append(_ range: Range<Int>) {
            let part = UnsafeBufferPointer(rebasing: text[range])
            bytes += normalizer.normalize(part, beginsText: range.lowerBound == 0) ?? Array(part)
        }
        for range in given {
            append(start..<range.lowerBound)
            let place = bytes.count
            append(range)
            places.append(place..<bytes.count)
            start = range.upperBound
        }
        append(start..<text.count)
        return (bytes, places)
    }

    private func encodeNormalized(
        _ text: UnsafeBufferPointer<UInt8>, given: [Range<Int>], beginsText: Bool, into output: inout [Int]
    ) {
        guard let normalizedTokens else { return encodeOrdinary(text, beginsText: beginsText, into: &output) }
        for segment in normalizedTokens.segments(of: text, given: given) {
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
