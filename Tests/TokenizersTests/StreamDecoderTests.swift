// Tokens written out one by one: whole characters only, and in the end what decoding all at once gives.

import Testing
import Tokenizers

@Suite struct StreamDecoderTests {
    private func tokenizer() throws -> Tokenizer {
        var definition = TinyVocabulary.definition()
        definition.addedTokens = [AddedToken(id: 256, content: "<|end|>", isSpecial: true)]
        return try Tokenizer(definition)
    }

    @Test func aCharacterAppearsWhenItsLastByteDoes() throws {
        var stream = try tokenizer().makeStreamDecoder()
        #expect("🦉".utf8.map { stream.append(Int($0)) } == ["", "", "", "🦉"])
        #expect(stream.append(97) == "a")
        #expect(stream.finish() == "")
    }

    @Test func aCharacterThatIsBrokenOffIsReplaced() throws {
        var stream = try tokenizer().makeStreamDecoder()
        #expect(stream.append(0xF0) == "")
        #expect(stream.append(0x9F) == "")
        #expect(stream.append(97) == "\u{FFFD}a")
        #expect(stream.append(0xE2) == "")
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.finish() == "")
    }

    @Test func aByteThatBeginsNoCharacterIsNotHeldBack() throws {
        var stream = try tokenizer().makeStreamDecoder()
        #expect(stream.append(0xFF) == "\u{FFFD}")
        #expect(stream.append(0x80) == "\u{FFFD}")
    }

    @Test func specialTokensAreWrittenOnlyWhenAsked() throws {
        var silent = try tokenizer().makeStreamDecoder()
        #expect(silent.append(256) == "")
        var speaking = try tokenizer().makeStreamDecoder(skippingSpecialTokens: false)
        #expect(speaking.append(256) == "<|end|>")
    }

    @Test func aStreamEqualsDecodingAtOnce() throws {
        let tokenizer = try tokenizer()
        var generator = SeededGenerator(seed: 7)
        // Bytes at which sequences begin, go on and break, more often than chance has them.
        let bytes = [
            0x61, 0x80, 0xBF, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xED, 0xA0, 0xF0, 0x9F, 0xF4, 0x90, 0xC0, 0xFF, 256,
        ]
        for _ in 0..<5000 {
            let tokens = (0..<12).map { _ in bytes.randomElement(using: &generator) ?? 0 }
            var stream = tokenizer.makeStreamDecoder()
            var text = tokens.reduce(into: "") { $0 += stream.append($1) }
            text += stream.finish()
            #expect(Array(text.utf8) == Array(tokenizer.decode(tokens).utf8))
        }
    }
}
