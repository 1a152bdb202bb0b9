// Passages in a prompt that has room for so many tokens; here a token is a character, and the question takes ten.

import Retrieval
import Testing

@Suite struct PassageBudgetTests {
    private func fit(_ passages: [String], limit: Int) throws -> FittedPassages {
        try PassageBudget.fit(passages, limit: limit) { 10 + $0.map { $0.count + 2 }.reduce(0, +) }
    }

    private let passages = ["aaaaa", "bbbbbbbb", "cc"]

    @Test(arguments: [(100, 3), (31, 3), (30, 2), (27, 2), (26, 1), (17, 1)])
    func theLowestRankedAreDroppedFirst(limit: Int, count: Int) throws {
        let fitted = try fit(passages, limit: limit)
        #expect(fitted.passages == Array(passages.prefix(count)) && !fitted.isCut)
    }

    @Test(arguments: [(16, ["aaaa"]), (13, ["a"]), (12, []), (10, [])])
    func theFirstIsCutAtItsEndWhereItDoesNotFit(limit: Int, expected: [String]) throws {
        let fitted = try fit(passages, limit: limit)
        #expect(fitted.passages == expected && fitted.isCut)
    }

    @Test func theQuestionIsNeverCut() throws {
        #expect(throws: RetrievalError.questionTooLong(tokens: 10, limit: 9)) { try fit(passages, limit: 9) }
        #expect(throws: RetrievalError.questionTooLong(tokens: 10, limit: 9)) { try fit([], limit: 9) }
        #expect(try fit([], limit: 10).passages.isEmpty && !fit([], limit: 10).isCut)
    }
}
