// Passages fit, are cut at good places, and together are the document.

import Foundation
import Store
import Testing

@testable import Distillation

@Suite struct DocumentsPassagesTests {
    /// As a tokenizer might: a token for each word, mark and line end.
    private func count(_ text: String) -> Int {
        var words = 0
        var inWord = false
        for character in text {
            let isWord = character.isLetter || character.isNumber
            words += isWord ? (inWord ? 0 : 1) : (character == " " ? 0 : 1)
            inWord = isWord
        }
        return words
    }

    private func document(_ text: String) -> Document {
        Document(name: "manual.md", title: "Manual", text: text, source: "docs/manual.md")
    }

    private func passages(_ text: String, _ maximum: Int) -> [Document] {
        Passages.split(document(text), maximumTokens: maximum, count: count)
    }

    private func words(_ text: String) -> String { text.filter { !$0.isWhitespace } }

    @Test func aShortDocumentStaysAsItIs() {
        let short = document("Three words here.")
        #expect(Passages.split(short, maximumTokens: 4, count: count) == [short])
    }

    @Test func passagesKeepNameAndTitleAndAreNumbered() {
        let parts = passages("One two three.\n\nFour five six.\n\nSeven eight nine.", 8)
        #expect(parts.map(\.name) == Array(repeating: "manual.md", count: parts.count))
        #expect(parts.map(\.title) == Array(repeating: "Manual", count: parts.count))
        #expect(parts.map(\.part) == Array(parts.indices))
    }

    @Test func paragraphsStayWholeAndHeadingsWithThem() {
        let text = "# A\n\nOne two three four.\n\nFive six.\n# B\n\nSeven eight nine.\n\nTen."
        #expect(
            passages(text, 12).map(\.text) == [
                "# A\n\nOne two three four.",
                "Five six.",
                "# B\n\nSeven eight nine.\n\nTen.",
            ])
    }

    @Test func aLongParagraphIsCutBetweenSentences() {
        let text = "Dr. Orr came early. She saw the old tower. It was closed then. Nobody knew why."
        #expect(
            passages(text, 12).map(\.text) == [
                "Dr. Orr came early. She saw the old tower.", "It was closed then. Nobody knew why.",
            ])
    }

    @Test func codeIsNotCutAtItsBlankLines() {
        let code = "```\na b c\n\n# d e f\n```"
        #expect(
            passages("One two three four five six.\n\n\(code)\n\nSeven eight.", 20).map(\.text).contains {
                $0.contains(code)
            })
    }

    @Test(arguments: [1, 2, 3, 7, 50, 400])
    func everyPassageFitsAndNoWordIsLostOrDoubled(maximum: Int) {
        var generator = Seeded(state: UInt64(maximum))
        let alphabet: [Character] = ["a", "B", "é", "漢", " ", " ", "\n", "\n", ".", "。", "#", "-", "`", "👩‍👩‍👧", "3"]
        for length in [1, 5, 100, 2_000] {
            let text = "x" + String((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? " " })
            let parts = passages(text, maximum)
            #expect(parts.allSatisfy { count($0.text) <= maximum })
            #expect(words(parts.map(\.text).joined()) == words(text))
            #expect(parts.allSatisfy { !$0.text.isEmpty })
        }
    }

    @Test func passagesAreOfAboutEqualLength() {
        let text = (0..<101).map { "Sentence number \($0)." }.joined(separator: "\n\n")
        let lengths = passages(text, 100).map { count($0.text) }
        #expect(lengths.count == 7)
        #expect((lengths.min() ?? 0) * 2 > lengths.max() ?? 0)
    }

    @Test func countingTakesTimeInProportionToTheText() {
        func counted(_ paragraphs: Int) -> Int {
            var characters = 0
            let text = (0..<paragraphs).map { "Paragraph number \($0) says something." }.joined(separator: "\n\n")
            _ = Passages.split(document(text), maximumTokens: 200) {
                characters += $0.utf8.count
                return count($0)
            }
            return characters
        }
        #expect(counted(2_000) < 11 * counted(200))
    }
}

/// A small generator with a seed (SplitMix64; Steele et al. 2014).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
