// What can go wrong in retrieval, as data; the wording is here and nowhere else.

/// Documents that cannot be found for a question.
public enum RetrievalError: Error, Sendable, Hashable {
    /// Embeddings were asked for without saying whose.
    case noEmbedder
    /// A part of a sentence-transformers folder that is not built in.
    case unsupported(file: String, what: String, supported: String)
    /// Tokens that the encoder has no row for: tokenizer and weights are of two models.
    case unknownTokens(folder: String, vocabulary: Int, rows: Int)
    /// Vectors of different lengths from what should be one model.
    case mixedDimensions(embedder: String, first: Int, other: Int, kept: String)
    /// A question that fills the context by itself.
    case questionTooLong(tokens: Int, limit: Int)
}

extension RetrievalError: CustomStringConvertible {
    /// One sentence or two for a person.
    public var description: String {
        switch self {
        case .noEmbedder:
            """
            Retrieval by embeddings needs an encoder: run `scripts/bootstrap embedder`, or name a sentence-transformers \
            folder of a BERT model in `retrieval.embedder`.
            """
        case .unsupported(let file, let what, let supported):
            "\(file): \(what) is not supported; supported: \(supported)."
        case .unknownTokens(let folder, let vocabulary, let rows):
            "\(folder): its tokenizer has \(vocabulary) tokens and its weights \(rows); they belong to two models."
        case .mixedDimensions(let embedder, let first, let other, let kept):
            """
            \(embedder) has given embeddings of \(first) and of \(other) numbers, which cannot be compared. If its model \
            was changed, delete \(kept) and run the same command again.
            """
        case .questionTooLong(let tokens, let limit):
            """
            A question takes \(tokens) tokens without any passage, and \(limit) are left beside the reply; shorten it or \
            lower evaluation.maximumTokens.
            """
        }
    }
}
