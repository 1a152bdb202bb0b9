// Tokenizers in SentencePiece's style: code points merged over whole sentences, marks for spaces, bytes to fall back on.

import Jinja
import Foundation
import Testing
import Tokenizers

/// A vocabulary in which `<0x00>` to `<0xFF>` are 3 to 258.
enum TinyPieces {
    static let special = ["<unk>", "<s>", "</s>"]
    static let bytes = (0...255).map { "<0x" + String(format: "%02X", $0) + ">" }
    static let pieces = ["▁", "a", "b", "c", "é", "ab", "▁a", "▁ab", "abc", "▁▁"]
    static let merges = [("▁", "▁"), ("a", "b"), ("▁", "ab"), ("▁", "a"), ("ab", "c")]

    /// Put together as Llama 2's.
    static func definition() -> TokenizerDefinition {
        TokenizerDefinition(
            source: "tiny", vocabulary: special + bytes + pieces,
            merges: .listed(merges.map { Merge($0.0, $0.1) }),
            addedTokens: special.enumerated().map { AddedToken(id: $0, content: $1, isSpecial: true) },
            normalizer: [.prepend("▁"), .replace(.literal(" "), content: "▁")], preTokenizer: [],
            decoder: [.replace(.literal("▁"), content: " "), .byteFallback, .fuse, .strip(" ", start: 1, stop: 0)],
            fallsBackToBytes: true, unknownToken: 0, fusesUnknown: true)
    }

    static func tokenizer(_ change: (inout TokenizerDefinition) -> Void = { _ in }) throws -> Tokenizer {
        var definition = definition()
        change(&definition)
        return try Tokenizer(definition)
    }
}

extension Tokenizer {
    fileprivate func texts(_ text: String, isTemplate: Bool = false) -> [String] {
        TinyVocabulary.texts(isTemplate ? encode(Text(text)) : encode(text), self)
    }

