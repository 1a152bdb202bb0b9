// tokenizer.json, the file of Hugging Face `tokenizers`: the parts that byte-level BPE models use. Every other part is
// refused by name, never skipped, for a tokenizer that is nearly right is wrong. `truncation` and `padding` are
// settings for batches and say nothing about the tokens of a text.
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
        try checkDecoder()
        let vocabulary = try vocabulary(model)
        return TokenizerDefinition(
            source: source, vocabulary: vocabulary, merges: try merges(model), addedTokens: try addedTokens(),
            preTokenizer: try preTokenizerSteps(root["pre_tokenizer"], part: "pre_tokenizer"),
            normalizer: try normalizer(root["normalizer"], part: "normalizer"),
            ignoreMerges: model["ignore_merges"]?.bool ?? false,
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
            throw unsupported("model.type", type, "BPE (byte-level)")
        }
        if model["byte_fallback"]?.bool == true {
            throw unsupported("model.byte_fallback", "true", "false (byte-level BPE)")
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
        guard let members = model["vocab"]?.object else { throw invalid("model.vocab", "an object") }
        var vocabulary = [String?](repeating: nil, count: members.count)
        for member in members {
            guard let id = member.value.integer else {
                throw invalid("model.vocab[\(member.key.debugDescription)]", "a whole number")
            }
            try Tokenizer.checkID(id, of: member.key, source: source)
            if id >= vocabulary.count {
                vocabulary.append(contentsOf: repeatElement(nil, count: id + 1 - vocabulary.count))
            }
            if let other = vocabulary[id] {
                throw .duplicateID(source: source, id: id, first: other, second: member.key)
            }
            vocabulary[id] = member.key
        }
        return vocabulary
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

    private func addedTokens() throws(TokenizerError) -> [AddedToken] {
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

    private func normalizer(_ node: JSONNode?, part: String) throws(TokenizerError) -> TextNormalizer {
        guard let node else { return .none }
        guard let type = node["type"]?.string else { throw invalid(part + ".type", "a string") }
        switch type {
        case "NFC": return .nfc
        case "Sequence":
            guard let nodes = node["normalizers"]?.array else { throw invalid(part + ".normalizers", "an array") }
            var result = TextNormalizer.none
            for (index, node) in nodes.enumerated() {
                let next = try normalizer(node, part: "\(part).normalizers[\(index)]")
                // Composing twice is composing once.
                if next == .nfc { result = .nfc }
            }
            return result
        default: throw unsupported(part + ".type", type, "NFC, Sequence, or no normalizer")
        }
    }

    private func preTokenizerSteps(_ node: JSONNode?, part: String) throws(TokenizerError) -> [PreTokenizerStep] {
        let supported = "ByteLevel, Split, Digits, Sequence"
        guard let node else { throw unsupported(part, "null", supported) }
        guard let type = node["type"]?.string else { throw invalid(part + ".type", "a string") }
        switch type {
        case "ByteLevel":
            // Without the key Hugging Face adds the space.
            let addsPrefixSpace = node["add_prefix_space"]?.bool ?? true
            return [.byteLevel(addsPrefixSpace: addsPrefixSpace, usesPattern: node["use_regex"]?.bool ?? true)]
        case "Digits": return [.digits(individually: node["individual_digits"]?.bool ?? false)]
        case "Split": return [try splitStep(node, part: part)]
        case "Sequence":
            guard let nodes = node["pretokenizers"]?.array else { throw invalid(part + ".pretokenizers", "an array") }
            var steps: [PreTokenizerStep] = []
            for (index, node) in nodes.enumerated() {
                steps += try preTokenizerSteps(node, part: "\(part).pretokenizers[\(index)]")
            }
            return steps
        default: throw unsupported(part + ".type", type, supported)
        }
    }

    private func splitStep(_ node: JSONNode, part: String) throws(TokenizerError) -> PreTokenizerStep {
        let pattern: SplitPattern
        if let regex = node["pattern"]?["Regex"]?.string {
            pattern = .regex(regex)
        } else if let text = node["pattern"]?["String"]?.string {
            pattern = .literal(text)
        } else {
            throw invalid(part + ".pattern", "an object with a Regex or a String")
        }
        guard let name = node["behavior"]?.string else { throw invalid(part + ".behavior", "a string") }
        guard let behavior = SplitBehavior(rawValue: name) else {
            let supported = SplitBehavior.allCases.map(\.rawValue).joined(separator: ", ")
            throw unsupported(part + ".behavior", name, supported)
        }
        guard let invert = node["invert"]?.bool else { throw invalid(part + ".invert", "true or false") }
        return .split(pattern: pattern, behavior: behavior, invert: invert)
    }

    private func checkDecoder() throws(TokenizerError) {
        let supported = "ByteLevel"
        guard let decoder = root["decoder"] else { throw unsupported("decoder", "null", supported) }
        let decoders = decoder["decoders"]?.array ?? [decoder]
        for decoder in decoders {
            guard let type = decoder["type"]?.string else { throw invalid("decoder.type", "a string") }
            if type != "ByteLevel" { throw unsupported("decoder.type", type, supported) }
        }
    }

    private func invalid(_ part: String, _ expected: String) -> TokenizerError {
        .invalidValue(source: source, part: part, expected: expected)
    }

    private func unsupported(_ part: String, _ found: String, _ supported: String) -> TokenizerError {
        .unsupported(source: source, part: part, found: found, supported: supported)
    }
}
