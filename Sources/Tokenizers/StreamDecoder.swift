// Writing tokens out as text while they are still being generated. Knows tokens' bytes, nothing of how they came about.

/// Turns tokens into text one at a time, holding back the bytes of a character until all of them are there.
///
/// What `append` and `finish` return, put together, is what `Tokenizer.decode` returns for all the tokens at once.
public struct StreamDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skippingSpecialTokens: Bool
    private var pending: [UInt8] = []

    init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        self.skippingSpecialTokens = skippingSpecialTokens
    }

    /// Takes the next token and returns the text that it completes, which may be empty.
    public mutating func append(_ token: Int) -> String {
        pending.append(contentsOf: tokenizer.bytes(of: token, skippingSpecialTokens: skippingSpecialTokens))
        let complete = pending.count - Self.unfinishedLength(pending)
        defer { pending.removeFirst(complete) }
        return String(decoding: pending[..<complete], as: UTF8.self)
    }

    /// Ends the stream and returns what was held back: U+FFFD for a character that was never completed.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end may yet become one character.
    private static func unfinishedLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let first = bytes[bytes.count - length]
            if first & 0xC0 == 0x80 { continue }
            let needed =
                switch first {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 1
                }
            return needed > length ? length : 0
        }
        return 0
    }
}
