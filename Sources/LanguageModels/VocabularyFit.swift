// Whether a tokenizer's ids and a model's rows are of one model: which tokens have no row, and which rows are no token. Knows
// ids, not texts.

import Tokenizers
import Torch

/// A tokenizer held against the rows of an embedding.
struct VocabularyFit {
    /// Rows that are no token, as a mask [V]; nil where all are one.
    let padding_V: Tensor?
    /// What a user should know; nil where all tokens have a row.
    let notice: String?

    /// Embeddings are filled up to a round number of rows: those of one model in forty are (DeepSeek LLM), of most fewer. More
    /// than one in eight, beyond a few, is another model's vocabulary.
    private static func largestPadding(of rows: Int) -> Int { max(rows / 8, 1024) }

    /// - Parameters:
    ///   - files: the model's.
    ///   - ends: ids that are to end replies.
    /// - Throws: `LanguageModelError` where the model cannot read what the tokenizer makes of text or of a conversation.
    init(_ files: any ModelSource, _ tokenizer: Tokenizer, ends: Set<Int>, device: Device) throws {
        let (path, rows) = (files.path, files.configuration.vocabularySize)
        let tokens = tokenizer.tokenCount
        guard abs(rows - tokens) <= Self.largestPadding(of: rows) else {
            throw LanguageModelError.otherVocabulary(path: path, tokens: tokens, rows: rows)
        }
        let beyond = tokens > rows ? (rows..<tokens).filter(tokenizer.isToken) : []
        // A control token that no conversation holds is never read: Gemma 3 has one for pictures without a row in the models
        // that do not see.
        let needed = beyond.first { id in
            !tokenizer.isSpecial(id) || ends.contains(id) || id == tokenizer.bosToken
                || tokenizer.text(of: id).map { tokenizer.chatTemplate?.contains($0) ?? false } ?? false
        }
        if let needed {
            throw LanguageModelError.tokensWithoutRows(
                path: path, token: tokenizer.text(of: needed) ?? "", id: needed,
                count: beyond.count, embedding: files.name(TensorAddress(weight: .embedding)) ?? "", rows: rows)
        }
        if let end = ends.filter({ $0 >= rows || $0 < 0 }).min() {
            throw LanguageModelError.stopTokenWithoutRow(path: path, id: end, rows: rows)
        }
        notice = beyond.first.map { id in
            """
            \(path): token \(tokenizer.text(of: id) ?? "") (\(id)) has no row in the embedding, which ends with row \
            \(rows - 1); it can be neither read nor written\(beyond.count == 1 ? "" : ", nor can \(beyond.count - 1) others").
            """
        }
        let isPadding = (0..<rows).map { !tokenizer.isToken($0) }
        padding_V = isPadding.contains(true) ? try Tensor(isPadding, device: device) : nil
    }
}
