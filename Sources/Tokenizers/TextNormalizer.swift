// Preparing a text before it is cut: a definition's steps, compiled. Knows no tokens.

/// A normalizer ready to run.
struct TextNormalizer: Sendable {
    private enum Step: Sendable {
        case composition(compatibility: Bool)
        case prepend([UInt8])
        case replace(Replacement)
    }

    private let steps: [Step]

    /// Compiles `definition`; `source` is the file that errors name.
    init(_ definition: [NormalizerStep], source: String) throws(TokenizerError) {
        steps = try definition.map { step throws(TokenizerError) in
            switch step {
            case .composition(let compatibility): .composition(compatibility: compatibility)
            case .prepend(let text): .prepend(Array(text.utf8))
            case .replace(let pattern, let content):
                .replace(try Replacement(pattern, content: content, source: source))
            }
        }
    }

    /// `text` prepared, or nil if it stays as it is.
    /// - Parameter beginsText: false where another part of the same text stands before it, so that nothing is put there.
    func normalize(_ text: UnsafeBufferPointer<UInt8>, beginsText: Bool = true) -> [UInt8]? {
        guard !text.isEmpty else { return nil }
        var output: [UInt8]?
        for step in steps {
            switch step {
            case .composition(let compatibility):
                func compose(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
                    CanonicalComposition.normalize(text, compatibility: compatibility)
                }
                output = (output.map { $0.withUnsafeBufferPointer(compose) } ?? compose(text)) ?? output
            case .prepend(let prefix): if beginsText { output = prefix + (output ?? Array(text)) }
            case .replace(let replacement): output = replacement.apply(to: output ?? Array(text))
            }
        }
        return output
    }
}
