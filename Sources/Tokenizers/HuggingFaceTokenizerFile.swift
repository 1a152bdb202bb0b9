// tokenizer.json, the file of Hugging Face `tokenizers`: the parts that byte-pair models use, byte-level as GPT-2's or with
// bytes to fall back on as SentencePiece's. Every other part is refused by name, never skipped, for a tokenizer that is
// nearly right is wrong. `truncation` and `padding` are settings for batches and say nothing about the tokens of a text.
// Source: huggingface/tokenizers, serialization of Tokenizer and of each component.

/// A parsed tokenizer.json.
struct HuggingFaceTokenizerFile {
    /// The file, for errors to name.
    let source: String
    let root: JSONNode

    /// What the file describes. Which tokens begin and end a text, and the chat template, stand in other files.
    func definition() throws(TokenizerError) -> TokenizerDefinition {
        guard root.object != nil else { throw invalid("the file", "a JSON object") }
        guard let model = root["model"] else { throw invalid("model", "an object") }
        try checkModel(model)
        let vocabulary = try vocabulary(model)
        return TokenizerDefinition(
            source: source, vocabulary: vocabulary, merges: .listed(try merges(model)),
            addedTokens: try addedTokens(),
            normalizer: try root["normalizer"].map { node throws(TokenizerError) in
                try normalizerSteps(node, part: "normalizer")
            } ?? [],
            preTokenizer: try root["pre_tokenizer"].map { node throws(TokenizerError) in
                try preTokenizerSteps(node, part: "pre_tokenizer")
            } ?? [],
            decoder: try decoderSteps(root["decoder"], part: "decoder"),
            ignoreMerges: model["ignore_merges"]?.bool ?? false,
            fallsBackToBytes: model["byte_fallback"]?.bool ?? false,
            unknownToken: try unknownToken(model, vocabulary: vocabulary),
            fusesUnknown: model["fuse_unk"]?.bool ?? false)
    }

    /// Whether the post-processor puts `token` before a text; nil if it says nothing about tokens.
    func beginsWithToken(_ token: Int?) throws(TokenizerError) -> Bool? {
        guard let root = root["post_processor"] else { return nil }
        let processors = root["processors"]?.array ?? [root]
        guard let template = processors.first(where: { $0["type"]?.string == "TemplateProcessing" }) else { return nil }
        guard let first = template["single"]?.array?.first?["SpecialToken"]?["id"]?.string else { return false }
        let ids = template["special_tokens"]?[first]?["ids"]?.array?.compactMap(\.integer)
        return token != nil && ids?.first == token
    }

    // MARK: Model

    private func checkModel(_ model: JSONNode) throws(TokenizerError) {
        if let type = model["type"]?.string, type != "BPE" {
            throw unsupported("model.type", type, "BPE")
        }
        if case .number(let dropout)? = model["dropout"], dropout != 0 {
            throw unsupported("model.dropout", "\(dropout)", "null")
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = model[key]?.string, !text.isEmpty {
                throw unsupported("model.\(key)", "\"\(text)\"", "null")
            }
        }
    }

    private func vocabulary(_ model: JSONNode) throws(TokenizerError) -> [String?] {
        let members = try vocabularyMembers(model)
        var vocabulary = [String?](repeating: nil, count: 1 + (members.map(\.id).max() ?? -1))
        for (text, id) in members {
            if let other = vocabulary[id] {
                throw .duplicateID(source: source, id: id, first: other, second: text)
            }
            vocabulary[id] = text
        }
        return vocabulary
    }

    /// The tokens of a model and their ids, in the file's order.
    func vocabularyMembers(_ model: JSONNode) throws(TokenizerError) -> [(text: String, id: Int)] {
        guard let members = model["vocab"]?.object else { throw invalid("model.vocab", "an object") }
        return try members.map { member throws(TokenizerError) in
            guard let id = member.value.integer else {
                throw invalid("model.vocab[\(member.key.debugDescription)]", "a whole number")
            }
            try Tokenizer.checkID(id, of: member.key, source: source)
            return (member.key, id)
        }
    }

    private func merges(_ model: JSONNode) throws(TokenizerError) -> [Merge] {
        guard let nodes = model["merges"]?.array else { throw invalid("model.merges", "an array") }
        var merges: [Merge] = []
        merges.reserveCapacity(nodes.count)
        for (rank, node) in nodes.enumerated() {
            if let text = node.string, let merge = Merge(spaced: text) {
                merges.append(merge)
            } else if let pair = node.array, pair.count == 2, let left = pair[0].string, let right = pair[1].string {
                merges.append(Merge(left, right))
            } else {
                throw invalid("model.merges[\(rank)]", "two tokens, as a pair or with a space between them")
            }
        }
        return merges
    }

    private func unknownToken(_ model: JSONNode, vocabulary: [String?]) throws(TokenizerError) -> Int? {
        guard let text = model["unk_token"]?.string else { return nil }
        guard let id = vocabulary.firstIndex(where: { $0.map { $0.utf8.elementsEqual(text.utf8) } ?? false }) else {
            throw .unknownToken(source: source, role: "model.unk_token", token: text)
        }
        return id
    }

    func addedTokens() throws(TokenizerError) -> [AddedToken] {
        guard let node = root["added_tokens"] else { return [] }
        guard let nodes = node.array else { throw invalid("added_tokens", "an array") }
        var tokens: [AddedToken] = []
        for (index, node) in nodes.enumerated() {
            let part = "added_tokens[\(index)]"
            guard let id = node["id"]?.integer else { throw invalid(part + ".id", "a whole number") }
            tokens.append(try AddedToken(node, id: id, source: source, part: part))
        }
        return tokens
    }

