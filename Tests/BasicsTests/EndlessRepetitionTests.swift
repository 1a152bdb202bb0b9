// A loop is seen whatever its unit and wherever it was cut; what only resembles one is left alone.

import Testing

@testable import Basics

@Suite struct EndlessRepetitionTests {
    private static func loop(_ unit: String, _ count: Int, after beginning: String = "", cut: Int = 0) -> String {
        beginning + String(String(repeating: unit, count: count).dropLast(cut))
    }

    @Test(arguments: [
        loop("It burnt down in 1847, ", 4), loop("It burnt down in 1847, ", 6, after: "The mill is old. ", cut: 9),
        loop("very ", 9, after: "It is "), loop("\n", 60, after: "Ada."), loop("是的", 20), loop("ที่นี่ ", 12),
        loop("The mill stands on the Orne, and the Orne drives its wheel.\n", 3, after: "Well.\n"),
        loop("!", 80), loop("a", 30), loop("- a red mill\n", 8, cut: 3), loop("мельница, ", 6) + "\u{FFFD}\u{FFFD}",
        (1...9).map { "\($0). The mill is red.\n" }.joined(), (8...14).map { "(\($0)) The mill is red. " }.joined(),
        (1...6).map { "\($0)) Ada built it.\n" }.joined() + "7) Ada",
        "It is red.\n\nIt is red. \nIt is red.\n It is red.\n",
        loop("0, ", 16, after: "0, "),
    ])
    func aLoopIsSeen(_ text: String) { #expect(text.endsInRepetition, "\(text)") }

    @Test(arguments: [
        (1900...1925).map { "In \($0). " }.joined(), (12...30).map { "Answer: \($0)\n" }.joined(),
        (1...14).map { "| \($0) | It opened |\n" }.joined(), (1...9).map { "[\($0)] The mill is red. " }.joined(),
    ])
    func aLoopThatCountsOnIsSeen(_ text: String) { #expect(text.endsInRepetition, "\(text)") }

    @Test(arguments: [
        ["a", "b", "c", "d", "e", "f"].map { "- \($0)) It is red\n" }.joined(), loop("It IS red. it is Red. ", 3),
        ["i", "ii", "iii", "iv", "v", "vi"].map { "\($0). It is red\n" }.joined(), loop("🚢", 24),
    ])
    func aLoopWithOtherMarksIsSeen(_ text: String) { #expect(text.endsInRepetition, "\(text)") }

    @Test(arguments: [
        "", "a", "The mill burnt down in 1847.", "It is very, very old.", "ha ha ha",
        loop("la la, ", 3, after: "They sang ") + "and then they went home to sleep.",
        "The mill is red. The barn is red. The gate is red. The door is red.",
        "Room 12 has 3 beds. Room 13 has 4 beds. Room 14 has 2 beds. Room 15 has 5 beds.",
        "1. Ada built it.\n2. Bo paid for it.\n3. Cy lost it.\n4. Di found it.\n5. Ed sold it.",
        "0, 0, 0", "| 1 | 2 |\n| 2 | 4 |\n| 3 | 6 |\n| 4 | 8 |\n| 5 | 10 |\n| 6 | 12 |\n",
        "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16", "| Mill | Year |\n|------|------|\n| East | 1847 |",
        "The mill stands there. The mill stands there. And that is all that anybody has said of it.",
    ])
    func whatIsNoLoopIsLeftAlone(_ text: String) { #expect(!text.endsInRepetition, "\(text)") }
}
