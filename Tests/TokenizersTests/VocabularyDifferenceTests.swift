// Two tokenizers' ids: when they mean the same, and what is said where they do not.

import Testing

@testable import Tokenizers

@Suite struct VocabularyDifferenceTests {
    private func tokenizer(_ vocabulary: [String?], special: [Int: String] = [:]) throws -> Tokenizer {
        try Tokenizer(
            TokenizerDefinition(
                source: "test", vocabulary: vocabulary, merges: .listed([]),
                addedTokens: special.map { AddedToken(id: $0, content: $1, isSpecial: true) }))
    }

    @Test func theSameTokensAreTheSameWhateverFillsTheRowsAfterThem() throws {
        let plain = try tokenizer(["a", "b", nil, "c"])
        let padded = try tokenizer(["a", "b", nil, "c", "[PAD4]", "[PAD5]"])
        #expect(plain.difference(from: padded) == nil && padded.difference(from: plain) == nil)
        #expect(padded.tokenCount == 4 && padded.vocabularySize == 6)
    }

    @Test func aTokenThatLooksLikePaddingOfAnotherRowIsOne() throws {
        #expect(try tokenizer(["a", "[PAD7]"]).tokenCount == 2)
    }

    @Test func everyDifferenceIsNamed() throws {
        let plain = try tokenizer(["a", "b", "c"])
        #expect(try plain.difference(from: tokenizer(["a", "b"])) == .size(3, 2))
        #expect(try plain.difference(from: tokenizer(["a", "x", "c"])) == .token(id: 1, "b", "x"))
        #expect(try plain.difference(from: tokenizer(["a", nil, "c"])) == .token(id: 1, "b", nil))
        let special = try tokenizer(["a", "b", "c"], special: [2: "c"])
        #expect(plain.difference(from: special) == .special(id: 2, "c", isSpecialInFirst: false))
        #expect("\(try #require(special.difference(from: plain)))" == "token 2, \"c\", is special in the first only")
    }

    /// One letter or two that look alike.
    @Test func tokensAreComparedByTheirBytes() throws {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        let difference = try tokenizer([composed]).difference(from: tokenizer([decomposed]))
        #expect(difference == .token(id: 0, composed, decomposed))
    }
}
