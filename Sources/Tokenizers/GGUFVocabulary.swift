// A tokenizer out of a GGUF file's metadata. Knows the meaning of the `tokenizer.*` keys, not the file's bytes.
// Source: ggml-org/ggml, docs/gguf.md; the pre-tokenizers' patterns are those of the models' own tokenizer.json.

/// The tokenizer's part of a GGUF file's metadata.
public struct GGUFVocabulary: Sendable, Codable {
    /// The file, for errors to name.
    public var source: String
    /// `tokenizer.ggml.model`: "gpt2" is byte-level byte-pair encoding, "llama" is SentencePiece's.
    public var model: String
    /// `tokenizer.ggml.tokens`: token texts by id, of "gpt2" in the byte-level alphabet.
    public var tokens: [String]
    /// `tokenizer.ggml.token_type`, by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. May be
    /// empty.
    public var tokenTypes: [Int]
    /// `tokenizer.ggml.merges`, of "gpt2": two token texts with a space between them, the first merge first.
    public var merges: [String]
    /// `tokenizer.ggml.scores`, of "llama", by id: of two merges that of the higher score goes first.
    public var scores: [Double]
    /// `tokenizer.ggml.pre`: how text is cut into pieces; nil counts as "default".
    public var preTokenizer: String?
    /// `tokenizer.ggml.bos_token_id`
    public var bosToken: Int?
    /// `tokenizer.ggml.eos_token_id`
    public var eosToken: Int?
    /// `tokenizer.ggml.unknown_token_id`
    public var unknownToken: Int?
    /// `tokenizer.ggml.add_space_prefix`, of "llama"; nil counts as true.
    public var addsSpacePrefix: Bool?
    /// `tokenizer.ggml.add_bos_token`; nil leaves it to the pre-tokenizer's family.
    public var addsBOS: Bool?
    /// `tokenizer.chat_template`
    public var chatTemplate: String?

    /// A vocabulary as a file has it.
    public init(
        source: String, model: String, tokens: [String], tokenTypes: [Int], merges: [String] = [],
        scores: [Double] = [], preTokenizer: String? = nil, bosToken: Int?, eosToken: Int?, unknownToken: Int? = nil,
        addsSpacePrefix: Bool? = nil, addsBOS: Bool?, chatTemplate: String?
    ) {
        self.source = source
        self.model = model
        self.tokens = tokens
        self.tokenTypes = tokenTypes
        self.merges = merges
        self.scores = scores
        self.preTokenizer = preTokenizer
        self.bosToken = bosToken
        self.eosToken = eosToken
        self.unknownToken = unknownToken
        self.addsSpacePrefix = addsSpacePrefix
        self.addsBOS = addsBOS
        self.chatTemplate = chatTemplate
    }
}

extension TokenizerDefinition {
    /// The tokenizer that a GGUF file describes.
    public init(gguf: GGUFVocabulary) throws(TokenizerError) {
        guard gguf.tokenTypes.isEmpty || gguf.tokenTypes.count == gguf.tokens.count else {
            throw .invalidValue(
                source: gguf.source, part: "tokenizer.ggml.token_type",
                expected: "one type for each of the \(gguf.tokens.count) tokens, not \(gguf.tokenTypes.count)")
        }
        switch gguf.model {
        case "gpt2": try self.init(byteLevel: gguf)
        case "llama": try self.init(sentencePiece: gguf)
        default:
            throw .unsupported(
                source: gguf.source, part: "tokenizer.ggml.model", found: "\"\(gguf.model)\"",
                supported: "\"gpt2\" (byte-level BPE), \"llama\" (SentencePiece BPE)")
        }
    }

    private init(byteLevel gguf: GGUFVocabulary) throws(TokenizerError) {
        let family = try GGUFPreTokenizer(named: gguf.preTokenizer ?? "default", source: gguf.source)
        self.init(
            source: gguf.source, vocabulary: gguf.tokens, merges: .listed(try Self.merges(of: gguf)),
            addedTokens: Self.addedTokens(of: gguf),
            normalizer: family == .qwen2 ? [.composition(compatibility: false)] : [], preTokenizer: family.steps,
            ignoreMerges: [.llama3, .tekken].contains(family), bosToken: gguf.bosToken,
            eosToken: gguf.eosToken, addsBOS: gguf.addsBOS ?? (family == .llama3), chatTemplate: gguf.chatTemplate)
    }

