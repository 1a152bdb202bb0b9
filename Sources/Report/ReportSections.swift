// What a comparison may show besides its answers: each type is a section that is there when it has data.

import Lineage

extension ComparisonReport {
    /// One curve of one training, thinned for showing.
    public struct Curve: Codable, Sendable, Hashable {
        public var method: String
        public var seed: UInt64
        /// Which curve, say "train.loss".
        public var name: String
        /// Optimizer steps, ascending.
        public var steps: [Int]
        /// Seconds of training before each.
        public var seconds: [Double]
        /// The value at each; nil where it was not a finite number.
        public var values: [Double?]

        /// A curve; the three arrays are of one length.
        public init(
            method: String, seed: UInt64, name: String, steps: [Int], seconds: [Double], values: [Double?]
        ) {
            (self.method, self.seed, self.name) = (method, seed, name)
            (self.steps, self.seconds, self.values) = (steps, seconds, values)
        }
    }

    /// Accuracy over one parameter, as in the paper's Figure 6.
    public struct Sweep: Codable, Sendable, Hashable {
        /// One setting of the parameter.
        public struct Point: Codable, Sendable, Hashable {
            public var method: String
            public var condition: String
            /// The data set; nil for all questions.
            public var dataset: String?
            public var parameter: Double
            /// Share of right answers.
            public var share: Estimate

            /// One setting of the parameter.
            public init(
                method: String, condition: String, dataset: String? = nil, parameter: Double, share: Estimate
            ) {
                (self.method, self.condition, self.dataset) = (method, condition, dataset)
                (self.parameter, self.share) = (parameter, share)
            }
        }

        /// What people read on the axis, say "Training questions per test question".
        public var parameter: String
        /// Whether the axis is logarithmic, for a parameter that doubles.
        public var isLogarithmic: Bool
        /// The settings, in any order.
        public var points: [Point]

        /// Accuracy over one parameter.
        public init(parameter: String, isLogarithmic: Bool, points: [Point]) {
            (self.parameter, self.isLogarithmic, self.points) = (parameter, isLogarithmic, points)
        }

        /// A planned sweep with what its points came to.
        init(_ plan: ComparisonPlan.Sweep, accuracies: [Accuracy]) {
            self.init(
                parameter: plan.parameter, isLogarithmic: plan.isLogarithmic,
                points: plan.points.flatMap { point in
                    accuracies.filter { $0.method == point.method }.map {
                        Point(
                            method: plan.method, condition: $0.condition, dataset: $0.dataset, parameter: point.value,
                            share: $0.share)
                    }
                })
        }
    }

    /// How many sentences of the documents have a training question.
    public struct Coverage: Codable, Sendable, Hashable {
        /// The method whose questions these are.
        public var method: String
        /// Sentences of all documents.
        public var sentences: Int
        /// Those that a question reaches.
        public var reached: Int
        /// Some that no question reaches.
        public var examples: [String]

        /// How many sentences have a question.
        public init(method: String, sentences: Int, reached: Int, examples: [String] = []) {
            (self.method, self.sentences, self.reached, self.examples) = (method, sentences, reached, examples)
        }
    }

    /// Accuracy in a category that has nothing to do with the documents.
    public struct Forgetting: Codable, Sendable, Hashable {
        public var method: String
        /// The category, say "college biology".
        public var category: String
        /// Share of right answers of the base model.
        public var before: Estimate
        /// And with the method's adapter.
        public var after: Estimate
        /// Questions of the category.
        public var questions: Int

        /// Accuracy in a category before and after.
        public init(method: String, category: String, before: Estimate, after: Estimate, questions: Int) {
            (self.method, self.category, self.questions) = (method, category, questions)
            (self.before, self.after) = (before, after)
        }
    }

    /// How often a question's own document was among the first k.
    public struct Recall: Codable, Sendable, Hashable {
        /// The retriever, as people read it.
        public var retriever: String
        /// How many documents were taken.
        public var k: Int
        /// From 0 to 1.
        public var share: Estimate

        /// How often a question's own document was among the first k.
        public init(retriever: String, k: Int, share: Estimate) {
            (self.retriever, self.k, self.share) = (retriever, k, share)
        }
    }

    /// How much one training had to learn from.
    public struct TrainingDataSize: Codable, Sendable, Hashable {
        public var method: String
        public var seed: UInt64
        public var documents: Int
        public var questions: Int
        public var answers: Int
        /// Tokens of all answers.
        public var answerTokens: Int
        /// Answers that were trained on: without those that validation, a selection or a number of questions left out. Nil for
        /// trainings of earlier versions, which did not count them.
        public var trainedOn: Int?

        /// How much one training had to learn from.
        public init(
            method: String, seed: UInt64, documents: Int, questions: Int, answers: Int, answerTokens: Int,
            trainedOn: Int? = nil
        ) {
            (self.method, self.seed, self.documents) = (method, seed, documents)
            (self.questions, self.answers, self.answerTokens) = (questions, answers, answerTokens)
            self.trainedOn = trainedOn
        }

        /// The counts, by name.
        var counts: [(name: String, count: Int?)] {
            [
                ("documents", documents), ("questions", questions), ("answers", answers),
                ("answer tokens", answerTokens),
                ("trained on", trainedOn),
            ]
        }
    }

    /// The time that a stage of a run took, over all processes that worked on it.
    public struct StageTime: Codable, Sendable, Hashable {
        public var method: String
        public var seed: UInt64
        /// The stage, as people read it.
        public var stage: String
        /// Seconds.
        public var seconds: Double
        /// Tokens that an endpoint read and wrote for it, where it counts them.
        public var endpointTokens: Int?
        /// What that cost, in the currency of the endpoint's price, where that is known.
        public var cost: Double?

        /// The time that a stage took.
        public init(
            method: String, seed: UInt64, stage: String, seconds: Double, endpointTokens: Int? = nil,
            cost: Double? = nil
        ) {
            (self.method, self.seed, self.stage) = (method, seed, stage)
            (self.seconds, self.endpointTokens, self.cost) = (seconds, endpointTokens, cost)
        }
    }
}
