// Cutting a text into the pieces within which merges happen: a definition's steps, compiled. Knows no tokens.

/// A pre-tokenizer ready to run.
struct PreTokenizer: Sendable {
    private enum Step: Sendable {
        case split(OnigurumaPattern, SplitBehavior, invert: Bool)
        case digits(individually: Bool)
        case replace(Replacement)
        case prefix([UInt8], PrependScheme)
    }

    /// GPT-2's pattern, which a byte-level step uses (openai/gpt-2, src/encoder.py).
    static let gpt2Pattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private let steps: [Step]

    /// Compiles `definition`, in which no step but the last may be byte-level; `source` is the file that errors name.
    init(_ definition: [PreTokenizerStep], source: String) throws(TokenizerError) {
        for step in definition.dropLast() {
            if case .byteLevel = step {
                throw .unsupported(
                    source: source, part: "pre_tokenizer", found: "a ByteLevel step with others behind it",
                    supported: "ByteLevel as the last step")
            }
        }
        var steps: [Step] = []
        for step in definition { steps += try Self.compile(step, source: source) }
        self.steps = steps
    }

    private static func compile(_ step: PreTokenizerStep, source: String) throws(TokenizerError) -> [Step] {
        switch step {
        case .split(let pattern, let behavior, let invert):
            return [.split(try OnigurumaPattern(pattern, source: source), behavior, invert: invert)]
        case .digits(let individually):
            return [.digits(individually: individually)]
        case .byteLevel(let addsPrefixSpace, let usesPattern):
            let spaces: [Step] = addsPrefixSpace ? [.prefix(Array(" ".utf8), .always)] : []
            guard usesPattern else { return spaces }
            return spaces + [
                .split(try OnigurumaPattern(.regex(gpt2Pattern), source: source), .isolated, invert: false)
            ]
        case .metaspace(let mark, let prepends, let splits):
            let marks: [Step] = [
                .replace(try Replacement(.literal(" "), content: mark, source: source)),
                .prefix(Array(mark.utf8), prepends),
            ]
            guard splits else { return marks }
            return marks + [
                .split(try OnigurumaPattern(.literal(mark), source: source), .mergedWithNext, invert: false)
            ]
        }
    }

    /// `text`, cut; `beginsText` says whether nothing stood before it.
    func pieces(of text: UnsafeBufferPointer<UInt8>, beginsText: Bool) -> TextPieces {
        var pieces = TextPieces(text)
        for step in steps {
            switch step {
            case .split(let pattern, let behavior, let invert):
                pieces.split(at: pattern, behavior: behavior, invert: invert)
            case .digits(let individually): pieces.splitDigits(individually: individually)
            case .replace(let replacement): pieces.rewrite { replacement.apply(to: $0) }
            case .prefix(let prefix, let scheme):
                var isFirst = beginsText && pieces.ranges.first?.lowerBound == 0
                pieces.rewrite { piece in
                    defer { isFirst = false }
                    guard scheme == .always || scheme == .first && isFirst, !piece.starts(with: prefix) else {
                        return piece
                    }
                    return prefix + piece
                }
            }
        }
        return pieces
    }
}
