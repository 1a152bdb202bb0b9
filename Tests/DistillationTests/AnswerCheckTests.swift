// Which answers of a small model are let through.

import Testing

@testable import Distillation

@Suite struct AnswerCheckTests {
    private func canBeRight(_ answer: String, expected: String? = nil) -> Bool {
        AnswerCheck.canBeRight(
            answer, to: "Who built the bridge of Port Sella?", title: "Port Sella",
            text: "Its bridge was built by Ada Finch in 1902.", expected: expected)
    }

    @Test func wordsOfTheTextAndTheQuestionPass() {
        #expect(canBeRight("The bridge of Port Sella was built by Ada Finch."))
        #expect(canBeRight("Ada Finch", expected: "Ada Finch"))
    }

    @Test func madeUpWordsDoNot() {
        #expect(!canBeRight("The bridge was built by the Romans."))
        #expect(!canBeRight("Ada Finch built it in 1903."))
    }

    @Test func anAnswerThatTellsNothingDoesNot() {
        #expect(!canBeRight("The bridge of Port Sella is called the bridge."))
        #expect(!canBeRight(""))
    }

    @Test func itSaysWhatWasExpected() {
        #expect(!canBeRight("It was built in 1902.", expected: "Ada Finch"))
        #expect(canBeRight("It was built by Ada Finch.", expected: "Ada Finch"))
    }
}
