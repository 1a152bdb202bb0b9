// Cutting text. What each behaviour makes of a text was taken from Hugging Face tokenizers 0.22.2.

import Testing

@testable import Tokenizers

@Suite struct PreTokenizerTests {
    private func pieces(_ text: String, _ steps: PreTokenizerStep...) throws -> [String] {
        let last = PreTokenizerStep.byteLevel(addsPrefixSpace: false, usesPattern: false)
        return try cut(text, by: steps + [last])
    }

    private func cut(_ text: String, by steps: [PreTokenizerStep]) throws -> [String] {
        let preTokenizer = try PreTokenizer(steps, source: "test")
        var text = text
        let pieces = text.withUTF8 { preTokenizer.pieces(of: $0, beginsText: true) }
        return pieces.ranges.map { String(decoding: pieces.bytes[$0], as: UTF8.self) }
    }

    @Test(arguments: [
        (SplitBehavior.removed, false, ["the", "fin4l 22"]),
        (.removed, true, ["-", "-", "-", "-"]),
        (.isolated, false, ["-", "the", "-", "-", "fin4l 22", "-"]),
        (.isolated, true, ["-", "the", "-", "-", "fin4l 22", "-"]),
        (.mergedWithPrevious, false, ["-", "the-", "-", "fin4l 22-"]),
        (.mergedWithPrevious, true, ["-the", "-", "-fin4l 22", "-"]),
        (.mergedWithNext, false, ["-the", "-", "-fin4l 22", "-"]),
        (.mergedWithNext, true, ["-", "the-", "-", "fin4l 22-"]),
        (.contiguous, false, ["-", "the", "--", "fin4l 22", "-"]),
        (.contiguous, true, ["-", "the", "--", "fin4l 22", "-"]),
    ]) func aTextIsCutAtAFixedText(behavior: SplitBehavior, invert: Bool, expected: [String]) throws {
        let step = PreTokenizerStep.split(pattern: .literal("-"), behavior: behavior, invert: invert)
        #expect(try pieces("-the--fin4l 22-", step) == expected)
    }

    /// A pattern that also matches nothing at all, between any two characters.
    @Test(arguments: [
        (SplitBehavior.removed, false, ["-", "t", "h", "e", "-", "-", "f", "i", "n", "l", " ", "-"]),
        (.removed, true, ["4", "22"]),
        (.isolated, false, ["-", "t", "h", "e", "-", "-", "f", "i", "n", "4", "l", " ", "22", "-"]),
        (.mergedWithPrevious, false, ["-", "t", "h", "e", "-", "-", "f", "i", "n4", "l", " 22", "-"]),
        (.mergedWithPrevious, true, ["-", "t", "h", "e", "-", "-", "f", "i", "n", "4l", " ", "22-"]),
        (.mergedWithNext, false, ["-", "t", "h", "e", "-", "-", "f", "i", "n", "4l", " ", "22-"]),
        (.mergedWithNext, true, ["-", "t", "h", "e", "-", "-", "f", "i", "n4", "l", " 22", "-"]),
        (.contiguous, false, ["-", "t", "h", "e", "-", "-", "f", "i", "n", "4", "l", " ", "22", "-"]),
    ]) func emptyMatchesCut(behavior: SplitBehavior, invert: Bool, expected: [String]) throws {
        let step = PreTokenizerStep.split(pattern: .regex(#"\d*"#), behavior: behavior, invert: invert)
        #expect(try pieces("-the--fin4l 22-", step) == expected)
    }

    @Test func aFixedTextIsNoPattern() throws {
        let step = PreTokenizerStep.split(pattern: .literal(#"a.*[b]\"#), behavior: .isolated, invert: false)
        #expect(try pieces(#"xa.*[b]\y"#, step) == ["x", #"a.*[b]\"#, "y"])
    }

    @Test func numbersAreCutOut() throws {
        #expect(try pieces("a12½Ⅷ b", .digits(individually: true)) == ["a", "1", "2", "½", "Ⅷ", " b"])
        #expect(try pieces("a12½Ⅷ b", .digits(individually: false)) == ["a", "12½Ⅷ", " b"])
    }

    @Test func aLaterStepSeesOnlyItsPiece() throws {
        let lookahead = PreTokenizerStep.split(pattern: .regex(#"b(?=c)"#), behavior: .isolated, invert: false)
        let cut = PreTokenizerStep.split(pattern: .literal("c"), behavior: .isolated, invert: false)
        #expect(try pieces("abc", lookahead) == ["a", "b", "c"])
        #expect(try pieces("abc", cut, lookahead) == ["ab", "c"])
    }

    @Test func prefixSpacesComeBeforeEveryPiece() throws {
        let byteLevel = PreTokenizerStep.byteLevel(addsPrefixSpace: true, usesPattern: true)
        #expect(try cut("hello you", by: [byteLevel]) == [" hello", " you"])
        #expect(try cut(" hello", by: [byteLevel]) == [" hello"])
        #expect(try cut("a1", by: [.digits(individually: true), byteLevel]) == [" a", " 1"])
        #expect(try cut("", by: [byteLevel]) == [])
    }

    /// Letters that came with Unicode 15 and 16; the engine alone may know only older ones.
    @Test func newLettersAreLetters() throws {
        let text = "a\u{31350}\u{A7CB}b"
        let letters = PreTokenizerStep.split(pattern: .regex(#"\p{L}+"#), behavior: .isolated, invert: false)
        #expect(try pieces(text + "!", letters) == [text, "!"])
    }

    @Test func aPatternThatGivesUpLeavesTheTextWhole() throws {
        let step = PreTokenizerStep.split(pattern: .regex(#"(a|a|b)*c"#), behavior: .isolated, invert: false)
        let text = String(repeating: "a", count: 60)
        #expect(try pieces(text, step).joined() == text)
    }
}
