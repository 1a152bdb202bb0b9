// Cutting a text into the pieces within which merges happen: a definition's steps, compiled. Knows no tokens.

/// A pre-tokenizer ready to run.
struct PreTokenizer: Sendable {
    private enum Step: Sendable {
        case split(OnigurumaPattern, SplitBehavior, invert: Bool)
        case digits(individually: Bool)
        case prefixSpaces
    }

    /// GPT-2's pattern, which a byte-level step uses (openai/gpt-2, src/encoder.py).
    static let gpt2Pattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private let steps: [Step]

    /// Compiles `definition`, whose last step and no other must be byte-level; `source` is the file that errors name.
    init(_ definition: [PreTokenizerStep], source: String) throws(TokenizerError) {
        var steps: [Step] = []
        for (index, step) in definition.enumerated() {
            if case .byteLevel = step, index != definition.count - 1 {
                throw .unsupported(
                    source: source, part: "pre_tokenizer", found: "a ByteLevel step with others behind it",
                    supported: "ByteLevel as the last step")
            }
            steps += try Self.compile(step, source: source)
        }
        guard case .byteLevel? = definition.last else {
            throw .unsupported(
                source: source, part: "pre_tokenizer", found: "one without a ByteLevel step",
                supported: "byte-level tokenizers")
        }
        self.steps = steps
    }

    private static func compile(_ step: PreTokenizerStep, source: String) throws(TokenizerError) -> [Step] {
        switch step {
        case .split(.regex(let pattern), let behavior, let invert):
            return [.split(try OnigurumaPattern(pattern, source: source), behavior, invert: invert)]
        case .split(.literal(let text), let behavior, let invert):
            return [.split(try OnigurumaPattern(escaped(text), source: source), behavior, invert: invert)]
        case .digits(let individually):
            return [.digits(individually: individually)]
        case .byteLevel(let addsPrefixSpace, let usesPattern):
            let spaces: [Step] = addsPrefixSpace ? [.prefixSpaces] : []
            guard usesPattern else { return spaces }
            return spaces + [.split(try OnigurumaPattern(gpt2Pattern, source: source), .isolated, invert: false)]
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

    /// `text`, cut.
    func pieces(of text: UnsafeBufferPointer<UInt8>) -> TextPieces {
        var pieces = TextPieces(text)
        for step in steps {
            switch step {
            case .split(let pattern, let behavior, let invert):
                pieces.split(at: pattern, behavior: behavior, invert: invert)
            case .digits(let individually): pieces.splitDigits(individually: individually)
            case .prefixSpaces: pieces.addPrefixSpaces()
            }
        }
        return pieces
    }
}
