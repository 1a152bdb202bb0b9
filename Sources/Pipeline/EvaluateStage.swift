// The proof: held-out questions to the base model and to the distilled one, with and without their documents.

import Distillation
import Evaluation
import Foundation
import Generation
import LanguageModels
import Store

/// What replies depend on.
private struct EvaluationRecipe: Encodable {
    let model: String
    /// The training of the adapter; empty for the base model.
    let adapter: String
    let precision: String
    let systemMessage: String
    let seed: UInt64
    let settings: EvaluationSettings
    let grader = SubstringGrader.name
}

/// The results of an evaluation.
public struct Proof: Sendable, Hashable {
    /// Right answers under each condition, by the condition's name; empty without held-out questions.
    public let results: [String: Proportion]
    /// What names the replies of each condition.
    let recipes: [EvaluationCondition: ContentKey]
}

extension Pipeline {
    /// Asks what has not been asked yet.
    public func evaluate(_ adapter: TrainedAdapter) throws -> Proof {
        var questions: [HeldOutQuestion] = []
        try store.heldOutQuestions().forEach { questions.append($0) }
        guard !questions.isEmpty else {
            tell(.notice("There are no held-out questions, so nothing is proven; name a file of them with --held-out."))
            return Proof(results: [:], recipes: [:])
        }
        var recipes: [EvaluationCondition: ContentKey] = [:]
        var results: [String: Proportion] = [:]
        var open: [(condition: EvaluationCondition, batch: [HeldOutQuestion])] = []
        for condition in EvaluationCondition.all {
            recipes[condition] = try evaluationRecipe(condition.subject, adapter)
            let size = configuration.generationBatchSize
            let batches = try Examiner.batches(questions, condition: condition, size: size) {
                try store.document($0)?.text.utf8.count ?? 0
            }
            open += batches.map { (condition, $0) }
        }
        try examine(open, recipes, adapter)
        for (condition, recipe) in recipes {
            results[condition.name] = try proportion(condition, recipe)
        }
        let shown = EvaluationCondition.all.compactMap { condition in
            results[condition.name].map { "\(condition.name) \(String(format: "%.0f", 100 * $0.fraction)) %" }
        }
        tell(.finished(.evaluate, summary: shown.joined(separator: ", ")))
        return Proof(results: results, recipes: recipes)
    }

    private func evaluationRecipe(
        _ subject: EvaluationCondition.Subject, _ adapter: TrainedAdapter
    ) throws -> ContentKey {
        try recordRecipe(
            "evaluation of \(subject.rawValue)",
            EvaluationRecipe(
                model: try model().fingerprint, adapter: subject == .base ? "" : adapter.recipe.description,
                precision: "\(configuration.resolvedPrecision)", systemMessage: configuration.systemMessage,
                seed: configuration.seed, settings: configuration.evaluation))
    }

    private func examine(
        _ batches: [(condition: EvaluationCondition, batch: [HeldOutQuestion])],
        _ recipes: [EvaluationCondition: ContentKey], _ adapter: TrainedAdapter
    ) throws {
        let base = try model()
        let weights = try LoRAAdapter(directory: adapter.directory, base: base).copy(base.decoder.dtype)
        tell(.started(.evaluate, done: 0, total: batches.count))
        for (index, (condition, batch)) in batches.enumerated() {
            try checkForStop()
            guard let recipe = recipes[condition] else { continue }
            let examiner = Examiner(
                store: store, settings: configuration.evaluation, prompts: configuration.prompts, condition: condition,
                recipe: recipe, runSeed: configuration.seed)
            let expert = LocalExpert(
                base, adapter: condition.subject == .distilled ? weights : nil,
                batchSize: configuration.generationBatchSize)
            try timed(recipe) { try examiner.examine(batch, with: expert) }
            tell(.advanced(.evaluate, done: index + 1, total: batches.count, detail: condition.name))
        }
    }

    private func proportion(_ condition: EvaluationCondition, _ recipe: ContentKey) throws -> Proportion {
        let replies = try store.replies(recipe: recipe, condition: condition.name)
        let grades = try store.grades(recipe: recipe, replies: recipe, condition: condition.name)
        let correct = replies.filter { grades[$0.id]?.verdict == .correct }.count
        return Proportion(correct: correct, total: replies.count)
    }
}
