import Testing

@testable import Basics

struct TextFoldingTests {
    /// Both are what a reader takes for the same text.
    private func expectAlike(_ first: String, _ second: String) {
        #expect(Array(first.foldedForComparison.unicodeScalars) == Array(second.foldedForComparison.unicodeScalars))
    }

    @Test func charactersThatAreNotSeenCountForNothing() {
        expectAlike("Fähr\u{AD}schiff", "Fährschiff")
        expectAlike("Wharf\u{200B}side\u{2060} gate\u{FEFF}", "Wharfside gate")
        expectAlike("می\u{200C}روم", "میروم")
        expectAlike("\u{200F}المرفأ\u{200E}", "المرفأ")
        expectAlike("المـــرفأ", "المرفأ")
    }

    @Test func formsOfOneCharacterAreOne() {
        expectAlike("the ﬁrst oﬃce", "the first office")
        expectAlike("１９４７年", "1947年")
        expectAlike("cafe\u{301} Zu\u{308}rich", "café Zürich")
        expectAlike("12\u{A0}000\u{202F}km", "12 000 km")
        expectAlike("ﾊﾞｽ", "バス")
        expectAlike("H₂O", "H2O")
    }

    @Test func quotesAndHyphensAreOneKindEach() {
        expectAlike("“Mole’s” „Eck“ «ici»", "\"Mole's\" \"Eck\" \"ici\"")
        expectAlike("it´s well‑known – since 1887—88", "it's well-known - since 1887-88")
        expectAlike("−12", "-12")
    }

    @Test func numbersStayWhatTheyAre() {
        #expect("10²".foldedForComparison == "10^2")
        #expect("10⁻⁷".foldedForComparison == "10^-7")
        #expect("90 km²".foldedForComparison == "90 km2")
        #expect("3½ or ½".foldedForComparison == "3 1/2 or 1/2")
    }

    @Test func caseAndASCIIStay() {
        let text = "The \"Old\" Quay's 3-4 `steps`\r\n"
        #expect(text.foldedForComparison == text)
        #expect("STRAẞE Straße".foldedForComparison == "STRAẞE Straße")
    }
}