    // MARK: Text

    private func normalizerSteps(_ node: JSONNode, part: String) throws(TokenizerError) -> [NormalizerStep] {
        switch try type(of: node, part) {
        case "NFC": return [.composition(compatibility: false)]
        case "NFKC": return [.composition(compatibility: true)]
        case "Prepend": return [.prepend(try text(node, "prepend", part))]
        case "Replace": return [.replace(try pattern(node, part), content: try text(node, "content", part))]
        case "Sequence": return try sequence(node, "normalizers", part, normalizerSteps)
        case let type: throw unsupported(part + ".type", type, "NFC, NFKC, Prepend, Replace, Sequence")
        }
    }

    private func preTokenizerSteps(_ node: JSONNode, part: String) throws(TokenizerError) -> [PreTokenizerStep] {
        switch try type(of: node, part) {
        case "ByteLevel":
            // Without the key Hugging Face adds the space.
            let addsPrefixSpace = node["add_prefix_space"]?.bool ?? true
            return [.byteLevel(addsPrefixSpace: addsPrefixSpace, usesPattern: node["use_regex"]?.bool ?? true)]
        case "Digits": return [.digits(individually: node["individual_digits"]?.bool ?? false)]
        case "Metaspace":
            let mark = try text(node, "replacement", part)
            return [
                .metaspace(mark: mark, prepends: try prependScheme(node, part), splits: node["split"]?.bool ?? true)
            ]
        case "Split": return [try splitStep(node, part: part)]
        case "Sequence": return try sequence(node, "pretokenizers", part, preTokenizerSteps)
        case let type: throw unsupported(part + ".type", type, "ByteLevel, Digits, Metaspace, Split, Sequence")
        }
    }

    private func decoderSteps(_ node: JSONNode?, part: String) throws(TokenizerError) -> [DecoderStep] {
        let supported = "ByteLevel, ByteFallback, Fuse, Metaspace, Replace, Strip, Sequence"
        guard let node else { throw unsupported(part, "null", supported) }
        switch try type(of: node, part) {
        case "ByteLevel": return [.byteLevel]
        case "ByteFallback": return [.byteFallback]
        case "Fuse": return [.fuse]
        case "Metaspace":
            let mark = try text(node, "replacement", part)
            return [.metaspace(mark: mark, prepended: try prependScheme(node, part) != .never)]
        case "Replace": return [.replace(try pattern(node, part), content: try text(node, "content", part))]
        case "Strip":
            let content = try text(node, "content", part).unicodeScalars
            guard content.count == 1, let scalar = content.first, let start = node["start"]?.integer,
                let stop = node["stop"]?.integer
            else { throw invalid(part, "one character to strip, and how many at the start and the stop") }
            return [.strip(scalar, start: start, stop: stop)]
        case "Sequence": return try sequence(node, "decoders", part, decoderSteps)
        case let type: throw unsupported(part + ".type", type, supported)
        }
    }

    private func sequence<Step>(
        _ node: JSONNode, _ key: String, _ part: String,
        _ steps: (JSONNode, String) throws(TokenizerError) -> [Step]
    ) throws(TokenizerError) -> [Step] {
        guard let nodes = node[key]?.array else { throw invalid("\(part).\(key)", "an array") }
        var result: [Step] = []
        for (index, node) in nodes.enumerated() { result += try steps(node, "\(part).\(key)[\(index)]") }
        return result
    }

    private func type(of node: JSONNode, _ part: String) throws(TokenizerError) -> String {
        try text(node, "type", part)
    }

    private func text(_ node: JSONNode, _ key: String, _ part: String) throws(TokenizerError) -> String {
        guard let text = node[key]?.string else { throw invalid("\(part).\(key)", "a string") }
        return text
    }

    private func pattern(_ node: JSONNode, _ part: String) throws(TokenizerError) -> TextPattern {
        if let regex = node["pattern"]?["Regex"]?.string { return .regex(regex) }
        if let text = node["pattern"]?["String"]?.string, !text.isEmpty { return .literal(text) }
        throw invalid(part + ".pattern", "an object with a Regex or a String")
    }

    /// Older files say `add_prefix_space` instead.
    private func prependScheme(_ node: JSONNode, _ part: String) throws(TokenizerError) -> PrependScheme {
        guard let name = node["prepend_scheme"]?.string else {
            return node["add_prefix_space"]?.bool == false ? .never : .always
        }
        guard let scheme = PrependScheme(rawValue: name) else {
            let supported = PrependScheme.allCases.map(\.rawValue).joined(separator: ", ")
            throw unsupported(part + ".prepend_scheme", name, supported)
        }
        return scheme
    }

    private func splitStep(_ node: JSONNode, part: String) throws(TokenizerError) -> PreTokenizerStep {
        guard let name = node["behavior"]?.string else { throw invalid(part + ".behavior", "a string") }
        guard let behavior = SplitBehavior(rawValue: name) else {
            let supported = SplitBehavior.allCases.map(\.rawValue).joined(separator: ", ")
            throw unsupported(part + ".behavior", name, supported)
        }
        guard let invert = node["invert"]?.bool else { throw invalid(part + ".invert", "true or false") }
        return .split(pattern: try pattern(node, part), behavior: behavior, invert: invert)
    }

    func invalid(_ part: String, _ expected: String) -> TokenizerError {
        .invalidValue(source: source, part: part, expected: expected)
    }

    func unsupported(_ part: String, _ found: String, _ supported: String) -> TokenizerError {
        .unsupported(source: source, part: part, found: found, supported: supported)
    }
}
