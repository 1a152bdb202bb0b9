// A tokenizer out of a GGUF file's metadata. Knows the meaning of the `tokenizer.*` keys, not the file's bytes.
// Source: ggml-org/ggml, docs/gguf.md; the pre-tokenizers' patterns are those of the models' own tokenizer.json.

/// The tokenizer's part of a GGUF file's metadata.
public struct GGUFVocabulary: Sendable, Codable {
    /// The file, for errors to name.
    public var source: String
    /// `tokenizer.ggml.model`: "gpt2" is byte-level byte-pair encoding.
    public var model: String
    /// `tokenizer.ggml.tokens`: token texts in the byte-level alphabet, by id.
    public var tokens: [String]
    /// `tokenizer.ggml.token_type`, by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. May be
    /// empty.
    public var tokenTypes: [Int]
    /// `tokenizer.ggml.merges`: two token texts with a space between them, the first merge first.
    public var merges: [String]
    /// `tokenizer.ggml.pre`: how text is cut into pieces; nil counts as "default".
    public var preTokenizer: String?
    /// `tokenizer.ggml.bos_token_id`
    public var bosToken: Int?
    /// `tokenizer.ggml.eos_token_id`
    public var eosToken: Int?
    /// `tokenizer.ggml.add_bos_token`; nil leaves it to the pre-tokenizer's family.
    public var addsBOS: Bool?
    /// `tokenizer.chat_template`
    public var chatTemplate: String?

    /// A vocabulary as a file has it.
    public init(
        source: String, model: String, tokens: [String], tokenTypes: [Int], merges: [String], preTokenizer: String?,
        bosToken: Int?, eosToken: Int?, addsBOS: Bool?, chatTemplate: String?
    ) {
        self.source = source
        self.model = model
        self.tokens = tokens
        self.tokenTypes = tokenTypes
        self.merges = merges
        self.preTokenizer = preTokenizer
        self.bosToken = bosToken
        self.eosToken = eosToken
        self.addsBOS = addsBOS
        self.chatTemplate = chatTemplate
    }
}

extension TokenizerDefinition {
    /// The tokenizer that a GGUF file describes.
    public init(gguf: GGUFVocabulary) throws(TokenizerError) {
        guard gguf.model == "gpt2" else {
            throw .unsupported(
                source: gguf.source, part: "tokenizer.ggml.model", found: "\"\(gguf.model)\"",
                supported: "\"gpt2\" (byte-level BPE)")
        }
        guard gguf.tokenTypes.isEmpty || gguf.tokenTypes.count == gguf.tokens.count else {
            throw .invalidValue(
                source: gguf.source, part: "tokenizer.ggml.token_type",
                expected: "one type for each of the \(gguf.tokens.count) tokens, not \(gguf.tokenTypes.count)")
        }
        let family = try GGUFPreTokenizer(named: gguf.preTokenizer ?? "default", source: gguf.source)
        self.init(
            source: gguf.source, vocabulary: gguf.tokens, merges: try Self.merges(of: gguf),
            addedTokens: Self.addedTokens(of: gguf), preTokenizer: family.steps,
            normalizer: family == .qwen2 ? .nfc : .none, ignoreMerges: family == .llama3, bosToken: gguf.bosToken,
            eosToken: gguf.eosToken, addsBOS: gguf.addsBOS ?? (family == .llama3), chatTemplate: gguf.chatTemplate)
    }

    private static func merges(of gguf: GGUFVocabulary) throws(TokenizerError) -> [Merge] {
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

    /// Control tokens are special; user-defined ones are found in any text.
    private static func addedTokens(of gguf: GGUFVocabulary) -> [AddedToken] {
        let control = 3
        let userDefined = 4
        return zip(gguf.tokens, gguf.tokenTypes).enumerated().compactMap { id, token in
            guard token.1 == control || token.1 == userDefined else { return nil }
            return AddedToken(id: id, content: token.0, isSpecial: token.1 == control)
        }
    }
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
    case standard = "default"

    init(named name: String, source: String) throws(TokenizerError) {
        let synonyms: [String: Self] = ["llama3": .llama3, "llama-v3": .llama3, "deepseek-r1-qwen": .qwen2]
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
        case .llama3: return Self.steps(Self.pattern(numbers: #"\p{N}{1,3}"#))
        case .qwen2: return Self.steps(Self.pattern(numbers: #"\p{N}"#))
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
