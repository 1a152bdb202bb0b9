// What a store's grades come to: which replies and which graders count, and how they are put together.

import Basics
import Evaluation
import Foundation
import Lineage
import Statistics
import Store
import Testing

@testable import Pipeline

@Suite final class GradeSummaryTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "grades-\(UUID().uuidString)")
    private let store: RunStore
    private let questions: [HeldOutQuestion]

    init() throws {
        store = try RunStore(directory: folder)
        questions = (0..<4).map {
            HeldOutQuestion(name: "q\($0)", document: nil, question: "Number \($0)?", golds: ["x"], source: "here")
        }
        try store.replaceHeldOutQuestions(questions)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func recipe(_ stage: StageID, _ number: Int = 0) throws -> ContentKey {
        try store.recordRecipe(PersonRecipe(grader: "\(number)"), stage: stage)
    }

    private static let closedBook = EvaluationCondition(subject: .base, book: .closed)
    private static let oracle = EvaluationCondition(subject: .base, book: .oracle)

    private func reply(_ recipe: ContentKey, _ condition: EvaluationCondition) throws -> [Reply] {
        let replies = questions.map {
            Reply(
                heldOut: $0.id, recipe: recipe, condition: condition, text: "said", tokenCount: 1, isFinished: true)
        }
        try store.finishUnit(UnitOfWork(recipe: recipe, key: condition.name), replies: replies)
        return replies
    }

    private func grade(_ replies: [Reply], _ recipe: ContentKey, _ grader: String, _ verdicts: [Verdict]) throws {
        try store.record(
            zip(replies, verdicts).map { Grade(reply: $0.id, recipe: recipe, grader: grader, verdict: $1) })
    }

    @Test func scoresStandByConditionAndGraderAndUnparsedIsNotRight() throws {
        let evaluation = try recipe(.evaluation(of: Self.oracle))
        let closed = try reply(evaluation, Self.closedBook)
        let oracle = try reply(evaluation, Self.oracle)
        try grade(closed + oracle, evaluation, "substring", Array(repeating: .correct, count: 8))
        try grade(closed, recipe(.judge), "Judge", [.correct, .incorrect, .unparsed, .unparsed])
        try grade(Array(oracle.prefix(2)), recipe(.gradesByHand), "Anna", [.correct, .incorrect])
        let summary = try GradeSummary(store: store)
        #expect(
            summary.scores.map { "\($0.condition) \($0.grader) \($0.correct)/\($0.total) \($0.unparsed)" } == [
                "base.closed_book substring 4/4 0", "base.closed_book Judge 1/4 2", "base.oracle substring 4/4 0",
                "base.oracle Anna 1/2 0",
            ])
        #expect(summary.agreements.map { [$0.first, $0.second] } == [["substring", "Anna"], ["substring", "Judge"]])
        #expect(summary.agreements.map(\.total) == [2, 4])
    }

    @Test func theNewestRepliesAndGradesCount() throws {
        let old = try recipe(.evaluation(of: Self.oracle), 1)
        try grade(reply(old, Self.oracle), old, "substring", Array(repeating: .correct, count: 4))
        let new = try recipe(.evaluation(of: Self.oracle), 2)
        let replies = try reply(new, Self.oracle)
        try grade(replies, new, "substring", Array(repeating: .incorrect, count: 4))
        try grade(replies, recipe(.judge, 1), "Judge", [.correct, .correct, .correct, .correct])
        try grade(replies, recipe(.judge, 2), "Judge", [.incorrect, .correct])
        var summary = try GradeSummary(store: store)
        #expect(summary.scores.map(\.correct) == [0, 1] && summary.scores.map(\.total) == [4, 2])
        // Back to the first settings: their rows are still there.
        _ = try recipe(.evaluation(of: Self.oracle), 1)
        summary = try GradeSummary(store: store)
        #expect(summary.scores.map(\.grader) == ["substring"] && summary.scores.map(\.correct) == [4])
    }

    @Test func onlyPresentQuestionsAreGraded() throws {
        _ = try reply(recipe(.evaluation(of: Self.oracle)), Self.oracle)
        try store.replaceHeldOutQuestions(questions.prefix(3))
        #expect(try store.repliesToGrade().map(\.question.name) == ["q0", "q1", "q2"])
    }
}
