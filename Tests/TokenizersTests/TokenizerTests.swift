// Text to tokens and back, on a vocabulary known by heart.

import Foundation
import Testing
import Tokenizers

@Suite struct TokenizerTests {
    @Test func mergesGoByRankAndThenFromTheLeft() throws {
        let tokenizer = try Tokenizer(
            TinyVocabulary.definition(merges: [("b", "c"), ("a", "b"), ("a", "a"), ("aa", "a")]))
        #expect(TinyVocabulary.texts(tokenizer.encode("abc"), tokenizer) == ["a", "bc"])
        #expect(TinyVocabulary.texts(tokenizer.encode("abd"), tokenizer) == ["ab", "d"])
        #expect(TinyVocabulary.texts(tokenizer.encode("aaaaa"), tokenizer) == ["aa", "aaa"])
    }

    /// Long pieces are merged by another algorithm than short ones; both must do what the definition of BPE says.
    @Test(arguments: [5, 40, 47, 48, 49, 50, 300]) func everyLengthMergesLikeTheDefinition(length: Int) throws {
        let merges = [
            ("a", "b"), ("b", "a"), ("a", "a"), ("ab", "a"), ("c", "ab"), ("aa", "b"), ("b", "b"), ("aba", "ba"),
            ("bb", "c"), ("aa", "aa"),
        ]
        let tokenizer = try Tokenizer(TinyVocabulary.definition(merges: merges))
        var generator = SeededGenerator(seed: UInt64(length))
        for _ in 0..<200 {
            let symbols = (0..<length).map { _ in "abc".randomElement(using: &generator).map(String.init) ?? "a" }
            let tokens = TinyVocabulary.texts(tokenizer.encode(symbols.joined()), tokenizer)
            #expect(tokens == mergedByDefinition(symbols, merges))
        }
    }

    private func mergedByDefinition(_ symbols: [String], _ merges: [(String, String)]) -> [String] {
        var symbols = symbols
        while true {
            let ranks = symbols.indices.dropLast().map { index in
                merges.firstIndex { $0 == (symbols[index], symbols[index + 1]) } ?? merges.count
            }
            guard let best = ranks.min(), best < merges.count, let position = ranks.firstIndex(of: best) else {
                return symbols
            }
            symbols[position...position + 1] = [merges[best].0 + merges[best].1]
        }
    }

    @Test func aRepeatedPieceHasTheSameTokensEachTime() throws {
        let tokenizer = try Tokenizer(TinyVocabulary.definition(merges: [(" ", "x"), (" x", "y")]))
        let once = tokenizer.encode(" xyz")
        #expect(once.count == 2)
        let often = tokenizer.encode(String(repeating: " xyz", count: 500))
        #expect(often == Array(repeatElement(once, count: 500).joined()))
    }

    @Test func anyTextComesBack() throws {
        let tokenizer = try Tokenizer(TinyVocabulary.definition(merges: [("t", "h"), (" ", " "), ("'", "s")]))
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            // Compared as bytes, because strings that differ in composition are equal.
            #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
        }
    }

    @Test func composedAndDecomposedTextsHaveTheirOwnTokens() throws {
        var definition = TinyVocabulary.definition()
        definition.addedTokens = [
            AddedToken(id: 256, content: "\u{1E9}", isSpecial: false),
            AddedToken(id: 257, content: "k\u{30C}", isSpecial: false),
        ]
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("\u{1E9}k\u{30C}") == [256, 257])
        #expect(tokenizer.token(for: "k\u{30C}") == 257)
    }

    @Test func wholePiecesAreTokensWhereMergesAreIgnored() throws {
        var definition = TinyVocabulary.definition()
        definition.vocabulary.append("hello")
        #expect(try Tokenizer(definition).encode("hello").count == 5)
        definition.ignoreMerges = true
        #expect(try Tokenizer(definition).encode("hello") == [256])
        #expect(try Tokenizer(definition).encode("hello!") == [256, 33])
    }

    @Test func bytesThatTheVocabularyLacksAreDroppedOrUnknown() throws {
        var definition = TinyVocabulary.definition()
        definition.vocabulary[Int(UInt8(ascii: "x"))] = nil
        #expect(try Tokenizer(definition).encode("axxb") == [97, 98])
        definition.unknownToken = 0
        #expect(try Tokenizer(definition).encode("axxb") == [97, 0, 0, 98])
        definition.fusesUnknown = true
        #expect(try Tokenizer(definition).encode("axxb") == [97, 0, 98])
    }

    @Test func aNormalizerComposesFirst() throws {
        var definition = TinyVocabulary.definition()
        let plain = try Tokenizer(definition)
        #expect(plain.encode("e\u{301}") != plain.encode("\u{E9}"))
        definition.normalizer = [.composition(compatibility: false)]
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("e\u{301}") == tokenizer.encode("\u{E9}"))
    }

    @Test func anEmptyTextHasNoTokens() throws {
        let tokenizer = try Tokenizer(TinyVocabulary.definition())
        #expect(tokenizer.encode("").isEmpty)
        #expect(tokenizer.decode([]).isEmpty)
    }

    @Test func idsThatAreNoTokensWriteNothing() throws {
        let tokenizer = try Tokenizer(TinyVocabulary.definition())
        #expect(tokenizer.decode([97, -1, 256, .max, 98]) == "ab")
        #expect(tokenizer.text(of: 256) == nil)
        #expect(tokenizer.text(of: -1) == nil)
    }

    @Test func manyThreadsShareATokenizer() async throws {
        let tokenizer = try Tokenizer(TinyVocabulary.definition(merges: [("a", "b"), (" ", "ab")]))
        let text = String(repeating: "ab cab 12 é\n", count: 200)
        let expected = tokenizer.encode(text)
        await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<32 { group.addTask { tokenizer.encode(text) } }
            for await tokens in group { #expect(tokens == expected) }
        }
    }
}
