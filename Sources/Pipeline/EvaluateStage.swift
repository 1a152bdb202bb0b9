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

/// The results of an evaluation.
public struct Proof: Sendable, Hashable {
    /// One model under one condition.
    public struct Result: Sendable, Hashable {
        /// Which model, with what before it.
        public let condition: EvaluationCondition
        /// Right by whole words.
        public let correct: Proportion
        /// Right by the paper's substring.
        public let substring: Proportion
        /// Replies that say one thing over and over until their limit; graded all the same, by what they say.
        public let repeating: Int
        /// How often a question's own document was among those that were retrieved; nil where nothing is retrieved.
        public let recall: Proportion?
        /// What names the replies and their grades by substring.
        let recipe: ContentKey
        /// What names the grades that count.
        let gradesByWords: ContentKey
    }

    /// The model that is held against the base.
    let adapter: TrainedAdapter
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
    let gradesByWords: ContentKey
    let adapter: TrainedAdapter?
    let questions: [AskedQuestion]
}

struct EvaluateStage {
    private let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    init(_ run: RunContext) { self.run = run }

    /// Asks what has not been asked yet of the base model and of the adapter.
    func evaluate(_ adapter: TrainedAdapter) throws -> Proof {
        guard try run.store.heldOutCount() > 0 else {
            run.tell(
                .notice("There are no held-out questions, so nothing is proven; name a file of them with --held-out."))
            return Proof(adapter: adapter, results: [])
        }
        return try evaluate(adapter, asking: run.books())
    }

    /// As above, of questions whose documents have been found already.
    @discardableResult
    func evaluate(_ adapter: TrainedAdapter, asking books: [AskedBook]) throws -> Proof {
        let examinations = try [nil, adapter].flatMap { adapter in
            try books.map { try examination($0, of: adapter) }
        }
        try run.models.lending([configuration.model]) { try examine(examinations) }
        for examination in examinations { try examiner(examination).gradeEarlierReplies(to: examination.questions) }
        let proof = Proof(adapter: adapter, results: try examinations.map(result))
        let shown = proof.results.map {
            "\($0.condition.name) \(String(format: "%.0f", 100 * $0.correct.fraction)) %"
        }
        run.tell(.finished(.evaluate, summary: shown.joined(separator: ", ")))
        return proof
    }

    private func examination(_ book: AskedBook, of adapter: TrainedAdapter?) throws -> Examination {
        let condition = EvaluationCondition(subject: adapter?.subject ?? .base, book: book.book)
        let recipe = try run.record(
            EvaluationRecipe(
                model: run.name(ofModelAt: configuration.model), adapter: adapter?.recipeKey ?? .base,
                precision: run.precision,
                systemMessage: configuration.systemMessage,
                seed: adapter == nil ? configuration.seed : configuration.trainingSeed,
                settings: configuration.evaluation, retrieval: book.retrieval),
            .evaluation(of: condition))
        let gradesByWords = try run.record(WholeWordsRecipe(rules: AnswerMatch.version), .gradesByWords)
        return Examination(
            condition: condition, recipe: recipe, gradesByWords: gradesByWords, adapter: adapter,
            questions: book.questions)
    }

    private func examine(_ examinations: [Examination]) throws {
        let total = examinations.reduce(0) { $0 + $1.questions.count }
        let open = try examinations.map(unfinished)
        var done = total - open.joined().reduce(0) { $0 + $1.count }
        run.tell(.started(.evaluate, done: done, total: total))
        for (examination, open) in zip(examinations, open) where !open.isEmpty {
            let examiner = examiner(examination)
            let expert = LocalExpert(
                try run.model(), adapter: try examination.adapter.map(weights),
                batchSize: configuration.generationBatchSize
            )
            for batch in open {
                try run.checkForStop()
                try run.timed(examination.recipe) { try examiner.examine(batch, with: expert) }
                done += batch.count
                run.tell(.advanced(.evaluate, done: done, total: total, detail: examination.condition.name))
            }
        }
    }

    private func examiner(_ examination: Examination) -> Examiner {
        Examiner(
            store: run.store, settings: configuration.evaluation, prompts: configuration.prompts,
            condition: examination.condition, recipe: examination.recipe,
            gradesByWords: examination.gradesByWords, runSeed: configuration.seed)
    }

    /// The batches that are still to be asked.
    private func unfinished(_ examination: Examination) throws -> [[AskedQuestion]] {
        let examiner = examiner(examination)
        return try Examiner.batches(examination.questions, size: configuration.generationBatchSize) {
            try run.store.document($0)?.text.utf8.count ?? 0
        }.filter { try !examiner.isFinished($0) }
    }

    private func weights(of adapter: TrainedAdapter) throws -> LoRAAdapter {
        let base = try run.model()
        return try LoRAAdapter(directory: adapter.directory, base: base).copy(base.decoder.dtype)
    }

    private func result(_ examination: Examination) throws -> Proof.Result {
        let (condition, recipe) = (examination.condition, examination.recipe)
        let replies = try run.store.replies(recipe: recipe, condition: condition)
        func correct(_ grader: ContentKey) throws -> Proportion {
            let grades = try run.store.grades(recipe: grader, replies: recipe, condition: condition)
            return Proportion(correct: replies.count { grades[$0.id]?.verdict == .correct }, total: replies.count)
        }
        var recall: Proportion?
        if case .retrieved = condition.book {
            let own = examination.questions.compactMap { asked in
                asked.question.document.map { asked.documents.contains($0) }
            }
            recall = Proportion(correct: own.count { $0 }, total: own.count)
        }
        return Proof.Result(
            condition: condition, correct: try correct(examination.gradesByWords), substring: try correct(recipe),
            repeating: replies.count { $0.repeatsItself }, recall: recall, recipe: recipe,
            gradesByWords: examination.gradesByWords)
    }
}
