// What an adapter came from: its training, the answers that it was trained on, and their questions, each recipe naming the one
// before it. Knows the recipes' keys for that, and nothing else of their settings.

import Basics
import Foundation
import Store

/// How one adapter came about.
struct Lineage {
    /// The adapter's training.
    let training: Recipe
    /// The curves of its training.
    let curves: [ComparisonReport.Curve]
    /// What it was trained on, where it was trained on answers.
    let data: ComparisonReport.TrainingDataSize?
    /// Time of the stages that led to it.
    let stages: [ComparisonReport.StageTime]
    /// Which sentences its questions reach, where it had questions.
    let coverage: ComparisonReport.Coverage?

    /// What led to the adapter of an evaluation; nil for the base model.
    init?(store: RunStore, evaluation: Recipe, method: String) throws {
        guard let training = try Self.named(Self.settings(evaluation).adapter, store) else { return nil }
        let seed = Self.seed(evaluation)
        let answers = try Self.named(Self.settings(training).answers, store)
        let questions = try answers.flatMap { try Self.named(Self.settings($0).questions, store) }
        self.training = training
        coverage = try questions.flatMap { try Self.coverage(of: $0, method, store) }
        curves = ComparisonReport.Curve.curves(
            of: try store.metrics(recipe: training.key), method: method, seed: seed)
        data = try answers.map { answers in
            let totals = try store.answerTotals(recipe: answers.key)
            return ComparisonReport.TrainingDataSize(
                method: method, seed: seed, documents: try store.documentCount(),
                questions: try questions.map { try store.questionCount(recipe: $0.key) } ?? 0,
                answers: totals.answers, answerTokens: totals.tokens,
                trainedOn: try store.totals(recipe: training.key)["samples"])
        }
        let instructions = try Self.instructions(of: training, store)
        stages = try [
            ("questions", questions), ("answers", answers), ("instructions", instructions), ("training", training),
        ].compactMap { try ComparisonReport.StageTime($1, store, stage: $0, method: method, seed: seed) }
    }

    /// What read the instructions of a regularised training. The training names the instructions and not their recipe: the
    /// run's last one is taken.
    private static func instructions(of training: Recipe, _ store: RunStore) throws -> Recipe? {
        guard settings(training).regularisation != nil else { return nil }
        return try store.recipes(stage: "regularisation").first
    }

    /// What was found out when the questions had been written.
    private static func coverage(
        of questions: Recipe, _ method: String, _ store: RunStore
    ) throws -> ComparisonReport.Coverage? {
        let checks = try store.recipes(stage: "question checks").first {
            settings($0).questions == questions.key.description
        }
        guard let checks else { return nil }
        let counts = try store.totals(recipe: checks.key)
        return counts["sentences"].map {
            ComparisonReport.Coverage(method: method, sentences: $0, reached: counts["reached"] ?? 0)
        }
    }

    /// The seed that a recipe's rows come from.
    static func seed(_ recipe: Recipe) -> UInt64 { settings(recipe).seed ?? 0 }

    /// The keys by which recipes name those before them.
    private struct Settings: Decodable {
        var seed: UInt64?
        var adapter: String?
        var answers: String?
        var questions: String?
        var regularisation: Regularisation?

        struct Regularisation: Decodable {}
    }

    private static func settings(_ recipe: Recipe) -> Settings {
        (try? JSONDecoder().decode(Settings.self, from: Data(recipe.settings.utf8))) ?? Settings()
    }

    private static func named(_ key: String?, _ store: RunStore) throws -> Recipe? {
        try key.flatMap(ContentKey.init).flatMap { try store.recipe($0) }
    }
}
