// A WordPiece tokenizer as tokenizer.json describes it. What BERT's tokenizers do not have is refused by name, never
// skipped. `truncation` and `padding` are settings for batches and say nothing about the tokens of a text.
// Source: huggingface/tokenizers, serialization of Tokenizer and of each component.

import Foundation

/// The parts of a WordPiece tokenizer, not yet checked against each other.
struct WordPieceTokenizerFile {
    /// The file, for errors to name.
    let source: String
    let vocabulary: [(text: String, id: Int)]
    let unknownToken: String
    let continuationPrefix: String
    /// Words of more code points are unknown as a whole.
    let longestWord: Int
    let normalizer: BertNormalizer
    let addedTokens: [AddedToken]

    init(_ file: HuggingFaceTokenizerFile) throws(TokenizerError) {
        source = file.source
        guard let model = file.root["model"] else { throw file.invalid("model", "an object") }
        // Older files do not say what kind they are; that a vocabulary has no merges shows it.
        guard model["type"]?.string ?? "WordPiece" == "WordPiece", model["merges"] == nil else {
            throw file.unsupported("model.type", model["type"]?.string ?? "one with merges", "WordPiece for embeddings")
        }
        let preTokenizer = file.root["pre_tokenizer"]?["type"]?.string
        guard preTokenizer == "BertPreTokenizer" else {
            throw file.unsupported("pre_tokenizer", preTokenizer ?? "missing", "BertPreTokenizer")
        }
        vocabulary = try file.vocabularyMembers(model)
        guard !vocabulary.isEmpty else { throw .emptyVocabulary(source: file.source) }
        unknownToken = model["unk_token"]?.string ?? "[UNK]"
        continuationPrefix = model["continuing_subword_prefix"]?.string ?? "##"
        longestWord = model["max_input_chars_per_word"]?.integer ?? 100
        normalizer = try Self.normalizer(file)
        addedTokens = try file.addedTokens()
        for (index, token) in addedTokens.enumerated() {
            try Tokenizer.checkID(token.id, of: token.content, source: source)
            guard !token.normalized else {
                throw file.unsupported("added_tokens[\(index)].normalized", "true", "false for embeddings")
            }
        }
    }

    private static func normalizer(_ file: HuggingFaceTokenizerFile) throws(TokenizerError) -> BertNormalizer {
        guard let node = file.root["normalizer"], node["type"]?.string == "BertNormalizer" else {
            throw file.unsupported(
                "normalizer", file.root["normalizer"]?["type"]?.string ?? "missing", "BertNormalizer")
        }
        var normalizer = BertNormalizer()
        normalizer.cleansText = node["clean_text"]?.bool ?? true
        normalizer.separatesIdeographs = node["handle_chinese_chars"]?.bool ?? true
        normalizer.lowercases = node["lowercase"]?.bool ?? true
        // Null says: where everything is lower-case.
        normalizer.stripsAccents = node["strip_accents"]?.bool ?? normalizer.lowercases
        return normalizer
    }
}

extension WordPieceTokenizer {
    /// The tokenizer of a Hugging Face folder: its `tokenizer.json`.
    public init(directory: URL) throws(TokenizerError) {
        let file = directory.appending(path: "tokenizer.json")
        try self.init(
            WordPieceTokenizerFile(
                HuggingFaceTokenizerFile(source: file.path, root: try JSONNode(contentsOf: file))))
    }
}
