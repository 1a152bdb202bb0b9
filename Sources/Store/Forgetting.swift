// What became of a model's other knowledge: its accuracy on multiple-choice questions before and after, in all and by
// category. Knows choices and right answers, not how the choices were made.

import Algorithms
import Basics
import Foundation
import Lineage
import Statistics

/// Accuracies of the base model and, where there is one, of the distilled one.
public struct Forgetting: Codable, Sendable, Hashable {
    public struct Score: Codable, Sendable, Hashable {
        public var correct: Int
        public var total: Int
        /// Replies that name no option; they count as wrong and are told apart.
        public var unparsed: Int
        /// The share of right ones.
        public var accuracy: Double
        /// Its 95 % interval after Wilson, low and high.
        public var interval: [Double]
    }

    /// Both models on the same questions.
    public struct Row: Codable, Sendable, Hashable {
        /// The category; "all" for all questions.
        public var category: String
        /// The model without the adapter.
        public var base: Score
        /// The model with it.
        public var distilled: Score?
        /// What changed between the two.
        public var change: Change?
    }

    /// The difference between two models on the same questions.
    public struct Change: Codable, Sendable, Hashable {
        /// The distilled model's accuracy less the base model's.
        public var difference: Double
        /// Its 95 % interval after Bonett and Price, low and high.
        public var interval: [Double]
        /// Questions that only the base model has right.
        public var lost: Int
        /// Questions that only the distilled model has right.
        public var gained: Int
        /// McNemar's exact test, two-sided.
        public var pValue: Double

        enum CodingKeys: String, CodingKey {
            case difference, interval, lost, gained
            case pValue = "p_value"
        }
    }

    /// The figures by one measure.
    public struct Measure: Codable, Sendable, Hashable {
        /// "letter", "words" or "reply".
        public var name: String
        public var all: Row
        /// The mean of the categories' accuracies.
        public var baseMean: Double
        public var distilledMean: Double?
        /// Each category, in the order of the file.
        public var categories: [Row]

        enum CodingKeys: String, CodingKey {
            case name, all, categories
            case baseMean = "base_mean_of_categories"
            case distilledMean = "distilled_mean_of_categories"
        }
    }

    /// How many questions were asked.
    public var questions: Int
    /// The figures by each measure.
    public var measures: [Measure]
    /// Seconds of work, over all processes that worked on it.
    public var seconds: Double

    public init(questions: Int, measures: [Measure], seconds: Double) {
        (self.questions, self.measures, self.seconds) = (questions, measures, seconds)
    }

    /// What was measured of an adapter; nil where nothing was.
    public init?(folder: URL, subject: EvaluationCondition.Subject) {
        guard let data = FileManager.default.contents(atPath: Self.file(in: folder, subject: subject).path),
            let measured = try? JSONDecoder().decode(Self.self, from: data)
        else { return nil }
        self = measured
    }

    /// Where a run's folder has the figures of an adapter; those of a comparison lie beside each other.
    public static func file(in folder: URL, subject: EvaluationCondition.Subject) -> URL {
        folder.appending(path: subject == .distilled ? "forgetting.json" : "forgetting/\(subject.name).json")
    }
}

extension Forgetting.Measure {
    /// Figures of the choices of one model, or of two.
    public init(
        _ measure: ChoiceMeasure, _ questions: [MultipleChoiceQuestion], base: [ContentKey: Choice],
        distilled: [ContentKey: Choice]?
    ) {
        let grouped = Dictionary(grouping: questions, by: \.category)
        let order = questions.map(\.category).uniqued()
        let rows = order.map { Forgetting.Row($0, grouped[$0] ?? [], base: base, distilled: distilled) }
        func mean(_ scores: [Forgetting.Score]) -> Double? {
            scores.isEmpty ? nil : scores.reduce(0) { $0 + $1.accuracy } / Double(scores.count)
        }
        self.init(
            name: measure.name, all: Forgetting.Row("all", questions, base: base, distilled: distilled),
            baseMean: mean(rows.map(\.base)) ?? 0, distilledMean: mean(rows.compactMap(\.distilled)), categories: rows)
    }
}

extension Forgetting.Row {
    fileprivate init(
        _ category: String, _ questions: [MultipleChoiceQuestion], base: [ContentKey: Choice],
        distilled: [ContentKey: Choice]?
    ) {
        func right(_ choices: [ContentKey: Choice]) -> [Bool] { questions.map { choices[$0.id]?.option == $0.answer } }
        self.init(
            category: category, base: Forgetting.Score(questions, base),
            distilled: distilled.map { Forgetting.Score(questions, $0) },
            change: distilled.map { Forgetting.Change(PairedProportions(right(base), right($0))) })
    }
}

extension Forgetting.Score {
    fileprivate init(_ questions: [MultipleChoiceQuestion], _ choices: [ContentKey: Choice]) {
        let correct = questions.count { choices[$0.id]?.option == $0.answer }
        let proportion = Proportion(correct: correct, total: questions.count)
        self.init(
            correct: correct, total: questions.count,
            unparsed: questions.count { choices[$0.id].map { $0.option == nil } ?? false },
            accuracy: proportion.fraction, interval: proportion.interval.bounds)
    }
}

extension Forgetting.Change {
    fileprivate init(_ paired: PairedProportions) {
        self.init(
            difference: paired.difference, interval: paired.interval.bounds,
            lost: paired.onlyFirst, gained: paired.onlySecond, pValue: paired.pValue)
    }
}
