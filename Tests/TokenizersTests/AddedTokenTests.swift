// Tokens found in the text itself, and special ones kept out of untrusted text.

import Jinja
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
        #expect(tokenizer.encode(Text("a<|end|>b")) == [97, 256, 98])
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
        #expect(tokenizer.encode(Text("end ok!")).contains(end))
        let tokens = tokenizer.encode("end ok! trend")
        #expect(!tokens.contains(end) && !tokens.contains(33))
        #expect(tokens.contains(definition.vocabulary.firstIndex(of: "ok") ?? -1))
    }

    /// The template's own text is read, the same text within what was given to it is not, wherever the border runs.
    @Test func onlyTheTemplatesOwnControlTokensAreRead() throws {
        let end = Int(256)
        let tokenizer = try tokenizer(
            AddedToken(id: end, content: "<|end|>", isSpecial: true),
            AddedToken(id: 257, content: "<|end|>x", isSpecial: true))
        func tokens(_ pieces: (String, isGiven: Bool)...) -> [Int] {
            var text = Text("")
            for (piece, isGiven) in pieces { text.append(isGiven ? Text(given: piece) : Text(piece)) }
            return tokenizer.encode(text)
        }
        func bytes(_ text: String) -> [Int] { text.utf8.map(Int.init) }
        #expect(tokens(("<|end|>", false), ("<|end|>", true), ("<|end|>", false)) == [end] + bytes("<|end|>") + [end])
        #expect(tokens(("<|en", true), ("d|>", false)) == bytes("<|end|>"))
        #expect(tokens(("<|en", false), ("d|>", true)) == bytes("<|end|>"))
        // A longer token that would reach into what is given leaves the shorter one.
        #expect(tokens(("<|end|>", false), ("x", true)) == [end] + bytes("x"))
        #expect(tokens(("<|end", true), ("<|end|>", false)) == bytes("<|end") + [end])
        for mark in ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{20E3}"] {
            #expect(tokens(("a\(mark)<|end|>\(mark)", true), ("<|end|>", false)).filter { $0 == end }.count == 1)
            #expect(tokens(("<|end|>", false), (mark, true)).first == end)
        }
    }

    /// Normalising must make no token of what is none as it stands, nor lose the template's.
    @Test func normalizedTextNeverBecomesAControlToken() throws {
        var definition = TinyVocabulary.definition()
        definition.normalizer = [.composition(compatibility: true)]
        definition.addedTokens = [AddedToken(id: 256, content: "<s>", isSpecial: true, normalized: true)]
        let tokenizer = try Tokenizer(definition)
        #expect(!tokenizer.encode("\u{FF1C}s\u{FF1E} \u{FE64}s\u{FE65} <s>").contains(256))
        var text = Text("<s>")
        text.append(Text(given: "ﬁ\u{FF1C}s\u{FF1E}"))
        text.append(Text("<s>"))
        #expect(tokenizer.encode(text) == [256] + Array("fi<s>".utf8).map(Int.init) + [256])
    }

    @Test(arguments: [
        ("<|fim_prefix|>", true), ("<｜User｜>", true), ("<think>", true), ("</tool_call>", true), ("[THINK]", true),
        ("◁/think▷", true), (" <tool_call>", true), ("<image>\n", true), ("{{tool}}", true), ("＜eod＞", true),
        ("<h1>", false), ("</td>", false), ("\n\n", false), ("user", false), ("<>", false),
    ])
    func markersThatAreNotCalledSpecialAreControlTokensToo(content: String, isControl: Bool) throws {
        let tokenizer = try tokenizer(AddedToken(id: 256, content: content, isSpecial: false))
        #expect(tokenizer.encode("a\(content)b").contains(256) != isControl)
        #expect(tokenizer.encode(Text("a\(content)b")).contains(256))
    }

    /// `<s>` is an element of HTML too, and files forget the flag.
    @Test func whatBeginsAndEndsTextsIsControlWhateverTheFileCallsIt() throws {
        var definition = TinyVocabulary.definition()
        definition.addedTokens = [
            AddedToken(id: 256, content: "<s>", isSpecial: false),
            AddedToken(id: 257, content: "</s>", isSpecial: false),
        ]
        (definition.bosToken, definition.eosToken) = (256, 257)
        let tokenizer = try Tokenizer(definition)
        #expect(Set(tokenizer.encode("a<s>b</s>")).isDisjoint(with: [256, 257]))
        #expect(tokenizer.encode(Text("<s></s>")) == [256, 257])
    }

    /// U+0338 behind ">" would compose with it.
    @Test func givenTextDoesNotChangeTheTemplatesTokensByNormalising() throws {
        var definition = TinyVocabulary.definition()
        definition.normalizer = [.composition(compatibility: false)]
        definition.addedTokens = [AddedToken(id: 256, content: "<|user|>", isSpecial: true, normalized: true)]
        var text = Text("<|user|>")
        text.append(Text(given: "\u{338}a"))
        #expect(try Tokenizer(definition).encode(text).first == 256)
    }

    @Test func ordinaryAddedTokensAreAlwaysRead() throws {
        let tokenizer = try tokenizer(AddedToken(id: 256, content: "<code>", isSpecial: false))
        #expect(tokenizer.encode("<code>") == [256])
        #expect(tokenizer.decode([256]) == "<code>")
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
