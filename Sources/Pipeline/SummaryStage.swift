// The figures of an evaluated adapter, put together from what made it, and every reply.

import Basics
import Distillation
import Foundation
import Lineage
import Statistics
import Store

/// One held-out question with all replies to it; one line of `replies.jsonl`.
private struct ReplyLine: Encodable {
    struct Said: Encodable {
        let reply: String
        /// By whole words.
        let correct: Bool
        /// By the paper's measure.
        let substring: Bool
        /// Whether it says one thing over and over until its limit; left out where it does not.
        let repeats: Bool?
    }

    let id: String
    let question: String
    let golds: [String]
    var replies: [String: Said]
}

struct SummaryStage {
    private let run: RunContext

    init(_ run: RunContext) { self.run = run }

    /// Writes `summary.json` and `replies.jsonl`. Questions, answers and time are of the adapter that was evaluated, whatever else
    /// was begun in the run since, as far as they are on the present documents.
    func summarise(_ proof: Proof) throws -> RunSummary {
        let answers = try run.found.answers(of: proof.adapter)
        let training = try run.store.recipe(proof.adapter.training)
        let instructions = try training.flatMap { try run.store.parent(.instructions, of: $0) }
        func seconds(_ key: ContentKey?) throws -> Double { try key.flatMap { try run.store.recipe($0) }?.seconds ?? 0 }
        let checks = try answers.map { try QuestionChecksStage(run).checks(of: $0.questions) }
        let repeating = try answers.flatMap { try run.store.totals(recipe: $0.recipe)[AnswersRecipe.repeating] } ?? 0
        let heldOut = try run.store.heldOutCount()
        let summary = RunSummary(
            base: RunSummary.Scores(.base, proof), distilled: RunSummary.Scores(.distilled, proof),
            documents: try run.store.documentCount(), questions: answers?.questions.count ?? 0,
            answers: answers?.count ?? 0, answerTokens: answers?.tokens ?? 0,
            answersRepeating: repeating > 0 ? repeating : nil,
            coverage: checks.map {
                RunSummary.Coverage(sentences: $0.coverage.sentences, reached: $0.coverage.reached)
            },
            leaks: checks?.leaks, heldOut: heldOut, grader: GraderName.wholeWords, preset: run.configuration.preset,
            seconds: RunSummary.Seconds(
                questions: try seconds(answers?.questions.recipe), answers: try seconds(answers?.recipe),
                regularise: instructions?.seconds, train: training?.seconds ?? 0,
                evaluate: try Set(proof.results.map(\.recipe)).reduce(0) { try $0 + seconds($1) }))
        try WholeFile.write(json: summary, to: run.folder.summary.path)
        try WholeFile.write(replies(proof), to: run.folder.replies.path)
        return summary
    }

    private func replies(_ proof: Proof) throws -> Data {
        var lines: [ContentKey: ReplyLine] = [:]
        var order: [ContentKey] = []
        try run.store.heldOutQuestions().forEach { question in
            order.append(question.id)
            lines[question.id] = ReplyLine(
                id: question.name, question: question.question, golds: question.golds, replies: [:])
        }
        for result in proof.results {
            let (recipe, condition) = (result.recipe, result.condition)
            let words = try run.store.grades(recipe: result.gradesByWords, replies: recipe, condition: condition)
            let substring = try run.store.grades(recipe: recipe, replies: recipe, condition: condition)
            for reply in try run.store.replies(recipe: recipe, condition: condition) {
                lines[reply.heldOut]?.replies[condition.name] = ReplyLine.Said(
                    reply: reply.text, correct: words[reply.id]?.verdict == .correct,
                    substring: substring[reply.id]?.verdict == .correct, repeats: reply.repeatsItself ? true : nil)
            }
        }
        return try order.compactMap { lines[$0] }.canonicalJSONLines()
    }
}
