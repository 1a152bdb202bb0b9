// The proof: held-out questions to the base model and to the distilled one, closed-book, with
// what retrievers find, and with their own documents.

import Basics
import Distillation
import Evaluation
import Foundation
import Generation
import LanguageModels
import Lineage
import Statistics
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
    /// nil where nothing is retrieved.
    let retrieval: RetrievalRecipe?
    let grader = SubstringGrader.name
}

/// The results of an evaluation.
public struct Proof: Sendable, Hashable {
    /// One model under one condition.
    public struct Result: Sendable, Hashable {
        /// Which model, with what before it.
        public let condition: EvaluationCondition
        /// Right answers.
        public let correct: Proportion
        /// How often a question's own document was among those that were retrieved; nil where nothing is retrieved.
        public let recall: Proportion?
        /// What names the replies.
        let recipe: ContentKey
    }

    /// In the order of tables; empty without held-out questions.
    public let results: [Result]

    /// The result of a model under a condition, where it was asked anything.
    public func result(_ subject: EvaluationCondition.Subject, _ book: EvaluationCondition.Book) -> Result? {
        results.first { $0.condition == EvaluationCondition(subject: subject, book: book) && $0.correct.total > 0 }
    }
}

/// A condition with all that is asked under it.
private struct Examination {
    let condition: EvaluationCondition
    let recipe: ContentKey
    let adapter: TrainedAdapter?
    let questions: [AskedQuestion]
}

extension Pipeline {
    /// Asks what has not been asked yet of the base model and of the adapter.
    public func evaluate(_ adapter: TrainedAdapter) throws -> Proof {
        guard try store.heldOutCount() > 0 else {
            tell(.notice("There are no held-out questions, so nothing is proven; name a file of them with --held-out."))
            return Proof(results: [])
        }
        return try evaluate(adapter, asking: books())
    }

    /// As above, of questions whose documents have been found already.
    @discardableResult
    func evaluate(_ adapter: TrainedAdapter, asking books: [AskedBook]) throws -> Proof {
        let examinations = try [nil, adapter].flatMap { adapter in
            try books.map { try examination($0, of: adapter) }
        }
        try examine(examinations)
        let proof = Proof(results: try examinations.map(result))
        let shown = proof.results.map {
            "\($0.condition.name) \(String(format: "%.0f", 100 * $0.correct.fraction)) %"
        }
        tell(.finished(.evaluate, summary: shown.joined(separator: ", ")))
        return proof
    }

    private func examination(_ book: AskedBook, of adapter: TrainedAdapter?) throws -> Examination {
        let subject = adapter.map { EvaluationCondition.Subject.adapter($0.name) } ?? .base
        let retriever = book.retrieval == nil ? "" : " with \(book.book.name)"
        let recipe = try recordRecipe(
            "evaluation of \(subject.name)\(retriever)",
            EvaluationRecipe(
                model: try model().fingerprint, adapter: adapter?.recipe.description ?? "",
                precision: "\(configuration.resolvedPrecision)", systemMessage: configuration.systemMessage,
                seed: adapter == nil ? configuration.seed : configuration.trainingSeed,
                settings: configuration.evaluation, retrieval: book.retrieval))
        return Examination(
            condition: EvaluationCondition(subject: subject, book: book.book), recipe: recipe, adapter: adapter,
            questions: book.questions)
    }

    private func examine(_ examinations: [Examination]) throws {
        let total = examinations.reduce(0) { $0 + $1.questions.count }
        let open = try examinations.map(unfinished)
        var done = total - open.joined().reduce(0) { $0 + $1.count }
        tell(.started(.evaluate, done: done, total: total))
        for (examination, open) in zip(examinations, open) where !open.isEmpty {
            let examiner = examiner(examination)
            let expert = LocalExpert(
                try model(), adapter: try examination.adapter.map(weights), batchSize: configuration.generationBatchSize
            )
            for batch in open {
                try checkForStop()
                try timed(examination.recipe) { try examiner.examine(batch, with: expert) }
                done += batch.count
                tell(.advanced(.evaluate, done: done, total: total, detail: examination.condition.name))
            }
        }
    }

    private func examiner(_ examination: Examination) -> Examiner {
        Examiner(
            store: store, settings: configuration.evaluation, prompts: configuration.prompts,
            condition: examination.condition, recipe: examination.recipe, runSeed: configuration.seed)
    }

    /// The batches that are still to be asked.
    private func unfinished(_ examination: Examination) throws -> [[AskedQuestion]] {
        let examiner = examiner(examination)
        return try Examiner.batches(examination.questions, size: configuration.generationBatchSize) {
            try store.document($0)?.text.utf8.count ?? 0
        }.filter { try !examiner.isFinished($0) }
    }

    private func weights(of adapter: TrainedAdapter) throws -> LoRAAdapter {
        let base = try model()
        return try LoRAAdapter(directory: adapter.directory, base: base).copy(base.decoder.dtype)
    }

    private func result(_ examination: Examination) throws -> Proof.Result {
        let (condition, recipe) = (examination.condition, examination.recipe)
        let replies = try store.replies(recipe: recipe, condition: condition.name)
        let grades = try store.grades(recipe: recipe, replies: recipe, condition: condition.name)
        let correct = replies.count { grades[$0.id]?.verdict == .correct }
        var recall: Proportion?
        if case .retrieved = condition.book {
            let own = examination.questions.compactMap { asked in
                asked.question.document.map { asked.documents.contains($0) }
            }
            recall = Proportion(correct: own.count { $0 }, total: own.count)
        }
        return Proof.Result(
            condition: condition, correct: Proportion(correct: correct, total: replies.count), recall: recall,
            recipe: recipe)
    }
}