    /// Source: ggml-org/llama.cpp, llama-vocab.cpp, the tokenizer of type SPM.
    private init(sentencePiece gguf: GGUFVocabulary) throws(TokenizerError) {
        guard gguf.scores.count == gguf.tokens.count else {
            throw .invalidValue(
                source: gguf.source, part: "tokenizer.ggml.scores",
                expected: "one score for each of the \(gguf.tokens.count) tokens, not \(gguf.scores.count)")
        }
        let mark = "\u{2581}"
        let addsSpace = gguf.addsSpacePrefix ?? true
        let isMerged = gguf.tokenTypes.map { $0 == TokenType.normal }
        self.init(
            source: gguf.source, vocabulary: gguf.tokens,
            merges: .scored(gguf.scores.enumerated().map { isMerged.isEmpty || isMerged[$0] ? $1 : nil }),
            addedTokens: Self.addedTokens(of: gguf),
            normalizer: (addsSpace ? [.prepend(mark)] : []) + [.replace(.literal(" "), content: mark)],
            preTokenizer: [],
            decoder: [.replace(.literal(mark), content: " "), .byteFallback, .fuse]
                + (addsSpace ? [.strip(" ", start: 1, stop: 0)] : []),
            fallsBackToBytes: true, unknownToken: gguf.unknownToken, fusesUnknown: true, bosToken: gguf.bosToken,
            eosToken: gguf.eosToken, addsBOS: gguf.addsBOS ?? true, chatTemplate: gguf.chatTemplate)
    }

    private static func merges(of gguf: GGUFVocabulary) throws(TokenizerError) -> [Merge] {
        guard !gguf.merges.isEmpty else {
            throw .invalidValue(source: gguf.source, part: "tokenizer.ggml.merges", expected: "a list of merges")
        }
        var merges: [Merge] = []
        merges.reserveCapacity(gguf.merges.count)
        for (rank, text) in gguf.merges.enumerated() {
            guard let merge = Merge(spaced: text) else {
                throw .invalidValue(
                    source: gguf.source, part: "tokenizer.ggml.merges[\(rank)]",
                    expected: "two tokens with a space between them")
            }
            merges.append(merge)
        }
        return merges
    }

    /// Control tokens and the unknown one are special; user-defined ones are found in any text.
    private static func addedTokens(of gguf: GGUFVocabulary) -> [AddedToken] {
        zip(gguf.tokens, gguf.tokenTypes).enumerated().compactMap { id, token in
            let (content, type) = token
            guard [TokenType.unknown, TokenType.control, TokenType.userDefined].contains(type) else { return nil }
            return AddedToken(id: id, content: content, isSpecial: type != TokenType.userDefined)
        }
    }
}

/// The values of `tokenizer.ggml.token_type` that make a difference.
private enum TokenType {
    static let normal = 1
    static let unknown = 2
    static let control = 3
    static let userDefined = 4
}

extension Merge {
    /// A merge written as two tokens with a space between them.
    init?(spaced text: String) {
        let space = UInt8(ascii: " ")
        guard let separator = text.utf8.firstIndex(of: space) else { return nil }
        let right = text[text.utf8.index(after: separator)...]
        guard separator > text.startIndex, !right.isEmpty, !right.utf8.contains(space) else { return nil }
        self.init(String(text[..<separator]), String(right))
    }
}

/// The values of `tokenizer.ggml.pre` that are known.
private enum GGUFPreTokenizer: String, CaseIterable {
    case gpt2 = "gpt-2"
    case smollm
    case llama3 = "llama-bpe"
    case qwen2
    case smaug = "smaug-bpe"
    case tekken
    case standard = "default"

    init(named name: String, source: String) throws(TokenizerError) {
        let synonyms: [String: Self] = [
            "llama3": .llama3, "llama-v3": .llama3, "falcon3": .llama3, "pixtral": .llama3, "deepseek-r1-qwen": .qwen2,
        ]
        guard let known = Self(rawValue: name) ?? synonyms[name] else {
            let supported = (Self.allCases.map(\.rawValue) + synonyms.keys.sorted()).joined(separator: ", ")
            throw .unsupported(
                source: source, part: "tokenizer.ggml.pre", found: "\"\(name)\"", supported: supported)
        }
        self = known
    }

    var steps: [PreTokenizerStep] {
        switch self {
        case .gpt2: return [.byteLevel(addsPrefixSpace: false, usesPattern: true)]
        case .smollm:
            return [.digits(individually: true), .byteLevel(addsPrefixSpace: false, usesPattern: true)]
        case .llama3, .smaug: return Self.steps(Self.pattern(numbers: #"\p{N}{1,3}"#))
        case .qwen2: return Self.steps(Self.pattern(numbers: #"\p{N}"#))
        // Mistral's since Nemo: words are cut where a capital follows small letters.
        case .tekken:
            let (first, rest) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
            return Self.steps(
                #"[^\r\n\p{L}\p{N}]?\#(first)*\#(rest)+|[^\r\n\p{L}\p{N}]?\#(first)+\#(rest)*|\p{N}"#
                    + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#)
        case .standard:
            return Self.steps(
                #"[\p{P}\$\+<=>\^~\|]+"#,
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
                #"\p{N}+"#, "[0-9][0-9][0-9]")
        }
    }

    /// The pattern of OpenAI's cl100k, from which these families differ in their numbers only.
    private static func pattern(numbers: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    private static func steps(_ patterns: String...) -> [PreTokenizerStep] {
        patterns.map { .split(pattern: .regex($0), behavior: .isolated, invert: false) }
            + [.byteLevel(addsPrefixSpace: false, usesPattern: false)]
    }
}
