// What a tokenizer is made of, whichever file it came from: plain values, not yet checked against each other.
// Knows no file format and does no work; `Tokenizer` checks a definition and runs it.

import Foundation

/// A token that is looked for in the text itself, before the text is split and merged.
///
/// The fields mean what they mean in Hugging Face `tokenizers` (`AddedToken`).
public struct AddedToken: Sendable, Hashable {
    public var id: Int
    /// The text that stands for it.
    public var content: String
    /// Whether the file calls it special, as it does `<|im_end|>`.
    public var isSpecial: Bool
    /// Whether white space before it belongs to it.
    public var lstrip: Bool
    /// Whether white space after it belongs to it.
    public var rstrip: Bool
    /// Whether it counts only where no word character touches it.
    public var singleWord: Bool
    /// Whether it is looked for in the normalized text and not in the text as given.
    public var normalized: Bool

    /// An added token; by default one that matches its exact text anywhere.
    public init(
        id: Int, content: String, isSpecial: Bool, lstrip: Bool = false, rstrip: Bool = false, singleWord: Bool = false,
        normalized: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
        self.lstrip = lstrip
        self.rstrip = rstrip
        self.singleWord = singleWord
        self.normalized = normalized
    }

    /// Whether it begins or ends the model's texts, whatever the file calls it.
    var isEnd = false

    /// Whether it steers the model, so that no text may become it: a special token, one that begins or ends texts, and one in
    /// brackets, as `<think>`, `<tool_call>` and `<|fim_prefix|>`, which Qwen's files do not call special. What is left are
    /// words of the model's own: runs of white space, and the elements of HTML that Gemma has tokens for.
    var isControl: Bool {
        let content = content.trimmingCharacters(in: .whitespacesAndNewlines).unicodeScalars
        guard !isSpecial, !isEnd, content.count > 2, let first = content.first, let last = content.last else {
            return isSpecial || isEnd
        }
        guard Self.brackets[first] == last else { return false }
        return !Self.elements.contains(self.content.filter { $0 != "<" && $0 != "/" && $0 != ">" })
    }

    private static let brackets: [Unicode.Scalar: Unicode.Scalar] = [
        "<": ">", "[": "]", "{": "}", "◁": "▷", "＜": "＞", "«": "»", "‹": "›", "【": "】", "〈": "〉", "⟨": "⟩",
    ]

    private static let elements: Set<String> = [
        "a", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5",
        "h6", "hr",
        "i", "img", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
        "thead",
        "tr", "u", "ul",
    ]
}

/// What becomes of the stretches that a `Split` step's pattern matches.
public enum SplitBehavior: String, Sendable, Hashable, CaseIterable {
    /// Each match is a piece of its own.
    case isolated = "Isolated"
    case removed = "Removed"
    /// A match ends the piece before it.
    case mergedWithPrevious = "MergedWithPrevious"
    /// A match begins the piece after it.
    case mergedWithNext = "MergedWithNext"
    /// Adjacent matches make one piece.
    case contiguous = "Contiguous"
}

/// What a step looks for in a text.
public enum TextPattern: Sendable, Hashable {
    /// A regular expression in Oniguruma's syntax.
    case regex(String)
    case literal(String)
}

/// One step of preparing a text before it is cut. Added tokens divide a text first; each stretch between them is
/// prepared by itself.
public enum NormalizerStep: Sendable, Hashable {
    /// Unicode canonical composition (NFC), with `compatibility` after compatibility decomposition (NFKC).
    case composition(compatibility: Bool)
    /// Put a text before a stretch that is not empty.
    case prepend(String)
    /// Put `content` in the place of each match.
    case replace(TextPattern, content: String)
}

/// Where a `metaspace` step puts its mark, besides in the place of spaces.
public enum PrependScheme: String, Sendable, Hashable, CaseIterable {
    /// Before each piece that does not begin with it.
    case always
    /// Before the piece that begins the text, if that does not begin with it.
    case first
    case never
}

/// One step of cutting a text into the pieces within which merges happen.
public enum PreTokenizerStep: Sendable, Hashable {
    /// Cut at a pattern's matches; with `invert`, at everything else.
    case split(pattern: TextPattern, behavior: SplitBehavior, invert: Bool)
    /// Cut numbers out, digit by digit if `individually`.
    case digits(individually: Bool)
    /// Put a space before each piece that has none, if asked; cut with GPT-2's pattern, if asked.
    case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)
    /// Put `mark` in the place of spaces; cut before each mark, if asked.
    case metaspace(mark: String, prepends: PrependScheme, splits: Bool)
}