    fileprivate func decoded(_ texts: [String], skippingSpecialTokens: Bool = true) throws -> String {
        try decode(texts.map { try #require(token(for: $0)) }, skippingSpecialTokens: skippingSpecialTokens)
    }
}

@Suite struct SentencePieceTests {
    @Test func spacesAreMarksThatMergeAcrossWords() throws {
        let tokenizer = try TinyPieces.tokenizer()
        #expect(tokenizer.texts("ab abc") == ["▁ab", "▁ab", "c"])
        #expect(tokenizer.texts(" ab  b ") == ["▁▁", "ab", "▁▁", "b", "▁"])
        #expect(tokenizer.texts("") == [])
        #expect(tokenizer.texts("▁a") == ["▁▁", "a"])
    }

    @Test func aStretchBehindAnAddedTokenBeginsWithAMarkToo() throws {
        let tokenizer = try TinyPieces.tokenizer()
        #expect(tokenizer.texts("a</s>a", isTemplate: true) == ["▁a", "</s>", "▁a"])
        #expect(tokenizer.texts("<s>", isTemplate: true) == ["<s>"])
        #expect(!tokenizer.texts("<s>").contains("<s>"))
    }

    @Test func whatTheVocabularyLacksBecomesItsBytes() throws {
        let tokenizer = try TinyPieces.tokenizer()
        #expect(tokenizer.texts("é🦉") == ["▁", "é", "<0xF0>", "<0x9F>", "<0xA6>", "<0x89>"])
        #expect(tokenizer.texts("\n\t") == ["▁", "<0x0A>", "<0x09>"])
    }

    @Test func withoutBytesItIsUnknownAndNeighboursMayShareAToken() throws {
        let fused = try TinyPieces.tokenizer { $0.fallsBackToBytes = false }
        #expect(fused.texts("a🦉🦊bx") == ["▁a", "<unk>", "b", "<unk>"])
        let single = try TinyPieces.tokenizer {
            $0.fallsBackToBytes = false
            $0.fusesUnknown = false
        }
        #expect(single.texts("a🦉🦊bx") == ["▁a", "<unk>", "<unk>", "b", "<unk>"])
        let dropping = try TinyPieces.tokenizer {
            $0.fallsBackToBytes = false
            $0.unknownToken = nil
        }
        #expect(dropping.texts("a🦉b") == ["▁ab"])
    }

    /// A code point falls back to all of its bytes or to none; tokens of bytes come before an unknown that awaits its end.
    @Test func halfACharactersBytesAreNone() throws {
        let tokenizer = try TinyPieces.tokenizer { definition in
            definition.vocabulary[3 + 0x9F] = nil
        }
        #expect(tokenizer.texts("a🦉xb") == ["▁a", "<0x78>", "<unk>", "b"])
    }

    @Test(arguments: [
        (PrependScheme.always, true, ["▁ab", "▁", "▁a", "</s>", "▁", "b"]),
        (.first, true, ["▁ab", "▁", "▁a", "</s>", "b"]), (.never, true, ["ab", "▁", "▁a", "</s>", "b"]),
        (.first, false, ["▁ab", "▁▁", "a", "</s>", "b"]),
    ]) func metaspacePrependsAndSplits(prepends: PrependScheme, splits: Bool, pieces: [String]) throws {
        let tokenizer = try TinyPieces.tokenizer {
            $0.normalizer = []
            $0.preTokenizer = [.metaspace(mark: "▁", prepends: prepends, splits: splits)]
            $0.decoder = [.byteFallback, .metaspace(mark: "▁", prepended: prepends != .never)]
        }
        #expect(tokenizer.texts("ab  a</s>b", isTemplate: true) == pieces)
        let decoded = try tokenizer.decoded(["▁a", "▁ab"])
        #expect(decoded == (prepends == .never ? " a ab" : "a ab"))
    }

    @Test func compatibleCodePointsMayBeOne() throws {
        let tokenizer = try TinyPieces.tokenizer { $0.normalizer = [.composition(compatibility: true)] }
        #expect(tokenizer.texts("\u{FF41}\u{24D1}e\u{301}\u{AA}") == ["ab", "é", "a"])
    }

    @Test func aPatternMayBeReplaced() throws {
        let tokenizer = try TinyPieces.tokenizer { $0.normalizer = [.replace(.regex(#"\s+"#), content: "▁")] }
        #expect(tokenizer.texts("a \n b") == ["a", "▁", "b"])
    }

    @Test func aLongSentenceIsMergedAsAWhole() throws {
        let tokenizer = try TinyPieces.tokenizer()
        let count = 100_000
        let tokens = tokenizer.encode(Array(repeating: "ab", count: count).joined(separator: " "))
        #expect(tokens == Array(repeating: try #require(tokenizer.token(for: "▁ab")), count: count))
    }

    // MARK: Decoding

    @Test func oneSpaceAtTheStartIsTheTokenizersOwn() throws {
        let tokenizer = try TinyPieces.tokenizer()
        #expect(try tokenizer.decoded(["▁ab", "▁▁", "c"]) == "ab  c")
        #expect(try tokenizer.decoded(["<s>", "▁▁", "a"]) == " a")
        #expect(try tokenizer.decoded(["<s>", "▁a"], skippingSpecialTokens: false) == "<s> a")
        #expect(tokenizer.decode([]) == "")
        for text in ["ab abc", " ab  b ", "é🦉\n", "\u{301}a", "\r\n\0"] {
            #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
        }
    }

    /// Of a run of bytes each becomes U+FFFD unless all of them together are UTF-8.
    @Test func bytesAreTextTogetherOrNotAtAll() throws {
        let tokenizer = try TinyPieces.tokenizer()
        #expect(try tokenizer.decoded(["<0xE5>", "<0x8F>", "<0xAB>"]) == "叫")
        #expect(try tokenizer.decoded(["<0x41>", "<0xE5>", "<0x8F>", "a"]) == "\u{FFFD}\u{FFFD}\u{FFFD}a")
        #expect(try tokenizer.decoded(["<0xE5>", "</s>", "<0x8F>", "<0xAB>"]) == "叫")
    }

    /// A reply that goes on from words put into its mouth begins no text.
    @Test func onlyWhatBeginsATextIsStripped() throws {
        let tokenizer = try TinyPieces.tokenizer()
        let tokens = tokenizer.encode("ab")
        var stream = tokenizer.makeStreamDecoder()
        let first = stream.append(tokens[0])
        let second = tokens.map { stream.append($0) }.joined() + stream.finish()
        #expect(!first.hasPrefix(" ") && second.hasPrefix(" "))
    }

    @Test func bothEndsMayBeStripped() throws {
        let tokenizer = try TinyPieces.tokenizer { $0.decoder[3] = .strip(" ", start: 2, stop: 2) }
        #expect(try tokenizer.decoded(["▁", "▁", "▁", "a", "▁▁", "b", "▁", "▁▁"]) == " a  b ")
        #expect(try tokenizer.decoded(["▁", "▁", "▁▁", "▁"]) == " ")
        let each = try TinyPieces.tokenizer {
            $0.decoder = [.replace(.literal("▁"), content: " "), .strip(" ", start: 1, stop: 0)]
        }
        #expect(try each.decoded(["▁a", "▁▁", "▁ab"]) == "a ab")
    }

    @Test func aStreamHoldsBackWhatALaterTokenMayChange() throws {
        let tokenizer = try TinyPieces.tokenizer()
        var stream = tokenizer.makeStreamDecoder()
        let tokens = tokenizer.encode("a🦉b")
        #expect(tokens.map { stream.append($0) } == ["a", "", "", "", "", "🦉b"])
        #expect(stream.append(3 + 0xE5) == "")
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.append(tokens[0]) == "a")
    }

    @Test func aStreamEqualsDecodingAtOnce() throws {
        let stripping = try TinyPieces.tokenizer { $0.decoder[3] = .strip(" ", start: 2, stop: 2) }
        let ids = [1, 2, 3 + 0x41, 3 + 0xC3, 3 + 0xA9, 259, 260, 263, 265, 268, 268]
        var generator = SeededGenerator(seed: 3)
        for tokenizer in [try TinyPieces.tokenizer(), stripping] {
            for _ in 0..<2000 {
                let tokens = (0..<10).map { _ in ids.randomElement(using: &generator) ?? 0 }
                var stream = tokenizer.makeStreamDecoder()
                let text = tokens.map { stream.append($0) }.joined() + stream.finish()
                #expect(text == tokenizer.decode(tokens))
            }
        }
    }
}

@Suite struct SentencePieceGGUFTests {
    /// Scores that the pieces of `TinyPieces` would have had; "\n" is a user-defined token.
    private func vocabulary() -> GGUFVocabulary {
        let scores: [String: Double] = ["▁▁": -1, "ab": -2, "▁ab": -3, "▁a": -4, "abc": -5]
        let tokens = TinyPieces.special + TinyPieces.bytes + TinyPieces.pieces + ["\n"]
        return GGUFVocabulary(
            source: "tiny.gguf", model: "llama", tokens: tokens,
            tokenTypes: [2, 3, 3] + TinyPieces.bytes.map { _ in 6 } + TinyPieces.pieces.map { _ in 1 } + [4],
            scores: tokens.map { scores[$0] ?? -100 }, bosToken: 1, eosToken: 2, unknownToken: 0, addsBOS: nil,
            chatTemplate: nil)
    }

    @Test func theHighestScoreMergesFirst() throws {
        let tokenizer = try Tokenizer(gguf: vocabulary())
        let listed = try TinyPieces.tokenizer()
        for text in ["ab abc", " ab  b ", "aabcc abab", "é🦉", "<s>a</s>"] {
            #expect(tokenizer.encode(text) == listed.encode(text))
        }
        #expect(tokenizer.addsBOS && tokenizer.bosToken == 1 && tokenizer.eosToken == 2)
        #expect(tokenizer.decode(tokenizer.encode("ab🦉\n c")) == "ab🦉\n  c")
    }

    @Test func ofEqualScoresTheLeftmostMergesFirst() throws {
        var vocabulary = vocabulary()
        vocabulary.tokens += ["bb", "bc"]
        vocabulary.tokenTypes += [1, 1]
        vocabulary.scores += [-2, -2]
        vocabulary.addsSpacePrefix = false
        let tokenizer = try Tokenizer(gguf: vocabulary)
        #expect(tokenizer.texts("abbc") == ["ab", "bc"])
        #expect(tokenizer.texts("bbb") == ["bb", "b"])
        #expect(tokenizer.texts(String(repeating: "bbb", count: 40)) == Array(repeating: "bb", count: 60))
    }

    @Test func typesSayWhatATokenIsMadeOf() throws {
        var vocabulary = vocabulary()
        vocabulary.addsSpacePrefix = false
        let tokenizer = try Tokenizer(gguf: vocabulary)
        #expect(tokenizer.texts("ab\nc") == ["ab", "\n", "c"])
        #expect(tokenizer.texts("<0x41>") == "<0x41>".utf8.map { TinyPieces.bytes[Int($0)] })
        #expect(tokenizer.texts("a<s>", isTemplate: true) == ["a", "<s>"])
        #expect(tokenizer.isSpecial(0) && tokenizer.isSpecial(1) && !tokenizer.isSpecial(269))
        #expect(tokenizer.decode(tokenizer.encode(" a")) == " a")
    }
}

@Suite final class SentencePieceFolderTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "pieces-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static let bytesThenStrip = """
        {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
        """

    /// As the files of these models have them.
    @Test(arguments: [
        (
            #"{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "#
                + #""pattern": {"String": " "}, "content": "▁"}]}"#, "null", bytesThenStrip, ["▁ab", "▁", "c"], "ab c"
        ),
        (
            "null", #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}"#,
            bytesThenStrip, ["▁ab", "▁", "c"], "ab c"
        ),
        (
            #"{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}"#,
            #"{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}"#,
            bytesThenStrip.replacing(#", {"type": "Strip", "content": " ", "start": 1, "stop": 0}"#, with: ""),
            ["ab", "▁", "c"], "ab c"
        ),
        (
            "null", #"{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}"#,
            #"{"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}"#, ["▁ab", "▁", "c"], "ab c"
        ),
    ]) func llamaMistralGemmaAndOlderFilesAreRead(
        normalizer: String, preTokenizer: String, decoder: String, pieces: [String], text: String
    ) throws {
        let vocabulary = (TinyPieces.special + TinyPieces.bytes + TinyPieces.pieces).enumerated().map {
            "\"\($1)\": \($0)"
        }
        let merges = TinyPieces.merges.map { "[\"\($0.0)\", \"\($0.1)\"]" }
        let json = """
            {"normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer), "decoder": \(decoder), "model": {
            "type": "BPE", "byte_fallback": true, "fuse_unk": true, "unk_token": "<unk>",
            "vocab": {\(vocabulary.joined(separator: ", "))}, "merges": [\(merges.joined(separator: ", "))]}}
            """
        try Data(json.utf8).write(to: folder.appending(path: "tokenizer.json"))
        let tokenizer = try Tokenizer(directory: folder)
        #expect(tokenizer.texts("ab c") == pieces)
        #expect(tokenizer.decode(tokenizer.encode("ab c")) == text)
        #expect(tokenizer.texts("🦉").suffix(4) == ["<0xF0>", "<0x9F>", "<0xA6>", "<0x89>"])
    }
}
