// A definition's tokens, checked against each other: texts, ids, bytes, merges. Knows nothing of cutting text.

/// Every token of a tokenizer, by id and by text.
struct TokenizerVocabulary: Sendable {
    /// Token texts as the file writes them; an id that is not taken has an empty one.
    let texts: ByteStringTable
    /// What each token writes into a text.
    let bytes: ByteStringTable
    /// Whether each token is special.
    let isSpecial: [Bool]
    /// Whether each token steers the model: such a token is never made of ordinary text.
    private let isControl: [Bool]
    private let ids: ByteStringIndex
    /// Ids by bytes, of the tokens that a whole piece may become at once.
    private let words: ByteStringIndex?

    /// Ids run from 0 to this.
    var count: Int { texts.count }

    /// Collects the tokens of `definition`.
    init(_ definition: TokenizerDefinition) throws(TokenizerError) {
        let merged = try Self.mergedTexts(of: definition)
        var isSpecial = [Bool](repeating: false, count: merged.count)
        var isControl = isSpecial
        for token in definition.addedTokens {
            isSpecial[token.id] = isSpecial[token.id] || token.isSpecial
            isControl[token.id] = isControl[token.id] || token.isControl
        }

        var texts = ByteStringTable()
        var bytes = ByteStringTable()
        var ids = ByteStringIndex(capacity: merged.count)
        var words = definition.ignoreMerges ? ByteStringIndex(capacity: merged.count) : nil
        for (id, text) in merged.enumerated() {
            var isWritten = true
            texts.append { $0.append(contentsOf: (text ?? "").utf8) }
            bytes.append { output in
                if definition.isByteLevel { isWritten = ByteLevelAlphabet.appendBytes(of: text ?? "", to: &output) }
                if !definition.isByteLevel || !isWritten { output.append(contentsOf: (text ?? "").utf8) }
            }
            guard let text else { continue }
            if let first = ids.insert(id, of: texts) {
                throw .duplicateToken(source: definition.source, token: text, first: first, second: id)
            }
            if isWritten, !isControl[id], id < definition.vocabulary.count, definition.vocabulary[id] != nil {
                _ = words?.insert(id, of: bytes)
            }
        }
        self.texts = texts
        self.bytes = bytes
        (self.isSpecial, self.isControl) = (isSpecial, isControl)
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
        let merges =
            switch definition.merges {
            case .listed(let merges): try table(of: merges, source: definition.source)
            case .scored(let scores): table(of: scores)
            }
        return BytePairEncoder(
            symbols: symbols(definition), merges: merges, unknownToken: definition.unknownToken.map(Int32.init),
            fusesUnknown: definition.fusesUnknown)
    }

    private func table(of merges: [Merge], source: String) throws(TokenizerError) -> MergeTable {
        var table = MergeTable(capacity: merges.count)
        for (rank, merge) in merges.enumerated() {
            let missing = { (text: String) in
                TokenizerError.mergeOfUnknownToken(
                    source: source, rank: rank, left: merge.left, right: merge.right, missing: text)
            }
            guard let left = id(of: merge.left) else { throw missing(merge.left) }
            guard let right = id(of: merge.right) else { throw missing(merge.right) }
            guard let merged = id(of: merge.left + merge.right) else { throw missing(merge.left + merge.right) }
            if isControl[merged] { continue }
            table.insert(left: Int32(left), right: Int32(right), rank: rank, merged: Int32(merged))
        }
        return table
    }

    /// Each way to make a token of two others. Equal scores have equal ranks, so that the leftmost goes first.
    private func table(of scores: [Double?]) -> MergeTable {
        let ranks = Dictionary(
            uniqueKeysWithValues: Set(scores.compactMap(\.self)).sorted(by: >).enumerated().map { ($1, $0) })
        var merges: [(left: Int, right: Int, rank: Int, merged: Int)] = []
        texts.bytes.withUnsafeBufferPointer { bytes in
            for (merged, score) in scores.enumerated() where !isControl[merged] {
                guard let score, let rank = ranks[score] else { continue }
                let whole = texts.range(merged)
                for middle in whole.dropFirst() where bytes[middle] & 0xC0 != 0x80 {
                    let left = UnsafeBufferPointer(rebasing: bytes[whole.lowerBound..<middle])
                    let right = UnsafeBufferPointer(rebasing: bytes[middle..<whole.upperBound])
                    guard let left = ids.find(left, in: texts), let right = ids.find(right, in: texts) else { continue }
                    merges.append((left, right, rank, merged))
                }
            }
        }
        var table = MergeTable(capacity: merges.count)
        for merge in merges {
            table.insert(
                left: Int32(merge.left), right: Int32(merge.right), rank: merge.rank, merged: Int32(merge.merged))
        }
        return table
    }

    private func symbols(_ definition: TokenizerDefinition) -> BytePairEncoder.Symbols {
        func token(_ text: String) -> Int32? { id(of: text).flatMap { isControl[$0] ? nil : Int32($0) } }
        if definition.isByteLevel { return .bytes(ByteLevelAlphabet.scalars.map { token(String($0)) }) }
        var tokens: [UInt32: Int32] = [:]
        texts.bytes.withUnsafeBufferPointer { bytes in
            for id in 0..<count where !isControl[id] && !texts.range(id).isEmpty {
                let text = UnsafeBufferPointer(rebasing: bytes[texts.range(id)])
                let (scalar, length) = decodeScalar(text, at: 0)
                if length == text.count { tokens[scalar.value] = Int32(id) }
            }
        }
        let bytes = (0...255).map { definition.fallsBackToBytes ? token(ByteToken.text($0)) : nil }
        return .scalars(tokens, bytes: bytes)
    }
}

/// The tokens that stand for single bytes in SentencePiece's vocabularies: `<0x00>` to `<0xFF>`.
enum ByteToken {
    static func text(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }

    /// The byte that a token of this text stands for; lower-case digits count too.
    static func byte(_ text: some Collection<UInt8>) -> UInt8? {
        guard text.count == 6, text.starts(with: "<0x".utf8), text.dropFirst(5).first == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: text.dropFirst(3).prefix(2), as: UTF8.self), radix: 16)
    }
}
