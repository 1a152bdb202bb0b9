// Writing tokens out as text while they are still being generated. Knows tokens' texts, nothing of how they came about.

/// Turns tokens into text one at a time, holding back what a later token may still change: the bytes of a character until
/// all of them are there.
///
/// What `append` and `finish` return, put together, is what `Tokenizer.decode` returns for all the tokens at once.
public struct StreamDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skippingSpecialTokens: Bool
    private let initial: TokenDecoder
    private var decoder: TokenDecoder

    init(_ tokenizer: Tokenizer, _ decoder: TokenDecoder, skippingSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        self.skippingSpecialTokens = skippingSpecialTokens
        self.initial = decoder
        self.decoder = decoder
    }

    /// Takes the next token and returns the text that it completes, which may be empty.
    public mutating func append(_ token: Int) -> String { String(decoding: bytes(token), as: UTF8.self) }

    /// Ends the stream and returns what was held back: U+FFFD for a character that was never completed.
    public mutating func finish() -> String { String(decoding: lastBytes(), as: UTF8.self) }

    mutating func bytes(_ token: Int) -> [UInt8] {
        tokenizer.written(token, skippingSpecialTokens: skippingSpecialTokens).map { decoder.append($0) } ?? []
    }

    mutating func lastBytes() -> [UInt8] {
        defer { decoder = initial }
        return decoder.finish()
    }
}
