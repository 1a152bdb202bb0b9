// A definition's tokens, checked against each other: texts, ids, bytes, merges. Knows nothing of cutting text.

/// Every token of a tokenizer, by id and by text.
struct TokenizerVocabulary: Sendable {
    /// Token texts as the file writes them; an id that is not taken has an empty one.
    let texts: ByteStringTable
    /// What each token writes into a text.
    let bytes: ByteStringTable
    /// Whether each token is special.
    let isSpecial: [Bool]
    /// Ids by text.
    private let ids: ByteStringIndex
    /// Ids by bytes, of the tokens that a whole piece may become at once.
    private let words: ByteStringIndex?

    /// Ids run from 0 to this.
    var count: Int { texts.count }

    /// Collects the tokens of `definition`.
    init(_ definition: TokenizerDefinition) throws(TokenizerError) {
        let merged = try Self.mergedTexts(of: definition)
        var isSpecial = [Bool](repeating: false, count: merged.count)
        for token in definition.addedTokens where token.isSpecial { isSpecial[token.id] = true }

        var texts = ByteStringTable()
        var bytes = ByteStringTable()
        var ids = ByteStringIndex(capacity: merged.count)
        var words = definition.ignoreMerges ? ByteStringIndex(capacity: merged.count) : nil
        for (id, text) in merged.enumerated() {
            var isByteLevel = true
            texts.append { $0.append(contentsOf: (text ?? "").utf8) }
            bytes.append { output in
                isByteLevel = ByteLevelAlphabet.appendBytes(of: text ?? "", to: &output)
                if !isByteLevel { output.append(contentsOf: (text ?? "").utf8) }
            }
            guard let text else { continue }
            if let first = ids.insert(id, of: texts) {
                throw .duplicateToken(source: definition.source, token: text, first: first, second: id)
            }
            // A special token is never made of ordinary text.
            if isByteLevel, !isSpecial[id], id < definition.vocabulary.count, definition.vocabulary[id] != nil {
                _ = words?.insert(id, of: bytes)
            }
        }
        self.texts = texts
        self.bytes = bytes
        self.isSpecial = isSpecial
        self.ids = ids
        self.words = words
    }

    /// The vocabulary's texts with the added tokens' among them.
    private static func mergedTexts(of definition: TokenizerDefinition) throws(TokenizerError) -> [String?] {
        var texts = definition.vocabulary
        try Tokenizer.checkID(max(texts.count - 1, 0), of: "", source: definition.source)
        for token in definition.addedTokens {
            try Tokenizer.checkID(token.id, of: token.content, source: definition.source)
            if token.id >= texts.count {
                texts.append(contentsOf: repeatElement(nil, count: token.id + 1 - texts.count))
            }
            if let other = texts[token.id], !other.utf8.elementsEqual(token.content.utf8) {
                throw .duplicateID(source: definition.source, id: token.id, first: other, second: token.content)
            }
            texts[token.id] = token.content
        }
        guard texts.contains(where: { $0 != nil }) else { throw .emptyVocabulary(source: definition.source) }
        return texts
    }

    /// The id of a token by its text.
    func id(of text: String) -> Int? { ids.find(text, in: texts) }

    /// The id of the token that a whole piece is, where pieces may be tokens without merging.
    func word(_ piece: UnsafeBufferPointer<UInt8>) -> Int? { words?.find(piece, in: bytes) }

    /// The merges of `definition`, with the ids that they join and make.
    func encoder(_ definition: TokenizerDefinition) throws(TokenizerError) -> BytePairEncoder {
        var table = MergeTable(capacity: definition.merges.count)
        for (rank, merge) in definition.merges.enumerated() {
            let missing = { (text: String) in
                TokenizerError.mergeOfUnknownToken(
                    source: definition.source, rank: rank, left: merge.left, right: merge.right, missing: text)
            }
            guard let left = id(of: merge.left) else { throw missing(merge.left) }
            guard let right = id(of: merge.right) else { throw missing(merge.right) }
            guard let merged = id(of: merge.left + merge.right) else { throw missing(merge.left + merge.right) }
            // A special token is never made of ordinary text.
            if isSpecial[merged] { continue }
            table.insert(left: Int32(left), right: Int32(right), rank: rank, merged: Int32(merged))
        }
        let byteTokens = ByteLevelAlphabet.scalars.map { scalar in
            id(of: String(scalar)).flatMap { isSpecial[$0] ? nil : Int32($0) } ?? -1
        }
        return BytePairEncoder(
            byteTokens: byteTokens, merges: table, unknownToken: definition.unknownToken.map(Int32.init),
            fusesUnknown: definition.fusesUnknown)
    }
}
