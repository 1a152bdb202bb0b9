// From the texts of tokens to the text that they write: a definition's decoder, compiled, in the middle of a stream. What it
// gives token by token is, put together, what Hugging Face `tokenizers` gives for all at once: what a later token may still
// change is held back. Knows no vocabulary.

/// A decoder's steps and what they hold back.
struct TokenDecoder: Sendable {
    fileprivate enum Step: Sendable {
        /// The bytes at the end that may yet become a character.
        case byteLevel(held: [UInt8])
        case replace(Replacement)
        /// Bytes whose neighbours may still make them a text, or none.
        case byteFallback(held: [UInt8])
        case strip(Strip)
        case metaspace(mark: Replacement, prepended: Replacement?)
    }

    private var steps: [Step] = []

    /// Compiles `definition`; `source` is the file that errors name.
    init(_ definition: [DecoderStep], source: String) throws(TokenizerError) {
        var isFused = false
        for step in definition {
            switch step {
            case .byteLevel where definition.count == 1: steps.append(.byteLevel(held: []))
            case .fuse: isFused = true
            case .strip(let scalar, let start, let stop):
                steps.append(.strip(Strip(Array(String(scalar).utf8), start: start, stop: stop, isFused: isFused)))
            case .replace(let pattern, let content) where !isFused:
                steps.append(.replace(try Replacement(pattern, content: content, source: source)))
            case .byteFallback where !isFused: steps.append(.byteFallback(held: []))
            case .metaspace(let mark, let prepended) where !isFused:
                steps.append(
                    .metaspace(
                        mark: try Replacement(.literal(mark), content: " ", source: source),
                        prepended: prepended ? try Replacement(.literal(mark), content: "", source: source) : nil))
            default:
                throw .unsupported(
                    source: source, part: "decoder", found: "\(step) beside or behind others",
                    supported: "ByteLevel alone, and behind Fuse only Strip")
            }
        }
    }

    /// Takes the text of the next token and returns what it completes.
    mutating func append(_ text: ArraySlice<UInt8>) -> [UInt8] { flow([Array(text)], ends: false) }

    /// Ends the stream and returns what was held back.
    mutating func finish() -> [UInt8] { flow([], ends: true) }

    private mutating func flow(_ texts: [[UInt8]], ends: Bool) -> [UInt8] {
        var texts = texts
        for index in steps.indices {
            texts = texts.flatMap { steps[index].take($0) }
            if ends { texts += steps[index].finish() }
        }
        return Array(texts.joined())
    }
}

extension TokenDecoder.Step {
    mutating func take(_ text: [UInt8]) -> [[UInt8]] {
        switch self {
        case .byteLevel(var held):
            held += text
            let complete = held.count - unfinishedLength(held)
            self = .byteLevel(held: Array(held[complete...]))
            return [Array(held[..<complete])]
        case .replace(let replacement): return [replacement.apply(to: text)]
        case .byteFallback(let held):
            if let byte = ByteToken.byte(text) {
                self = .byteFallback(held: held + [byte])
                return []
            }
            return finish() + [text]
        case .strip(var strip):
            defer { self = .strip(strip) }
            return [strip.take(text)]
        case .metaspace(let mark, let prepended):
            self = .metaspace(mark: mark, prepended: nil)
            return [(prepended ?? mark).apply(to: text)]
        }
    }

    mutating func finish() -> [[UInt8]] {
        switch self {
        case .byteLevel(let held):
            self = .byteLevel(held: [])
            return [held]
        case .byteFallback(let held):
            if held.isEmpty { return [] }
            self = .byteFallback(held: [])
            if String(validating: held, as: UTF8.self) != nil { return [held] }
            return held.map { _ in Array("\u{FFFD}".utf8) }
        case .replace, .strip, .metaspace: return []
        }
    }
}

/// Takes one code point away from both ends: of every token, or of the whole text behind a `fuse`.
private struct Strip: Sendable {
    private let unit: [UInt8]
    private let start: Int
    private let stop: Int
    private let isFused: Bool
    private var startLeft: Int
    /// How many at the end may turn out to be the text's end.
    private var heldCount = 0

    init(_ unit: [UInt8], start: Int, stop: Int, isFused: Bool) {
        (self.unit, self.start, self.stop, self.isFused, startLeft) = (unit, start, stop, isFused, start)
    }

    mutating func take(_ text: [UInt8]) -> [UInt8] {
        if !isFused { (startLeft, heldCount) = (start, 0) }
        var text = text[...]
        while startLeft > 0, !text.isEmpty {
            guard text.starts(with: unit) else {
                startLeft = 0
                break
            }
            text = text.dropFirst(unit.count)
            startLeft -= 1
        }
        guard !text.isEmpty else { return [] }
        var output = Array(repeatElement(unit, count: heldCount).joined()) + text
        heldCount = 0
        while heldCount < stop, output.count >= unit.count, output.suffix(unit.count).elementsEqual(unit) {
            output.removeLast(unit.count)
            heldCount += 1
        }
        return output
    }
}

/// How many bytes at the end may yet become one character.
private func unfinishedLength(_ bytes: [UInt8]) -> Int {
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
