// What an adapter came from: its training, the answers that it was trained on, and their questions, each recipe resting on the
// one before it.

import Basics
import Foundation
import Lineage
import Store

/// How one adapter came about.
struct AdapterLineage {
    let curves: [ComparisonReport.Curve]
    /// What it was trained on, where it was trained on answers.
    let data: ComparisonReport.TrainingDataSize?
    /// Time of the stages that led to it.
    let stages: [ComparisonReport.StageTime]
    /// Which sentences its questions reach, where it had questions.
    let coverage: ComparisonReport.Coverage?

    /// - Parameter seed: of the evaluation that it is read for.
    init(store: RunStore, training: Recipe, method: String, seed: UInt64) throws {
        let answers = try store.parent(.answers, of: training)
        let questions = try answers.flatMap { try store.parent(.questions, of: $0) }
        let instructions = try store.parent(.instructions, of: training)
        coverage = try questions.flatMap { try Self.coverage(of: $0, method, store) }
        curves = ComparisonReport.Curve.curves(
            of: try store.metrics(recipe: training.key), method: method, seed: seed)
        data = try answers.map { answers in
            let totals = try store.answerTotals(recipe: answers.key)
            return ComparisonReport.TrainingDataSize(
                method: method, seed: seed, documents: try store.documentCount(),
                questions: try questions.map { try store.questionCount(recipe: $0.key) } ?? 0,
                answers: totals.answers, answerTokens: totals.tokens,
                trainedOn: try store.totals(recipe: training.key)[TrainingRecipe.samples])
        }
        stages = try [
            ("questions", questions), ("answers", answers), ("instructions", instructions), ("training", training),
        ].compactMap { try ComparisonReport.StageTime($1, store, stage: $0, method: method, seed: seed) }
    }

    /// What was found out when the questions had been written.
    private static func coverage(
        of questions: Recipe, _ method: String, _ store: RunStore
    ) throws -> ComparisonReport.Coverage? {
        let checks = try store.recipes(stage: .questionChecks).first { $0.parents[.questions] == questions.key }
        guard let checks else { return nil }
        let counts = try store.totals(recipe: checks.key)
        return counts[QuestionChecksRecipe.sentences].map {
            ComparisonReport.Coverage(
                method: method, sentences: $0, reached: counts[QuestionChecksRecipe.reached] ?? 0)
        }
    }
}
