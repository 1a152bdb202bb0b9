// Tokenizers out of model folders written for the test, whole and damaged.

import Jinja
import Foundation
import Testing
import Tokenizers

@Suite final class HuggingFaceFolderTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tokenizer-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private static var byteLevel: [String: Any] { ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true] }

    /// A whole tokenizer.json, for a test to change.
    private func file() -> [String: Any] {
        var vocabulary = Dictionary(uniqueKeysWithValues: zip(TinyVocabulary.alphabet, 0...))
        vocabulary["ab"] = 256
        let end: [String: Any] = [
            "id": 257, "content": "<|end|>", "special": true, "normalized": false, "lstrip": false, "rstrip": false,
            "single_word": false,
        ]
        let model: [String: Any] = ["type": "BPE", "vocab": vocabulary, "merges": ["a b"], "unk_token": NSNull()]
        return [
            "version": "1.0", "added_tokens": [end], "normalizer": NSNull(), "pre_tokenizer": Self.byteLevel,
            "decoder": Self.byteLevel, "model": model,
        ]
    }

    private func write(_ object: Any, _ name: String = "tokenizer.json") throws {
        try JSONSerialization.data(withJSONObject: object).write(to: folder.appending(path: name))
    }

    private func write(_ text: String, _ name: String = "tokenizer.json") throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    private func tokenizer() throws -> Tokenizer { try Tokenizer(directory: folder) }

    /// The part that a tokenizer.json is refused for, after `change`.
    private func refusedPart(_ change: (inout [String: Any]) -> Void) throws -> String? {
        var file = file()
        change(&file)
        try write(file)
        let error = #expect(throws: TokenizerError.self) { try tokenizer() }
        #expect(error?.description.contains("tokenizer.json") == true)
        return error?.part
    }

    private func changeModel(_ file: inout [String: Any], _ key: String, _ value: Any?) {
        var model = file["model"] as? [String: Any] ?? [:]
        model[key] = value
        file["model"] = model
    }

    @Test func aFolderMakesATokenizer() throws {
        try write(file())
        try write(
            [
                "bos_token": ["content": "<|end|>"], "eos_token": "<|end|>", "add_bos_token": true,
                "chat_template": "{{ config }}",
            ], "tokenizer_config.json")
        let tokenizer = try tokenizer()
        #expect(tokenizer.encode(Text("ab<|end|>")) == [256, 257])
        #expect(tokenizer.bosToken == 257 && tokenizer.eosToken == 257 && tokenizer.addsBOS)
        #expect(tokenizer.chatTemplate == "{{ config }}")
        try write("{{ file }}", "chat_template.jinja")
        #expect(try self.tokenizer().chatTemplate == "{{ file }}")
    }

    @Test func tokenizerJSONAloneIsEnough() throws {
        try write(file())
        let tokenizer = try tokenizer()
        #expect(tokenizer.bosToken == nil && tokenizer.chatTemplate == nil && !tokenizer.addsBOS)
    }

    @Test func ofSeveralTemplatesTheDefaultCounts() throws {
        try write(file())
        let templates = [["name": "tool_use", "template": "t"], ["name": "default", "template": "d"]]
        try write(["chat_template": templates], "tokenizer_config.json")
        #expect(try tokenizer().chatTemplate == "d")
    }

    @Test func theConfigurationMayAddTokens() throws {
        try write(file())
        let tokens = ["257": ["content": "<|end|>", "special": true], "300": ["content": "<new>", "special": true]]
        try write(["added_tokens_decoder": tokens, "eos_token": "<new>"], "tokenizer_config.json")
        let tokenizer = try tokenizer()
        #expect(tokenizer.eosToken == 300 && tokenizer.vocabularySize == 301)
        #expect(tokenizer.text(of: 299) == nil)
    }

    @Test func thePostProcessorSaysWhetherATextBeginsWithAToken() throws {
        for (first, expected) in [("<|end|>", true), (nil, false)] {
            var file = file()
            let sequence: [String: Any] = ["Sequence": ["id": "A", "type_id": 0]]
            let special = first.map { [["SpecialToken": ["id": $0, "type_id": 0]]] } ?? []
            let template: [String: Any] = [
                "type": "TemplateProcessing", "single": special + [sequence],
                "special_tokens": ["<|end|>": ["id": "<|end|>", "ids": [257], "tokens": ["<|end|>"]]],
            ]
            file["post_processor"] = ["type": "Sequence", "processors": [Self.byteLevel, template]]
            try write(file)
            try write(["bos_token": "<|end|>", "add_bos_token": !expected], "tokenizer_config.json")
            #expect(try tokenizer().addsBOS == expected)
        }
    }

    @Test func mergesMayBePairs() throws {
        var file = file()
        changeModel(&file, "merges", [["a", "b"]])
        try write(file)
        #expect(try tokenizer().encode("ab") == [256])
    }

    @Test func sequencesAreTakenApart() throws {
        var file = file()
        let split: [String: Any] = [
            "type": "Split", "pattern": ["Regex": "a"], "behavior": "Isolated", "invert": false,
        ]
        let inner: [String: Any] = ["type": "Sequence", "pretokenizers": [split]]
        file["pre_tokenizer"] = ["type": "Sequence", "pretokenizers": [inner, Self.byteLevel]]
        file["normalizer"] = ["type": "Sequence", "normalizers": [["type": "NFC"]]]
        try write(file)
        #expect(try tokenizer().encode("ab") == [97, 98])
        #expect(try tokenizer().encode("e\u{301}") == [0xC3, 0xA9])
    }

    @Test func whatIsNotSupportedIsNamed() throws {
        #expect(try refusedPart { changeModel(&$0, "type", "Unigram") } == "model.type")
        #expect(try refusedPart { changeModel(&$0, "dropout", 0.1) } == "model.dropout")
        #expect(try refusedPart { changeModel(&$0, "end_of_word_suffix", "</w>") } == "model.end_of_word_suffix")
        #expect(try refusedPart { $0["normalizer"] = ["type": "Lowercase"] } == "normalizer.type")
        #expect(try refusedPart { $0["normalizer"] = ["type": "Precompiled"] } == "normalizer.type")
        #expect(try refusedPart { $0["pre_tokenizer"] = ["type": "UnicodeScripts"] } == "pre_tokenizer.type")
        #expect(try refusedPart { $0["pre_tokenizer"] = NSNull() } == "decoder")
        let metaspace: [String: Any] = ["type": "Metaspace", "replacement": "_", "prepend_scheme": "last"]
        #expect(try refusedPart { $0["pre_tokenizer"] = metaspace } == "pre_tokenizer.prepend_scheme")
        #expect(try refusedPart { $0["decoder"] = ["type": "WordPiece"] } == "decoder.type")
        #expect(try refusedPart { $0["decoder"] = nil } == "decoder")
        let steps: [[String: Any]] = [["type": "Punctuation"], Self.byteLevel]
        let sequence: [String: Any] = ["type": "Sequence", "pretokenizers": steps]
        #expect(try refusedPart { $0["pre_tokenizer"] = sequence } == "pre_tokenizer.pretokenizers[0].type")
    }

    @Test func whatIsMissingIsNamed() throws {
        #expect(try refusedPart { $0["model"] = nil } == "model")
        #expect(try refusedPart { changeModel(&$0, "vocab", nil) } == "model.vocab")
        #expect(try refusedPart { changeModel(&$0, "merges", nil) } == "model.merges")
        #expect(try refusedPart { changeModel(&$0, "merges", ["a b", "abc"]) } == "model.merges[1]")
        #expect(try refusedPart { changeModel(&$0, "vocab", ["a": "0"]) } == "model.vocab[\"a\"]")
        #expect(try refusedPart { changeModel(&$0, "vocab", ["a": 0.5]) } == "model.vocab[\"a\"]")
        #expect(try refusedPart { changeModel(&$0, "unk_token", "<unk>") } == "model.unk_token")
        #expect(try refusedPart { $0["added_tokens"] = [["content": "x"]] } == "added_tokens[0].id")
        #expect(try refusedPart { $0["added_tokens"] = [["id": 300]] } == "added_tokens[0].content")
        let split: [String: Any] = ["type": "Split", "pattern": ["Regex": "a"], "behavior": "Halved", "invert": false]
        #expect(try refusedPart { $0["pre_tokenizer"] = split } == "pre_tokenizer.behavior")
        #expect(try refusedPart { $0["pre_tokenizer"] = ["type": "Metaspace"] } == "pre_tokenizer.replacement")
        #expect(try refusedPart { $0["normalizer"] = ["type": "Prepend"] } == "normalizer.prepend")
        #expect(try refusedPart { $0["normalizer"] = ["type": "Replace"] } == "normalizer.pattern")
        let strip: [String: Any] = ["type": "Strip", "content": "ab", "start": 1, "stop": 0]
        #expect(
            try refusedPart { $0["decoder"] = ["type": "Sequence", "decoders": [strip]] } == "decoder.decoders[0]")
    }

    @Test func idsAreChecked() throws {
        for (vocabulary, expected) in [
            (#"{"a": 0, "b": 0}"#, "both have id 0"), (#"{"a": 99999999999}"#, "ids run from 0"),
            (#"{"a": -1}"#, "ids run from 0"), (#"{"a": 0, "a": 1}"#, "has ids 0 and 1"), ("{}", "empty"),
        ] {
            try write(
                """
                {"model": {"type": "BPE", "vocab": \(vocabulary), "merges": []}, "decoder": {"type": "ByteLevel"},
                "pre_tokenizer": {"type": "ByteLevel"}}
                """)
            let error = #expect(throws: TokenizerError.self) { try tokenizer() }
            #expect(error?.description.contains(expected) == true, "\(vocabulary): \(String(describing: error))")
        }
    }

    @Test func aTokenOfTheConfigurationMustExist() throws {
        try write(file())
        try write(["eos_token": "<nowhere>"], "tokenizer_config.json")
        #expect(throws: TokenizerError.self) { try tokenizer() }
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: TokenizerError.self) { try tokenizer() }
        guard case .unreadableFile(let path, _)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(path == folder.appending(path: "tokenizer.json").path)
    }

    @Test func anEnormousFileIsRefusedUnread() throws {
        let url = folder.appending(path: "tokenizer.json")
        try Data().write(to: url)
        let file = try FileHandle(forWritingTo: url)
        try file.truncate(atOffset: 1 << 40)
        try file.close()
        #expect(throws: TokenizerError.fileTooLarge(path: url.path, bytes: 1 << 40, limit: 1 << 28)) { try tokenizer() }
    }

    @Test(arguments: [
        "", "{", "[1, 2", "{\"a\": }", "{\"a\" 1}", "nul", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\x\"",
        "\"open", "{} {}", "\"\u{1}\"", "+", "1e", "[1,]", String(repeating: "[", count: 100_000),
    ]) func whatIsNoJSONIsRefused(text: String) throws {
        try write(text)
        let error = #expect(throws: TokenizerError.self) { try tokenizer() }
        guard case .invalidJSON(_, let offset, _)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect((0...text.utf8.count).contains(offset))
    }

    @Test func keysAreToldApartByTheirCodePoints() throws {
        try write(
            #"""
            {"model": {"vocab": {"\u00e9": 0, "e\u0301": 1, "\ud83e\udd89\n\"\\\/": 2}, "merges": []},
            "decoder": {"type": "ByteLevel"}, "pre_tokenizer": {"type": "ByteLevel"}}
            """#)
        let tokenizer = try tokenizer()
        #expect(tokenizer.token(for: "\u{E9}") == 0)
        #expect(tokenizer.token(for: "e\u{301}") == 1)
        #expect(tokenizer.token(for: "🦉\n\"\\/") == 2)
    }
}
