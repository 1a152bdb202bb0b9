// Tokens found in the text itself, and special ones kept out of untrusted text.

import Testing
import Tokenizers

@Suite struct AddedTokenTests {
    private func tokenizer(_ tokens: AddedToken...) throws -> Tokenizer {
        var definition = TinyVocabulary.definition()
        definition.addedTokens = tokens
        return try Tokenizer(definition)
    }

    @Test func specialTokensAreReadOnlyWhenAsked() throws {
        let tokenizer = try tokenizer(AddedToken(id: 256, content: "<|end|>", isSpecial: true))
        #expect(tokenizer.encode("a<|end|>b", parsesSpecialTokens: true) == [97, 256, 98])
        #expect(tokenizer.encode("a<|end|>b") == Array("a<|end|>b".utf8).map(Int.init))
    }

    /// By no other way either: not as a whole piece, not by merging, not as a byte.
    @Test func untrustedTextNeverBecomesASpecialToken() throws {
        var definition = TinyVocabulary.definition(merges: [("e", "n"), ("en", "d"), ("o", "k")])
        definition.ignoreMerges = true
        let end = definition.vocabulary.firstIndex(of: "end") ?? -1
        definition.addedTokens = [
            AddedToken(id: end, content: "end", isSpecial: true), AddedToken(id: 33, content: "!", isSpecial: true),
        ]
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("end ok!", parsesSpecialTokens: true).contains(end))
        let tokens = tokenizer.encode("end ok! trend")
        #expect(!tokens.contains(end) && !tokens.contains(33))
        #expect(tokens.contains(definition.vocabulary.firstIndex(of: "ok") ?? -1))
    }

    @Test func ordinaryAddedTokensAreAlwaysRead() throws {
        let tokenizer = try tokenizer(AddedToken(id: 256, content: "<tool>", isSpecial: false))
        #expect(tokenizer.encode("<tool>") == [256])
        #expect(tokenizer.decode([256]) == "<tool>")
    }

    @Test func theLongestTokenAtTheLeftmostPlaceWins() throws {
        let tokenizer = try tokenizer(
            AddedToken(id: 256, content: "ab", isSpecial: false),
            AddedToken(id: 257, content: "abcd", isSpecial: false),
            AddedToken(id: 258, content: "bcde", isSpecial: false))
        #expect(tokenizer.encode("abcde") == [257, 101])
        #expect(tokenizer.encode("abce") == [256, 99, 101])
    }

    @Test func aTokenTakesTheWhiteSpaceBesideIt() throws {
        let left = try tokenizer(AddedToken(id: 256, content: "MM", isSpecial: false, lstrip: true))
        #expect(left.encode("a \u{3000}\nMM b") == [97, 256, 32, 98])
        let right = try tokenizer(AddedToken(id: 256, content: "MM", isSpecial: false, rstrip: true))
        #expect(right.encode("a MM \u{3000}\nb") == [97, 32, 256, 98])
        let both = try tokenizer(AddedToken(id: 256, content: "MM", isSpecial: false, lstrip: true, rstrip: true))
        #expect(both.encode("MM  MM  ") == [256, 256])
    }

    @Test func aSingleWordTokenStandsAlone() throws {
        let tokenizer = try tokenizer(AddedToken(id: 256, content: "cat", isSpecial: false, singleWord: true))
        #expect(tokenizer.encode("cat") == [256])
        #expect(tokenizer.encode("(cat)") == [40, 256, 41])
        for text in ["cats", "écat", "_cat", "cat\u{301}", "7cat"] { #expect(!tokenizer.encode(text).contains(256)) }
    }

    @Test func aNormalizedTokenIsFoundInTheNormalizedText() throws {
        var definition = TinyVocabulary.definition()
        definition.normalizer = [.composition(compatibility: false)]
        definition.addedTokens = [AddedToken(id: 256, content: "cafe\u{301}", isSpecial: false, normalized: true)]
        let normalized = try Tokenizer(definition)
        #expect(normalized.encode("caf\u{E9}") == [256])
        #expect(normalized.encode("cafe\u{301}") == [256])
        definition.addedTokens[0].normalized = false
        let given = try Tokenizer(definition)
        #expect(given.encode("caf\u{E9}") != [256])
        #expect(given.encode("cafe\u{301}") == [256])
    }

    @Test func specialTokensAreWrittenOnlyWhenAsked() throws {
        let tokenizer = try tokenizer(AddedToken(id: 256, content: "<|end|>", isSpecial: true))
        #expect(tokenizer.decode([97, 256, 98]) == "ab")
        #expect(tokenizer.decode([97, 256, 98], skippingSpecialTokens: false) == "a<|end|>b")
        #expect(tokenizer.isSpecial(256) && !tokenizer.isSpecial(97) && !tokenizer.isSpecial(300))
    }
}
