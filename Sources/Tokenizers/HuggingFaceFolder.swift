// A tokenizer out of a Hugging Face model folder: tokenizer.json, and what tokenizer_config.json and
// chat_template.jinja add to it. Knows the files' layout; tokenizer.json itself is read in HuggingFaceTokenizerFile.
// Source: huggingface/transformers, tokenization_utils_base.py.

import Foundation

extension TokenizerDefinition {
    /// The tokenizer that the files in `directory` describe.
    public init(directory: URL) throws(TokenizerError) {
        let file = HuggingFaceTokenizerFile(
            source: directory.appending(path: "tokenizer.json").path,
            root: try JSONNode(contentsOf: directory.appending(path: "tokenizer.json")))
        self = try file.definition()

        let configURL = directory.appending(path: "tokenizer_config.json")
        guard FileManager.default.fileExists(atPath: configURL.path) else {
            chatTemplate = try Self.chatTemplateFile(in: directory)
            return
        }
        let config = HuggingFaceTokenizerConfiguration(
            source: configURL.path, root: try JSONNode(contentsOf: configURL))
        try config.addTokens(to: &self)
        bosToken = try config.token("bos_token", in: self)
        eosToken = try config.token("eos_token", in: self)
        addsBOS = try file.beginsWithToken(bosToken) ?? config.root["add_bos_token"]?.bool ?? false
        chatTemplate = try Self.chatTemplateFile(in: directory) ?? config.chatTemplate
    }

    private static func chatTemplateFile(in directory: URL) throws(TokenizerError) -> String? {
        let url = directory.appending(path: "chat_template.jinja")
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        let bytes = try [UInt8](contentsOf: url, limit: 1 << 20)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidValue(source: url.path, part: "the file", expected: "UTF-8 text")
        }
        return text
    }
}

/// tokenizer_config.json.
private struct HuggingFaceTokenizerConfiguration {
    let source: String
    let root: JSONNode

    /// The chat template; of several named ones the default.
    var chatTemplate: String? {
        guard let named = root["chat_template"]?.array else { return root["chat_template"]?.string }
        return named.first { $0["name"]?.string == "default" }?["template"]?.string
    }

    /// The id of a token that the file names by its text, as a string or as an object with `content`.
    func token(_ key: String, in definition: TokenizerDefinition) throws(TokenizerError) -> Int? {
        guard let value = root[key] else { return nil }
        guard let text = value.string ?? value["content"]?.string else {
            throw .invalidValue(source: source, part: key, expected: "a string or an object with a content")
        }
        let isToken = { (candidate: String) in candidate.utf8.elementsEqual(text.utf8) }
        let added = definition.addedTokens.first { isToken($0.content) }?.id
        guard let id = added ?? definition.vocabulary.firstIndex(where: { $0.map(isToken) ?? false }) else {
            throw .unknownToken(source: source, role: key, token: text)
        }
        return id
    }

    /// Adds the tokens that only this file names.
    func addTokens(to definition: inout TokenizerDefinition) throws(TokenizerError) {
        guard let members = root["added_tokens_decoder"]?.object else { return }
        let known = Dictionary(
            definition.addedTokens.indices.map { (definition.addedTokens[$0].id, $0) },
            uniquingKeysWith: { first, _ in first })
        for member in members {
            guard let id = Int(member.key) else {
                throw .invalidValue(source: source, part: "added_tokens_decoder", expected: "keyed by token ids")
            }
            let part = "added_tokens_decoder.\(id)"
            let token = try AddedToken(member.value, id: id, source: source, part: part)
            if let place = known[id] {
                // Either file may call it special.
                if token.isSpecial { definition.addedTokens[place].isSpecial = true }
            } else {
                definition.addedTokens.append(token)
            }
        }
    }
}

extension AddedToken {
    /// An added token as both files write it.
    init(_ node: JSONNode, id: Int, source: String, part: String) throws(TokenizerError) {
        guard let content = node["content"]?.string else {
            throw .invalidValue(source: source, part: part + ".content", expected: "a string")
        }
        let isSpecial = node["special"]?.bool ?? false
        self.init(
            id: id, content: content, isSpecial: isSpecial, lstrip: node["lstrip"]?.bool ?? false,
            rstrip: node["rstrip"]?.bool ?? false, singleWord: node["single_word"]?.bool ?? false,
            normalized: node["normalized"]?.bool ?? !isSpecial)
    }
}

extension JSONNode {
    /// A tokenizer's JSON file.
    init(contentsOf url: URL) throws(TokenizerError) {
        // The largest published tokenizer.json, with a quarter of a million tokens, has 35 MB.
        try self.init([UInt8](contentsOf: url, limit: 1 << 28), source: url.path)
    }
}

extension [UInt8] {
    /// A file's bytes, of which there are at most `limit`.
    fileprivate init(contentsOf url: URL, limit: Int) throws(TokenizerError) {
        let size: Int
        do {
            size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        } catch {
            throw .unreadableFile(path: url.path, reason: error.localizedDescription)
        }
        guard size <= limit else { throw .fileTooLarge(path: url.path, bytes: size, limit: limit) }
        do {
            self = try Array(Data(contentsOf: url))
        } catch {
            throw .unreadableFile(path: url.path, reason: error.localizedDescription)
        }
    }
}
