// The figures of a run, for people and for scripts.

import Basics
import Distillation
import Evaluation
import Foundation
import Lineage
import ModelFiles
import Statistics
import Store

/// What a run came to; its JSON is `summary.json`.
public struct RunSummary: Codable, Sendable, Hashable {
    /// Shares of right answers of one model; nil where nothing was asked.
    public struct Scores: Codable, Sendable, Hashable {
        /// From the question alone.
        public var closedBook: Double?
        /// With the question's own document.
        public var oracle: Double?
        /// 95 % intervals of the two, low and high.
        public var closedBookInterval: [Double]?
        public var oracleInterval: [Double]?
        /// With what each retriever found, by the retriever's name; nil where none was asked.
        public var retrieved: [String: Retrieved]?
        /// Shares by the paper's substring, by the condition's name, to be held beside its figures; nil in a summary of a version
        /// that had no other measure.
        public var substring: [String: Double]?
        /// Replies that say one thing over and over until their limit, by the condition's name; nil where there are none.
        public var repeating: [String: Int]?

        enum CodingKeys: String, CodingKey {
            case closedBook = "closed_book"
            case oracle, retrieved, substring, repeating
            case closedBookInterval = "closed_book_interval"
            case oracleInterval = "oracle_interval"
        }
    }

    /// Right answers with retrieved documents.
    public struct Retrieved: Codable, Sendable, Hashable {
        /// Share of right answers.
        public var share: Double
        /// Its 95 % interval, low and high.
        public var interval: [Double]
        /// How often the question's own document was among those that were read.
        public var recall: Double?
    }

    /// What the training questions reach.
    public struct Coverage: Codable, Sendable, Hashable {
        /// Sentences of all documents.
        public var sentences: Int
        /// Those that a question reaches.
        public var reached: Int
    }

    /// Seconds of each stage, over all processes that worked on it.
    public struct Seconds: Codable, Sendable, Hashable {
        public var questions: Double
        /// Writing answers and teacher targets.
        public var answers: Double
        /// Reading instructions; nil without regularisation.
        public var regularise: Double?
        public var train: Double
        public var evaluate: Double
    }

    /// The model without the adapter.
    public var base: Scores
    /// The model with it.
    public var distilled: Scores
    public var documents: Int
    /// Training questions; 0, like the answers, where the documents themselves were trained on.
    public var questions: Int
    public var answers: Int
    /// Tokens of all answers.
    public var answerTokens: Int
    /// Replies that were no answers, since they said one thing over and over until their limit; nil where there were none.
    public var answersRepeating: Int?
    /// What the questions reach; nil where there are none, and in a summary of an earlier version.
    public var coverage: Coverage?
    /// Training questions that are too near a held-out one; nil without either.
    public var leaks: Int?
    public var heldOut: Int
    /// What the shares of right answers are by; nil in a summary of a version whose only measure was the substring.
    public var grader: String?
    /// Which preset was in force.
    public var preset: RunConfiguration.Preset
    /// Where the time went.
    public var seconds: Seconds

    enum CodingKeys: String, CodingKey {
        case base, distilled, documents, questions, answers, coverage, leaks, grader, preset, seconds
        case answerTokens = "answer_tokens"
        case answersRepeating = "answers_repeating"
        case heldOut = "held_out"
    }
}

extension RunSummary.Scores {
    init(_ subject: EvaluationCondition.Subject, _ proof: Proof) {
        let (closed, own) = (proof.result(subject, .closed)?.correct, proof.result(subject, .oracle)?.correct)
        closedBook = closed?.fraction
        oracle = own?.fraction
        closedBookInterval = closed?.interval.bounds
        oracleInterval = own?.interval.bounds
        let asked = proof.results.filter { $0.condition.subject == subject && $0.correct.total > 0 }
        let byBook = Dictionary(asked.map { ($0.condition.book.name, $0) }) { first, _ in first }
        substring = byBook.isEmpty ? nil : byBook.mapValues(\.substring.fraction)
        let loops = byBook.mapValues(\.repeating).filter { $0.value > 0 }
        repeating = loops.isEmpty ? nil : loops
        for result in proof.results where result.condition.subject == subject {
            guard result.condition.book.isRetrieved else { continue }
            retrieved = retrieved ?? [:]
            retrieved?[result.condition.book.name] = RunSummary.Retrieved(
                share: result.correct.fraction, interval: result.correct.interval.bounds,
                recall: result.recall?.fraction)
        }
    }
}
