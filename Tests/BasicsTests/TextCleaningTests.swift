import Testing

@testable import Basics

struct TextCleaningTests {
    @Test(arguments: ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "\u{0B}", "\u{0C}"])
    func everyLineEndIsALineFeed(end: String) {
        #expect(Array("# Quay\(end)Two".cleaned.utf8) == Array("# Quay\nTwo".utf8))
        #expect(Array("\(end)x\(end)".cleaned.utf8) == Array("\nx\n".utf8))
    }

    @Test func emptyLinesStayAsManyAsTheyAre() {
        #expect(Array("a\r\n\r\nb\r\rc\n\rd".cleaned.utf8) == Array("a\n\nb\n\nc\n\nd".utf8))
        #expect("a\u{2029}b".cleaned == "a\n\nb")
    }

    @Test func aPageThatEndsWithALineEndsNoParagraph() {
        #expect("The quay\n\u{0C}is long.".cleaned == "The quay\nis long.")
    }

    @Test func whatIsNotWrittenGoes() {
        let text = "\u{FEFF}Fähr\u{AD}schiff\u{200B}\u{0}, \u{2060}neu"
        #expect(Array(text.cleaned.utf8) == Array("Fährschiff, neu".utf8))
        #expect("Fähr\u{AD}\r\nschiff".cleaned == "Fährschiff")
        #expect("a\u{AD}\nb\nc".cleaned == "ab\nc")
    }

    @Test(arguments: [
        "می\u{200C}روم", "👩\u{200D}🔬", "“Mole’s” – e\u{301}", "12\u{A0}km", "ﬁrst", "１２", "a\tb", "", "plain\n\nASCII",
    ])
    func whatIsWrittenStays(text: String) {
        #expect(Array(text.cleaned.unicodeScalars) == Array(text.unicodeScalars))
    }
}
