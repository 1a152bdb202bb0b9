// BERT's tokenizer. Expected words and ids are those of Hugging Face tokenizers 0.22.2 (BertNormalizer, BertPreTokenizer,
// WordPiece); over all code points it is held to them by the conformance checks.

import Foundation
import Testing

@testable import Tokenizers

@Suite struct WordPieceTests {
    private func words(_ text: String, _ normalizer: BertNormalizer = BertNormalizer()) -> [String] {
        normalizer.words(text).map { word in
            var view = String.UnicodeScalarView()
            view.append(contentsOf: word)
            return String(view)
        }
    }

    @Test(arguments: [
        ("Hello, World!", ["hello", ",", "world", "!"]),
        ("  tabs\tand\nlines\r\n", ["tabs", "and", "lines"]),
        ("Émile naïve Ångström", ["emile", "naive", "angstrom"]),
        ("İSTANBUL ΣΑΣ ẞ", ["istanbul", "σασ", "ß"]),
        ("東京tower", ["東", "京", "tower"]),
        ("a\u{0}b\u{FFFD}c\u{200B}d\u{AD}e\u{B}f", ["abcdef"]),
        ("a\u{A0}b\u{3000}c\u{2028}d", ["a", "b", "c", "d"]),
        ("$5+3=8 ~x^2", ["$", "5", "+", "3", "=", "8", "~", "x", "^", "2"]),
        ("¿qué? «oui» 10€", ["¿", "que", "?", "«", "oui", "»", "10€"]),
        ("각 e\u{301}\u{323}", ["\u{1100}\u{1161}\u{11A8}", "e"]),
        // Assigned after Unicode 8: a mark of Unicode 14 and a bracket of the same stay as they are.
        ("x\u{898}y a\u{2E55}b", ["x\u{898}y", "a\u{2E55}b"]),
        ("\u{E000}", []),
        ("", []),
    ]) func textIsCleanedLowerCasedAndCut(text: String, expected: [String]) {
        #expect(words(text).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test func eachSwitchTurnsOneThingOff() {
        #expect(words("É 東京\u{1}", BertNormalizer(lowercases: false)) == ["E", "東", "京"])
        #expect(words("É 東京", BertNormalizer(separatesIdeographs: false)) == ["e", "東京"])
        #expect(words("\u{C9} x", BertNormalizer(stripsAccents: false)) == ["\u{E9}", "x"])
        #expect(words("a\u{1}b", BertNormalizer(cleansText: false)) == ["a\u{1}b"])
    }

    // MARK: A vocabulary of its own

    private static let texts = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "##a", "a", "kettle", "##s", ",", "東",
    ]

    private static func file() -> [String: Any] {
        let added = texts.prefix(5).enumerated().map { ["id": $0, "content": $1, "special": true] as [String: Any] }
        return [
            "added_tokens": added, "pre_tokenizer": ["type": "BertPreTokenizer"],
            "normalizer": ["type": "BertNormalizer", "lowercase": true, "strip_accents": NSNull()] as [String: Any],
            "model": [
                "type": "WordPiece", "unk_token": "[UNK]", "max_input_chars_per_word": 12,
                "vocab": Dictionary(uniqueKeysWithValues: zip(texts, 0...)),
            ] as [String: Any],
        ]
    }

    private func tokenizer(_ change: (inout [String: Any]) -> Void = { _ in }) throws -> WordPieceTokenizer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "word-pieces-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var file = Self.file()
        change(&file)
        try JSONSerialization.data(withJSONObject: file).write(to: folder.appending(path: "tokenizer.json"))
        return try WordPieceTokenizer(directory: folder)
    }

    @Test(arguments: [
        ("unaffable", [2, 5, 6, 7, 3]),
        ("Kettles, kettle", [2, 10, 11, 12, 10, 3]),
        // No piece goes on after "un": the whole word is unknown, and so is one of too many code points.
        ("unx kettle", [2, 1, 10, 3]),
        ("aaaaaaaaaaaa aaaaaaaaaaaaa", [2, 9, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 1, 3]),
        ("東a", [2, 13, 9, 3]),
        ("a[MASK]a [SEP]", [2, 9, 1, 1, 1, 9, 1, 1, 1, 3]),
        ("", [2, 3]),
    ]) func wordsBecomeTheLongestPieces(text: String, expected: [Int]) throws {
        #expect(try tokenizer().encode(text, limit: 100) == expected)
    }

    @Test func aLongTextIsCutBeforeTheTokenThatEndsIt() throws {
        let tokenizer = try tokenizer()
        #expect(tokenizer.encode("unaffable a a", limit: 4) == [2, 5, 6, 3])
        #expect(tokenizer.encode("unaffable a a", limit: 7) == [2, 5, 6, 7, 9, 9, 3])
        #expect(tokenizer.encode("a a a", limit: 2) == [2, 3])
    }

    @Test func otherTokenizersAreRefusedByName() throws {
        func refused(_ change: @escaping (inout [String: Any]) -> Void) throws -> String? {
            switch #expect(throws: TokenizerError.self, performing: { try tokenizer(change) }) {
            case .unsupported(_, let part, _, _), .invalidValue(_, let part, _): part
            case .unknownToken(_, _, let token): token
            default: nil
            }
        }
        #expect(try refused { $0["normalizer"] = ["type": "NFC"] } == "normalizer")
        #expect(try refused { $0["pre_tokenizer"] = ["type": "ByteLevel"] } == "pre_tokenizer")
        #expect(try refused { $0["model"] = ["type": "BPE", "vocab": ["a": 1]] as [String: Any] } == "model.type")
        #expect(try refused { $0["model"] = NSNull() } == "model")
        #expect(try refused { $0["model"] = ["vocab": ["[UNK]": 0, "[SEP]": 1]] } == "[CLS]")
        #expect(try refused { $0["added_tokens"] = [["id": 1, "content": "x"]] } == "added_tokens[0].normalized")
    }
}
