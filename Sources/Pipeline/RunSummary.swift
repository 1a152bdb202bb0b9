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
        /// As above.
        public var oracleInterval: [Double]?
        /// With what each retriever found, by the retriever's name; nil where none was asked.
        public var retrieved: [String: Retrieved]?

        enum CodingKeys: String, CodingKey {
            case closedBook = "closed_book"
            case oracle, retrieved
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
        /// Writing questions.
        public var questions: Double
        /// Writing answers and teacher targets.
        public var answers: Double
        /// Reading instructions; nil without regularisation.
        public var regularise: Double?
        /// Training.
        public var train: Double
        /// Asking and grading.
        public var evaluate: Double
    }

    /// The model without the adapter.
    public var base: Scores
    /// The model with it.
    public var distilled: Scores
    /// Documents and passages.
    public var documents: Int
    /// Training questions; 0, like the answers, where the documents themselves were trained on.
    public var questions: Int
    /// Training answers.
    public var answers: Int
    /// Tokens of all answers.
    public var answerTokens: Int
    /// What the questions reach; nil where there are none, and in a summary of an earlier version.
    public var coverage: Coverage?
    /// Training questions that are too near a held-out one; nil without either.
    public var leaks: Int?
    /// Held-out questions.
    public var heldOut: Int
    /// Which preset was in force.
    public var preset: RunConfiguration.Preset
    /// Where the time went.
    public var seconds: Seconds

    enum CodingKeys: String, CodingKey {
        case base, distilled, documents, questions, answers, coverage, leaks, preset, seconds
        case answerTokens = "answer_tokens"
        case heldOut = "held_out"
    }
}

extension RunSummary.Scores {
    init(_ subject: EvaluationCondition.Subject, _ proof: Proof) {
        func bounds(_ proportion: Proportion?) -> [Double]? {
            proportion.map { [$0.interval.lowerBound, $0.interval.upperBound] }
        }
        let (closed, own) = (proof.result(subject, .closed)?.correct, proof.result(subject, .oracle)?.correct)
        closedBook = closed?.fraction
        oracle = own?.fraction
        closedBookInterval = bounds(closed)
        oracleInterval = bounds(own)
        for result in proof.results where result.condition.subject == subject {
            guard case .retrieved = result.condition.book, let interval = bounds(result.correct) else { continue }
            retrieved = retrieved ?? [:]
            retrieved?[result.condition.book.name] = RunSummary.Retrieved(
                share: result.correct.fraction, interval: interval, recall: result.recall?.fraction)
        }
    }
}

/// One held-out question with all replies to it; one line of `replies.jsonl`.
private struct ReplyLine: Encodable {
    struct Said: Encodable {
        let reply: String
        let correct: Bool
    }

    let id: String
    let question: String
    let golds: [String]
    var replies: [String: Said]
}

extension Pipeline {
    /// Puts the figures together and writes `summary.json` and `replies.jsonl`.
    /// - Parameter answers: what was trained on; nil where it was the documents themselves.
    public func summarise(_ answers: AnswerSet?, _ proof: Proof) throws -> RunSummary {
        let training = try store.recipes(stage: "training").first
        let evaluations = Set(proof.results.map(\.recipe))
        func seconds(_ key: ContentKey?) throws -> Double { try key.flatMap { try store.recipe($0) }?.seconds ?? 0 }
        let isRegularised = configuration.regularisation.share > 0
        let instructions = isRegularised ? try store.recipes(stage: "regularisation").first : nil
        let corpus = try corpus()
        let checks = try answers.map { try self.checks(of: $0.questions) }
        let summary = RunSummary(
            base: RunSummary.Scores(.base, proof), distilled: RunSummary.Scores(.distilled, proof),
            documents: corpus.documents, questions: answers?.questions.count ?? 0, answers: answers?.count ?? 0,
            answerTokens: answers?.tokens ?? 0,
            coverage: checks.map {
                RunSummary.Coverage(sentences: $0.coverage.sentences, reached: $0.coverage.reached)
            },
            leaks: checks?.leaks, heldOut: corpus.heldOut, preset: configuration.preset,
            seconds: RunSummary.Seconds(
                questions: try seconds(answers?.questions.recipe), answers: try seconds(answers?.recipe),
                regularise: instructions?.seconds, train: try seconds(training?.key),
                evaluate: try evaluations.reduce(0) { try $0 + seconds($1) }))
        let folder = RunFolder(directory)
        try WholeFile.write(json: summary, to: folder.summary.path)
        try WholeFile.write(replies(proof), to: folder.replies.path)
        return summary
    }

    private func replies(_ proof: Proof) throws -> Data {
        var lines: [ContentKey: ReplyLine] = [:]
        var order: [ContentKey] = []
        try store.heldOutQuestions().forEach { question in
            order.append(question.id)
            lines[question.id] = ReplyLine(
                id: question.name, question: question.question, golds: question.golds, replies: [:])
        }
        for result in proof.results {
            let (recipe, condition) = (result.recipe, result.condition.name)
            let grades = try store.grades(recipe: recipe, replies: recipe, condition: condition)
            for reply in try store.replies(recipe: recipe, condition: condition) {
                lines[reply.heldOut]?.replies[condition] = ReplyLine.Said(
                    reply: reply.text, correct: grades[reply.id]?.verdict == .correct)
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try order.compactMap { lines[$0] }.reduce(into: Data()) { data, line in
            data += try encoder.encode(line) + Data("\n".utf8)
        }
    }
}
