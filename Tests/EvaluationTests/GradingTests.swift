// Grading by substring, and intervals against values from scipy.stats.binomtest(…).proportion_ci(method="wilson").

import Distillation
import Lineage
import Retrieval
import Statistics
import Testing
import Tokenizers

@testable import Evaluation

@Suite struct GradingTests {
    @Test(arguments: [
        ("The capital is Paris.", ["Paris"], true), ("The capital is paris", ["London", "PARIS!"], true),
        ("It was the winter of 1902", ["the winter of 1902"], true), ("It is London.", ["Paris"], false),
        ("It took 38 years", ["38", "thirty-eight"], true), ("Rock-and-roll", ["rock and roll"], true),
        ("Anything", [""], false), ("Anything", [], false), ("They like The Who a lot", ["the who"], true),
    ])
    func aGoldAnswerInTheReplyIsRight(reply: String, golds: [String], isCorrect: Bool) {
        for grader in TextGrader.allCases {
            #expect(grader.isCorrect(reply: reply, golds: golds) == isCorrect, "\(grader)")
        }
    }

    /// What the paper's measure finds in the letters of other words, and what it does not find in other spellings.
    @Test(arguments: [
        ("The mill burnt down in 1847.", "84", true, false), ("They know the miller.", "no", true, false),
        ("The clock is slow.", "C++", true, false), ("It holds 4000 litres.", "4,000", false, true),
    ])
    func thePapersMeasureLooksForLetters(reply: String, gold: String, bySubstring: Bool, byWords: Bool) {
        #expect(TextGrader.substring.isCorrect(reply: reply, golds: [gold]) == bySubstring)
        #expect(TextGrader.wholeWords.isCorrect(reply: reply, golds: [gold]) == byWords)
    }

    @Test(arguments: [
        (0, 10, 0.0, 0.277533), (5, 10, 0.236593, 0.763407), (47, 100, 0.375108, 0.567111), (10, 10, 0.722467, 1.0),
    ])
    func intervalsAreWilsons(correct: Int, total: Int, low: Double, high: Double) {
        let interval = Proportion(correct: correct, total: total).interval
        #expect(abs(interval.lowerBound - low) < 2e-5 && abs(interval.upperBound - high) < 2e-5)
    }

    @Test func nothingIsKnownOfNothing() {
        #expect(Proportion(correct: 0, total: 0).interval == 0...1)
    }

    @Test func documentsThatWereFoundArePutInThePapersWordsOrInTheTeachers() throws {
        let prompts = Prompts(systemMessage: nil)
        func turn(_ book: EvaluationCondition.Book, _ passages: [String]) throws -> String {
            try #require(book.conversation(prompts, passages, question: "Why?").last?.content)
        }
        #expect(try turn(.retrieved(.bm25, .passages), ["One.", "Two."]) == "One.\n\nTwo.\n\nQuestion: Why?")
        #expect(try turn(.retrieved(.bm25, .teacher), ["One.", "Two."]) == "One.\n\nTwo.\n\n---\n\nWhy?")
        #expect(try turn(.oracle, ["One."]) == turn(.retrieved(.embeddings, .teacher), ["One."]))
        #expect(try turn(.retrieved(.bm25, .passages), []) == "Why?", "nothing fitted")
    }

    @Test func conditionsAreNamedAsInTheSummary() {
        let books: [EvaluationCondition.Book] = [
            .closed, .retrieved(.bm25, .passages), .retrieved(.bm25, .teacher), .oracle,
        ]
        let names = [EvaluationCondition.Subject.base, .distilled].flatMap { subject in
            books.map { EvaluationCondition(subject: subject, book: $0).name }
        }
        #expect(
            names == [
                "base.closed_book", "base.bm25", "base.bm25_teacher", "base.oracle", "distilled.closed_book",
                "distilled.bm25", "distilled.bm25_teacher", "distilled.oracle",
            ])
    }
}
