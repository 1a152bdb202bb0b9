// Whether two tokenizers' ids mean the same, so that one model's tokens can be another's. Knows tokens, not how text is cut
// into them: what is read are ids.

/// What keeps the ids of one tokenizer from meaning the same in another.
public enum VocabularyDifference: Sendable, Hashable {
    /// They have different numbers of tokens.
    case size(Int, Int)
    /// An id writes different texts; nil where it is no token.
    case token(id: Int, String?, String?)
    /// A token steers only one of the two models.
    case special(id: Int, String, isSpecialInFirst: Bool)
}

extension VocabularyDifference: CustomStringConvertible {
    /// The end of a sentence about the first and the second tokenizer.
    public var description: String {
        func named(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "nothing" }
        return switch self {
        case .size(let first, let second): "\(first) tokens and \(second)"
        case .token(let id, let first, let second): "token \(id) is \(named(first)) and \(named(second))"
        case .special(let id, let text, let isSpecialInFirst):
            "token \(id), \(named(text)), is special in the \(isSpecialInFirst ? "first" : "second") only"
        }
    }
}

extension Tokenizer {
    /// Whether an id is a token. Others only fill embeddings up to a round number of rows: they have no text, or the one that
    /// llama.cpp's convert_hf_to_gguf.py gives to such rows, `[PAD49153]`.
    public func isToken(_ id: Int) -> Bool {
        text(of: id).map { !$0.hasPrefix("[PAD") || $0 != "[PAD\(id)]" } ?? false
    }

    /// One more than the largest id that is a token.
    public var tokenCount: Int { (0..<vocabularySize).last(where: isToken).map { $0 + 1 } ?? 0 }

    /// What keeps this tokenizer's ids from meaning the same in another; nil where they all do. The merges, the template and
    /// which token ends a text may differ.
    public func difference(from other: Tokenizer) -> VocabularyDifference? {
        let (count, otherCount) = (tokenCount, other.tokenCount)
        guard count == otherCount else { return .size(count, otherCount) }
        for id in 0..<count {
            let (mine, theirs) = (text(of: id), other.text(of: id))
            // As bytes: Swift holds canonically equivalent strings equal, which are different tokens.
            guard mine.map({ Array($0.utf8) }) == theirs.map({ Array($0.utf8) }) else {
                return .token(id: id, mine, theirs)
            }
            guard isSpecial(id) == other.isSpecial(id) else {
                return .special(id: id, mine ?? "", isSpecialInFirst: isSpecial(id))
            }
        }
        return nil
    }
}
