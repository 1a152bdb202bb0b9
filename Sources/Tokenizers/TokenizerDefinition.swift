// What a tokenizer is made of, whichever file it came from: plain values, not yet checked against each other.
// Knows no file format and does no work; `Tokenizer` checks a definition and runs it.

/// A token that is looked for in the text itself, before the text is split and merged.
///
/// The fields mean what they mean in Hugging Face `tokenizers` (`AddedToken`).
public struct AddedToken: Sendable, Hashable {
    /// The token's number.
    public var id: Int
    /// The text that stands for it.
    public var content: String
    /// Whether it steers the model (`<|im_end|>`) and so is neither read from untrusted text nor written out.
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
}

/// What becomes of the stretches that a `Split` step's pattern matches.
public enum SplitBehavior: String, Sendable, Hashable, CaseIterable {
    /// Each match is a piece of its own.
    case isolated = "Isolated"
    /// Matches are dropped.
    case removed = "Removed"
    /// A match ends the piece before it.
    case mergedWithPrevious = "MergedWithPrevious"
    /// A match begins the piece after it.
    case mergedWithNext = "MergedWithNext"
    /// Adjacent matches make one piece.
    case contiguous = "Contiguous"
}

/// What a `Split` step looks for.
public enum SplitPattern: Sendable, Hashable {
    /// A regular expression in Oniguruma's syntax.
    case regex(String)
    /// A fixed text.
    case literal(String)
}

/// One step of cutting a text into the pieces within which merges happen.
public enum PreTokenizerStep: Sendable, Hashable {
    /// Cut at a pattern's matches; with `invert`, at everything else.
    case split(pattern: SplitPattern, behavior: SplitBehavior, invert: Bool)
    /// Cut numbers out, digit by digit if `individually`.
    case digits(individually: Bool)
    /// Put a space before each piece that has none, if asked; cut with GPT-2's pattern, if asked.
    case byteLevel(addsPrefixSpace: Bool, usesPattern: Bool)
}

/// What is done to a text before it is cut.
public enum TextNormalizer: Sendable, Hashable {
    /// Nothing.
    case none
    /// Unicode canonical composition (NFC).
    case nfc
}

/// Two neighbouring tokens that become one; their order in the list is their rank.
public struct Merge: Sendable, Hashable {
    /// The left token's text in the byte-level alphabet.
    public var left: String
    /// The right token's text in the byte-level alphabet.
    public var right: String

    /// A merge of `left` and `right`.
    public init(_ left: String, _ right: String) {
        self.left = left
        self.right = right
    }
}

/// A byte-level byte-pair tokenizer as its file describes it.
public struct TokenizerDefinition: Sendable {
    /// Where it was read from; errors name it.
    public var source: String
    /// Token texts in the byte-level alphabet, each at its id; nil where an id is not taken.
    public var vocabulary: [String?]
    /// Merges, the first applied before the second.
    public var merges: [Merge]
    /// Tokens found in the text itself. One may repeat an entry of the vocabulary, with the same id.
    public var addedTokens: [AddedToken]
    /// Steps that cut a text into pieces, in order; the last is `byteLevel`.
    public var preTokenizer: [PreTokenizerStep]
    /// What is done to a text first.
    public var normalizer: TextNormalizer
    /// Whether a piece that is a token as a whole is that token, whatever the merges say.
    public var ignoreMerges: Bool
    /// The token for bytes that the vocabulary lacks; without one they are dropped, as Hugging Face drops them.
    public var unknownToken: Int?
    /// Whether neighbouring unknown bytes share one unknown token.
    public var fusesUnknown: Bool
    /// The token that begins a text.
    public var bosToken: Int?
    /// The token that ends a text or a turn.
    public var eosToken: Int?
    /// Whether the model expects `bosToken` before a text.
    public var addsBOS: Bool
    /// The chat template's source, in Jinja.
    public var chatTemplate: String?

    /// A definition; everything but the vocabulary, the merges and the steps has a plain default.
    public init(
        source: String, vocabulary: [String?], merges: [Merge], addedTokens: [AddedToken] = [],
        preTokenizer: [PreTokenizerStep] = [.byteLevel(addsPrefixSpace: false, usesPattern: true)],
        normalizer: TextNormalizer = .none, ignoreMerges: Bool = false, unknownToken: Int? = nil,
        fusesUnknown: Bool = false, bosToken: Int? = nil, eosToken: Int? = nil, addsBOS: Bool = false,
        chatTemplate: String? = nil
    ) {
        self.source = source
        self.vocabulary = vocabulary
        self.merges = merges
        self.addedTokens = addedTokens
        self.preTokenizer = preTokenizer
        self.normalizer = normalizer
        self.ignoreMerges = ignoreMerges
        self.unknownToken = unknownToken
        self.fusesUnknown = fusesUnknown
        self.bosToken = bosToken
        self.eosToken = eosToken
        self.addsBOS = addsBOS
        self.chatTemplate = chatTemplate
    }
}