/// One step from the texts of tokens to the text that they write.
public enum DecoderStep: Sendable, Hashable {
    /// Take the tokens' texts for bytes in the byte-level alphabet.
    case byteLevel
    /// Put `content` in the place of each match within a token.
    case replace(TextPattern, content: String)
    /// Take tokens such as `<0x0A>` for bytes. Of neighbours that are no UTF-8 together each becomes U+FFFD.
    case byteFallback
    /// What follows sees one text instead of tokens.
    case fuse
    /// Take away so many of a code point at most where a token begins and where it ends.
    case strip(Unicode.Scalar, start: Int, stop: Int)
    /// Put spaces in the place of `mark`, but nothing in the first token if one was prepended.
    case metaspace(mark: String, prepended: Bool)
}

/// Two neighbouring tokens that become one; their order in the list is their rank.
public struct Merge: Sendable, Hashable {
    /// The left token's text.
    public var left: String
    /// The right token's text.
    public var right: String

    /// A merge of `left` and `right`.
    public init(_ left: String, _ right: String) {
        self.left = left
        self.right = right
    }
}

/// Which neighbouring tokens become one, and which of them first.
public enum MergeRule: Sendable {
    /// Those in a list, the first applied before the second.
    case listed([Merge])
    /// Any two whose texts make a token's together, that of the highest score first (SentencePiece). By id; nil for tokens
    /// that are never made so.
    case scored([Double?])
}

/// A byte-pair tokenizer as its file describes it.
public struct TokenizerDefinition: Sendable {
    /// Where it was read from; errors name it.
    public var source: String
    /// Token texts, each at its id; nil where an id is not taken.
    public var vocabulary: [String?]
    /// What becomes of neighbours.
    public var merges: MergeRule
    /// Tokens found in the text itself. One may repeat an entry of the vocabulary, with the same id.
    public var addedTokens: [AddedToken]
    /// What is done to a text first.
    public var normalizer: [NormalizerStep]
    /// Steps that cut a text into pieces, in order. With `byteLevel`, which is the last one, the vocabulary is written in
    /// the byte-level alphabet and bytes are merged; without it code points are.
    public var preTokenizer: [PreTokenizerStep]
    /// What becomes of the tokens' texts in the end.
    public var decoder: [DecoderStep]
    /// Whether a piece that is a token as a whole is that token, whatever the merges say.
    public var ignoreMerges: Bool
    /// Whether a code point that the vocabulary lacks becomes tokens for its bytes, `<0x00>` to `<0xFF>`.
    public var fallsBackToBytes: Bool
    /// The token for what the vocabulary lacks; without one it is dropped, as Hugging Face drops it.
    public var unknownToken: Int?
    /// Whether neighbouring unknowns share one unknown token.
    public var fusesUnknown: Bool
    /// The token that begins a text.
    public var bosToken: Int?
    /// The token that ends a text or a turn.
    public var eosToken: Int?
    /// Whether the model expects `bosToken` before a text.
    public var addsBOS: Bool
    /// The chat template's source, in Jinja.
    public var chatTemplate: String?

    /// A definition; everything but the vocabulary and the merges has a default, of a byte-level tokenizer.
    public init(
        source: String, vocabulary: [String?], merges: MergeRule, addedTokens: [AddedToken] = [],
        normalizer: [NormalizerStep] = [],
        preTokenizer: [PreTokenizerStep] = [.byteLevel(addsPrefixSpace: false, usesPattern: true)],
        decoder: [DecoderStep] = [.byteLevel], ignoreMerges: Bool = false, fallsBackToBytes: Bool = false,
        unknownToken: Int? = nil, fusesUnknown: Bool = false, bosToken: Int? = nil, eosToken: Int? = nil,
        addsBOS: Bool = false, chatTemplate: String? = nil
    ) {
        self.source = source
        self.vocabulary = vocabulary
        self.merges = merges
        self.addedTokens = addedTokens
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.decoder = decoder
        self.ignoreMerges = ignoreMerges
        self.fallsBackToBytes = fallsBackToBytes
        self.unknownToken = unknownToken
        self.fusesUnknown = fusesUnknown
        self.bosToken = bosToken
        self.eosToken = eosToken
        self.addsBOS = addsBOS
        self.chatTemplate = chatTemplate
    }

    /// Whether the vocabulary is written in the byte-level alphabet.
    var isByteLevel: Bool {
        if case .byteLevel? = preTokenizer.last { true } else { false }
    }
}
