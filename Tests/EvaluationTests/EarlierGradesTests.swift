// Replies of a version that graded by letters alone are graded by words from the store, without a model, and keep both grades.

import Distillation
import Foundation
import Lineage
import Statistics
import Store
import Testing

@testable import Evaluation

@Suite struct EarlierGradesTests {
    @Test func repliesOfAnEarlierVersionAreGradedByWords() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "earlier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try RunStore(directory: folder)
        let questions = ["84", "1847"].map {
            HeldOutQuestion(name: $0, document: nil, question: "When did the mill burn?", golds: [$0], source: "here")
        }
        try store.replaceHeldOutQuestions(questions)
        let condition = EvaluationCondition(subject: .base, book: .closed)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "e"), stage: .evaluation(of: condition))
        let replies = questions.map {
            Reply(
                heldOut: $0.id, recipe: recipe, condition: condition, text: "It burnt in 1847.", tokenCount: 6,
                isFinished: true)
        }
        let grades = replies.map {
            Grade(reply: $0.id, recipe: recipe, grader: GraderName.substring, verdict: .correct)
        }
        try store.finishUnit(UnitOfWork(recipe: recipe, key: "all"), replies: replies, grades: grades)

        let words = try store.recordRecipe(WholeWordsRecipe(rules: AnswerMatch.version), stage: .gradesByWords)
        let examiner = Examiner(
            store: store, settings: EvaluationSettings(), prompts: Prompts(systemMessage: nil), condition: condition,
            recipe: recipe, gradesByWords: words, runSeed: 1)
        for _ in 0..<2 { try examiner.gradeEarlierReplies(to: questions.map { AskedQuestion($0) }) }
        let all = try store.allGrades(ofReplies: recipe, condition: condition)
        let verdicts = try replies.map { reply in
            try #require(all[reply.id]).reduce(into: [:]) { $0[$1.grader] = $1.verdict }
        }
        #expect(
            verdicts == [
                ["substring": .correct, "whole words": Verdict.incorrect],
                ["substring": .correct, "whole words": .correct],
            ])
    }
}
