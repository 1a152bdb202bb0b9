// Composition. Expected values are those of Hugging Face tokenizers 0.22.2 (normalizers.NFC).

import Testing

@testable import Tokenizers

@Suite struct CanonicalCompositionTests {
    private func composed(_ text: String) -> [UInt32] {
        var text = text
        let bytes = text.withUTF8 { CanonicalComposition.normalize($0) ?? Array($0) }
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
    }

    @Test(arguments: [
        ("e\u{301}", [0xE9]),
        ("e\u{301}\u{301}", [0xE9, 0x301]),
        ("a\u{327}\u{30A}", [0xE5, 0x327]),
        ("s\u{307}\u{323}", [0x1E69]),
        ("\u{344}", [0x308, 0x301]),
        ("\u{2126}", [0x3A9]),
        ("\u{958}", [0x915, 0x93C]),
        ("\u{928}\u{93C}", [0x929]),
        ("\u{1100}\u{1161}", [0xAC00]),
        ("\u{1100}\u{1161}\u{11A8}", [0xAC01]),
        ("\u{1100}\u{1161}\u{11A7}", [0xAC00, 0x11A7]),
        ("\u{AC01}\u{11A8}", [0xAC01, 0x11A8]),
        ("\u{1100}\u{1161}\u{316}\u{11A8}", [0xAC00, 0x316, 0x11A8]),
    ]) func textsCompose(text: String, expected: [UInt32]) {
        #expect(composed(text) == expected)
    }

    @Test func vowelSignsOfTwoMarksAreReordered() {
        #expect(composed("q\u{301}\u{F73}\u{316}") == [0x71, 0xF71, 0xF72, 0x316, 0x301])
    }

    @Test func aCodePointBeyondSixteenBitsIsItself() {
        #expect(composed("\u{20074}\u{323}") == [0x20074, 0x323])
    }

    /// U+1E08F is a mark since Unicode 15, before which nothing moved past it.
    @Test func marksAssignedLaterStayWhereTheyAre() {
        #expect(composed("q\u{1E08F}\u{316}") == [0x71, 0x1E08F, 0x316])
        #expect(composed("q\u{301}\u{316}") == [0x71, 0x316, 0x301])
    }

    @Test func composedTextIsLeftAlone() {
        for text in ["", "plain", "naïve café", "日本語、한국어", "Привет"] {
            var text = text
            #expect(text.withUTF8 { CanonicalComposition.normalize($0) } == nil)
        }
    }
}
