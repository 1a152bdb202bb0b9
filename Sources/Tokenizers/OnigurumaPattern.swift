// A compiled regular expression over UTF-8 bytes, run by Oniguruma: the engine behind Hugging Face `tokenizers`.
// Knows nothing of tokens.

import COniguruma

/// A compiled pattern.
///
/// Searching only reads it, and each search has its own state, so threads may share one (Oniguruma's doc/API,
/// `onig_search`): hence unchecked `Sendable`.
final class OnigurumaPattern: @unchecked Sendable {
    private let compiled: UnsafeMutablePointer<regex_t>

    /// Compiles `pattern`; `source` is the file that an error names.
    convenience init(_ pattern: TextPattern, source: String) throws(TokenizerError) {
        switch pattern {
        case .regex(let pattern): try self.init(pattern, source: source)
        case .literal(let text): try self.init(Self.escaped(text), source: source)
        }
    }

    private static func escaped(_ text: String) -> String {
        var pattern = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if #"\.+*?()|[]{}^$#&-~"#.unicodeScalars.contains(scalar) { pattern.append("\\") }
            pattern.append(scalar)
        }
        return String(pattern)
    }

    private init(_ pattern: String, source: String) throws(TokenizerError) {
        if let reason = UnicodeProperties.installation {
            throw .invalidPattern(source: source, pattern: pattern, reason: reason)
        }
        var message = [UInt8](repeating: 0, count: Int(ONIG_MAX_ERROR_MESSAGE_LEN))
        var compiled: UnsafeMutablePointer<regex_t>?
        var text = pattern
        let code = text.withUTF8 { instill_onig_compile($0.baseAddress, Int32($0.count), &compiled, &message) }
        guard code == ONIG_NORMAL, let compiled else {
            let reason = String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
            throw .invalidPattern(source: source, pattern: pattern, reason: reason)
        }
        self.compiled = compiled
    }

    deinit { onig_free(compiled) }

    /// Calls `body` with where each match begins and ends, from left to right, as Rust's `onig::Regex::find_iter` does:
    /// an empty match right behind another match does not count.
    ///
    /// Where the engine gives up (a pattern that backtracks beyond its limits) the rest of the text has no match.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (_ start: Int, _ end: Int) -> Void) {
        guard let base = text.baseAddress, text.count < Int(Int32.max) else { return }
        let end = base + text.count
        var position = 0
        var lastEnd = -1
        while position <= text.count {
            // Patterns of tokenizers match nearly everywhere, and matching in place is much cheaper than searching.
            var start = position
            var length = instill_onig_match(compiled, base, end, base + position)
            if length == ONIG_MISMATCH {
                start = Int(instill_onig_search(compiled, base, end, base + position))
                guard start >= 0 else { return }
                length = instill_onig_match(compiled, base, end, base + start)
            }
            guard length >= 0 else { return }
            let matchEnd = start + Int(length)
            if length == 0, lastEnd == start {
                position = start + 1
                while position < text.count, text[position] & 0xC0 == 0x80 { position += 1 }
                continue
            }
            body(start, matchEnd)
            position = matchEnd
            lastEnd = matchEnd
        }
    }
}

/// A pattern, and what takes the place of its matches.
struct Replacement: Sendable {
    private let pattern: OnigurumaPattern
    private let content: [UInt8]

    init(_ pattern: TextPattern, content: String, source: String) throws(TokenizerError) {
        self.pattern = try OnigurumaPattern(pattern, source: source)
        self.content = Array(content.utf8)
    }

    /// `text` with its matches replaced.
    func apply(to text: [UInt8]) -> [UInt8] {
        text.withUnsafeBufferPointer { text in
            var output: [UInt8] = []
            output.reserveCapacity(text.count)
            var position = 0
            pattern.forEachMatch(in: text) { start, end in
                output.append(contentsOf: text[position..<start])
                output.append(contentsOf: content)
                position = end
            }
            output.append(contentsOf: text[position...])
            return output
        }
    }
}
