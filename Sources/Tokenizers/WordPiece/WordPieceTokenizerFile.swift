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

    init(source: String, root: JSONNode) throws(TokenizerError) {
        self.source = source
        guard let model = root["model"] else {
            throw .invalidValue(source: source, part: "model", expected: "an object")
        }
        // Older files do not say what kind they are; that a vocabulary has no merges shows it.
        guard model["type"]?.string ?? "WordPiece" == "WordPiece", model["merges"] == nil else {
            throw .unsupported(
                source: source, part: "model.type", found: model["type"]?.string ?? "one with merges",
                supported: "WordPiece for embeddings")
        }
        guard root["pre_tokenizer"]?["type"]?.string == "BertPreTokenizer" else {
            throw .unsupported(
                source: source, part: "pre_tokenizer", found: root["pre_tokenizer"]?["type"]?.string ?? "missing",
                supported: "BertPreTokenizer")
        }
        vocabulary = try Self.vocabulary(model, source: source)
        unknownToken = model["unk_token"]?.string ?? "[UNK]"
        continuationPrefix = model["continuing_subword_prefix"]?.string ?? "##"
        longestWord = model["max_input_chars_per_word"]?.integer ?? 100
        normalizer = try Self.normalizer(root["normalizer"], source: source)
        addedTokens = try Self.addedTokens(root["added_tokens"]?.array ?? [], source: source)
    }

    private static func vocabulary(
        _ model: JSONNode, source: String
    ) throws(TokenizerError) -> [(text: String, id: Int)] {
        guard let members = model["vocab"]?.object else {
            throw .invalidValue(source: source, part: "model.vocab", expected: "an object")
        }
        guard !members.isEmpty else { throw .emptyVocabulary(source: source) }
        return try members.map { member throws(TokenizerError) in
            guard let id = member.value.integer else {
                throw .invalidValue(
                    source: source, part: "model.vocab[\(member.key.debugDescription)]", expected: "a whole number")
            }
            try Tokenizer.checkID(id, of: member.key, source: source)
            return (member.key, id)
        }
    }

    private static func normalizer(_ node: JSONNode?, source: String) throws(TokenizerError) -> BertNormalizer {
        guard let node, node["type"]?.string == "BertNormalizer" else {
            throw .unsupported(
                source: source, part: "normalizer", found: node?["type"]?.string ?? "missing",
                supported: "BertNormalizer")
        }
        var normalizer = BertNormalizer()
        normalizer.cleansText = node["clean_text"]?.bool ?? true
        normalizer.separatesIdeographs = node["handle_chinese_chars"]?.bool ?? true
        normalizer.lowercases = node["lowercase"]?.bool ?? true
        // Null says: where everything is lower-case.
        normalizer.stripsAccents = node["strip_accents"]?.bool ?? normalizer.lowercases
        return normalizer
    }

    private static func addedTokens(_ nodes: [JSONNode], source: String) throws(TokenizerError) -> [AddedToken] {
        try nodes.enumerated().map { index, node throws(TokenizerError) in
            let part = "added_tokens[\(index)]"
            guard let id = node["id"]?.integer else {
                throw .invalidValue(source: source, part: part + ".id", expected: "a whole number")
            }
            let token = try AddedToken(node, id: id, source: source, part: part)
            try Tokenizer.checkID(id, of: token.content, source: source)
            guard !token.normalized else {
                throw .unsupported(
                    source: source, part: part + ".normalized", found: "true", supported: "false for embeddings")
            }
            return token
        }
    }
}

extension WordPieceTokenizer {
    /// The tokenizer of a Hugging Face folder: its `tokenizer.json`.
    public init(directory: URL) throws(TokenizerError) {
        let file = directory.appending(path: "tokenizer.json")
        try self.init(WordPieceTokenizerFile(source: file.path, root: try JSONNode(contentsOf: file)))
    }
}
