// What a comparison of methods has to show, as plain data: who was asked what, what came of it, and what is known besides.
// Its JSON is the report's. Knows nothing of where the figures come from, nor of how they are shown.

import Statistics

/// A comparison of methods on the same held-out questions. All but methods, conditions, questions and evaluations may be
/// empty; what is empty is left out of the page.
public struct ComparisonReport: Codable, Sendable, Hashable {
    /// One line that says what is compared.
    public var title: String
    /// What was done to the model, in the order of the tables: the base model first, where there is one.
    public var methods: [Name]
    /// What the model has before it beside the question, in the order of the tables.
    public var conditions: [Name]
    /// Who graded; the first is the one that is shown first.
    public var graders: [String]
    public var questions: [Question]
    /// What was said, one element a method, condition and seed.
    public var evaluations: [Evaluation]
    /// Shares of right answers with intervals.
    public var accuracies: [Accuracy]
    /// Every two methods and conditions, on the questions that both were asked.
    public var differences: [PairedDifference]
    public var curves: [Curve] = []
    /// Accuracy over one parameter.
    public var sweeps: [Sweep] = []
    /// Which sentences of the documents the training questions reach.
    public var coverage: [Coverage] = []
    /// Accuracy on what has nothing to do with the documents, before and after.
    public var forgetting: [Forgetting] = []
    /// How often the right document was retrieved.
    public var recall: [Recall] = []
    /// What the methods were trained on.
    public var trainingData: [TrainingDataSize] = []
    /// Where the time went.
    public var stages: [StageTime] = []

    /// A comparison, its accuracies and differences computed from the grades.
    /// - Parameter graders: who graded, the most telling first.
    public init(
        title: String, methods: [Name], conditions: [Name], graders: [String], questions: [Question],
        evaluations: [Evaluation]
    ) {
        precondition(evaluations.allSatisfy { $0.replies.count == questions.count }, "a reply or nil to every question")
        self.title = title
        self.methods = methods
        self.conditions = conditions
        self.graders = graders
        self.questions = questions
        self.evaluations = evaluations
        let figures = Figures(
            methods: methods.map(\.name), conditions: conditions.map(\.name), graders: graders, questions: questions,
            evaluations: evaluations)
        accuracies = figures.accuracies()
        differences = figures.differences()
    }
}

/// A value and how sure one can be of it.
public struct Estimate: Codable, Sendable, Hashable {
    public var value: Double
    /// Lower end of its 95 % interval, where one is known.
    public var low: Double?
    public var high: Double?

    /// A value with its interval.
    public init(_ value: Double, low: Double? = nil, high: Double? = nil) {
        (self.value, self.low, self.high) = (value, low, high)
    }

    /// A share with Wilson's interval.
    init(of share: Proportion) {
        self.init(share.fraction, low: share.interval.lowerBound, high: share.interval.upperBound)
    }
}

extension ComparisonReport {
    /// A method or a condition as it is called.
    public struct Name: Codable, Sendable, Hashable {
        /// What other parts of the report call it.
        public var name: String
        public var label: String

        /// A name; without a label, the known ones have one.
        public init(_ name: String, label: String? = nil) {
            self.name = name
            self.label = label ?? Self.known[name] ?? name
        }

        private static let known = [
            "base": "Base", "distilled": "Distilled", "sft": "SFT", "sft-distractors": "SFT with distractors",
            "uft": "UFT", "pd": "Prompt distillation", "pd-regularised": "Prompt distillation, regularised",
            "closed_book": "Closed book", "oracle": "With its document", "bm25": "BM25", "embeddings": "Embeddings",
            "endpoint": "Embeddings of an endpoint", "bm25_teacher": "BM25, teacher’s words",
            "embeddings_teacher": "Embeddings, teacher’s words",
            "endpoint_teacher": "Embeddings of an endpoint, teacher’s words",
        ]
    }

    public struct Question: Codable, Sendable, Hashable {
        /// What it is called in its file.
        public var id: String
        public var text: String
        /// Answers any one of which is right.
        public var golds: [String]
        /// The document that answers it, as people call it.
        public var document: String?
        /// The data set that it is from, where there are several.
        public var dataset: String?

        public init(id: String, text: String, golds: [String], document: String? = nil, dataset: String? = nil) {
            (self.id, self.text, self.golds) = (id, text, golds)
            (self.document, self.dataset) = (document, dataset)
        }
    }

    /// What was said to a question.
    public struct Reply: Codable, Sendable, Hashable {
        public var text: String
        /// What each grader made of them, by the grader's name.
        public var outcomes: [String: Verdict]
        /// The graders' reasons, where they gave any.
        public var reasoning: [String: String]?
        /// Whether it says one thing over and over until its limit; nil where it does not.
        public var repeats: Bool?

        public init(
            _ text: String, outcomes: [String: Verdict], reasoning: [String: String]? = nil, repeats: Bool? = nil
        ) {
            (self.text, self.outcomes, self.reasoning, self.repeats) = (text, outcomes, reasoning, repeats)
        }
    }

    /// The replies of one method under one condition with one seed.
    public struct Evaluation: Codable, Sendable, Hashable {
        public var method: String
        public var condition: String
        /// The seed of the method's training and sampling.
        public var seed: UInt64
        /// One for each question of the report, in their order; nil where it was not asked.
        public var replies: [Reply?]

        /// The replies of one method under one condition with one seed.
        public init(method: String, condition: String, seed: UInt64, replies: [Reply?]) {
            (self.method, self.condition, self.seed, self.replies) = (method, condition, seed, replies)
        }
    }

    /// A share of right answers.
    public struct Accuracy: Codable, Sendable, Hashable {
        public var method: String
        public var condition: String
        public var grader: String
        /// The data set; nil for all questions.
        public var dataset: String?
        /// From 0 to 1. One seed: the interval is Wilson's. Several: the mean ± 2 standard errors over seeds, as in the
        /// paper's tables.
        public var share: Estimate
        /// The shares of the single seeds, in the order of the evaluations.
        public var ofSeeds: [Double]
        /// Questions with a grade, of the seed that has most.
        public var questions: Int
        /// Replies of all seeds whose grade could not be read.
        public var unparsed: Int
        /// Replies of all seeds that say one thing over and over until their limit; graded by what they say.
        public var repeating: Int
        /// Mean words of a reply. The more a model says, the likelier a gold answer is somewhere in it: a substring match of
        /// long replies is not that of short ones.
        public var words: Double
    }

    /// A method under a condition.
    public struct Entry: Codable, Sendable, Hashable {
        public var method: String
        public var condition: String

        /// A method under a condition.
        public init(method: String, condition: String) { (self.method, self.condition) = (method, condition) }
    }

    /// How much more one method answers under one condition than another under another, question by question.
    public struct PairedDifference: Codable, Sendable, Hashable {
        public var first: Entry
        /// What it is compared with.
        public var second: Entry
        public var grader: String
        /// Mean over questions of first minus second, from -1 to 1, each the share of its seeds that were right; the
        /// interval is that of the paired bootstrap over questions.
        public var difference: Estimate
        /// The share of resamples in which the first was not better; near 0 where it surely is.
        public var shareNotBetter: Double
        /// Questions that both were asked.
        public var questions: Int
    }
}
