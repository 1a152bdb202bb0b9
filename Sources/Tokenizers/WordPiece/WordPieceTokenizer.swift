// BERT's tokenizer: text to token ids, a word being cut into the longest pieces that the vocabulary has. Knows nothing of
// the file that it came from. Source: Devlin et al., 2018; Hugging Face `tokenizers`, models/wordpiece.

/// Turns text into the token ids of an encoder of BERT's kind, exactly as Hugging Face `tokenizers` does.
public struct WordPieceTokenizer: Sendable {
    /// The token that begins every text.
    public let beginToken: Int
    /// The token that ends every text.
    public let endToken: Int
    private let unknownToken: Int
    private let normalizer: BertNormalizer
    private let addedTokens: AddedTokenMatcher
    private let continuationPrefix: [UInt8]
    private let longestWord: Int
    private let texts: ByteStringTable
    private let ids: ByteStringIndex
    private let idOfText: [Int32]

    /// One more than the largest token id.
    public let vocabularySize: Int

    init(_ file: WordPieceTokenizerFile) throws(TokenizerError) {
        var texts = ByteStringTable()
        var ids = ByteStringIndex(capacity: file.vocabulary.count)
        for (text, id) in file.vocabulary {
            texts.append { $0.append(contentsOf: text.utf8) }
            if let first = ids.insert(texts.count - 1, of: texts) {
                throw .duplicateToken(source: file.source, token: text, first: file.vocabulary[first].id, second: id)
            }
        }
        let idOfText = file.vocabulary.map { Int32($0.id) }
        func id(_ text: String, _ role: String) throws(TokenizerError) -> Int {
            guard let place = ids.find(text, in: texts) else {
                throw .unknownToken(source: file.source, role: role, token: text)
            }
            return Int(idOfText[place])
        }
        beginToken = try id("[CLS]", "the token that begins a text")
        endToken = try id("[SEP]", "the token that ends a text")
        unknownToken = try id(file.unknownToken, "model.unk_token")
        normalizer = file.normalizer
        addedTokens = AddedTokenMatcher(
            file.addedTokens, contents: file.addedTokens.map { Array($0.content.utf8) })
        continuationPrefix = Array(file.continuationPrefix.utf8)
        longestWord = file.longestWord
        vocabularySize = 1 + Int(max(idOfText.max() ?? 0, Int32(file.addedTokens.map(\.id).max() ?? 0)))
        (self.texts, self.ids, self.idOfText) = (texts, ids, idOfText)
    }

    /// The tokens of a text between the one that begins and the one that ends it, none of them a control token, whatever the
    /// text spells; what goes beyond `limit`, those two
    /// included, is cut off at the end.
    public func encode(_ text: String, limit: Int) -> [Int] {
        var tokens = [beginToken]
        var text = text
        text.withUTF8 { bytes in
            for segment in addedTokens.segments(of: bytes, given: [0..<bytes.count]) {
                guard tokens.count < limit else { return }
                if let token = segment.token {
                    tokens.append(token)
                } else {
                    let stretch = UnsafeBufferPointer(rebasing: bytes[segment.range])
                    appendWords(of: String(decoding: stretch, as: UTF8.self), to: &tokens, limit: limit)
                }
            }
        }
        return tokens.prefix(max(1, limit - 1)) + [endToken]
    }

    private func appendWords(of text: String, to tokens: inout [Int], limit: Int) {
        for word in normalizer.words(text) where tokens.count < limit {
            let start = tokens.count
            if !appendPieces(of: word, to: &tokens) {
                tokens.removeSubrange(start...)
                tokens.append(unknownToken)
            }
        }
    }

    /// Appends the longest piece that begins a word, then the longest that goes on with it, to its end; false where some
    /// place has none.
    private func appendPieces(of word: [Unicode.Scalar], to tokens: inout [Int]) -> Bool {
        guard word.count <= longestWord else { return false }
        var start = 0
        while start < word.count {
            var end = word.count
            var found: Int?
            while found == nil, end > start {
                found = token(of: word[start..<end], isContinuation: start > 0)
                if found == nil { end -= 1 }
            }
            guard let found else { return false }
            tokens.append(found)
            start = end
        }
        return true
    }

    private func token(of piece: ArraySlice<Unicode.Scalar>, isContinuation: Bool) -> Int? {
        var bytes = isContinuation ? continuationPrefix : []
        for scalar in piece { bytes.append(contentsOf: scalar.utf8) }
        return bytes.withUnsafeBufferPointer { ids.find($0, in: texts) }.map { Int(idOfText[$0]) }
    }
}
