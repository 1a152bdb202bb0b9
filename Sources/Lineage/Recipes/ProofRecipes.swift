// What replies, choices and grades depend on.

import Basics

/// Names an adapter in a recipe: by its training, or as it was at a mark of that training's clock.
public struct AdapterKey: Codable, Sendable, Hashable {
    /// nil for the base model.
    public let key: ContentKey?
    /// The training; nil in a recipe that was read, whose parents name it.
    fileprivate let training: ContentKey?

    public static let base = AdapterKey(key: nil, training: nil)

    /// - Parameter key: the training's own for the adapter that it ended with.
    public init(_ key: ContentKey, training: ContentKey) { self.init(key: key, training: training) }

    private init(key: ContentKey?, training: ContentKey?) { (self.key, self.training) = (key, training) }

    /// A key's digits, or nothing for the base model.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let isBase = try container.decode(String.self).isEmpty
        self.init(key: isBase ? nil : try container.decode(ContentKey.self), training: nil)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(key?.description ?? "")
    }

    fileprivate var parents: [ParentRole: ContentKey] { training.map { [.training: $0] } ?? [:] }
}

/// Replies to the held-out questions under one condition.
public struct EvaluationRecipe: StageRecipe {
    public static let section = "evaluation"
    public static let sections: Set<String> = ["retrieval"]
    public static let inputs: Set<String> = ["adapter", "grader"]

    /// What the documents that are read with a question depend on.
    public struct Retrieval: Codable, Sendable, Hashable {
        public let retriever: String
        public let topK: Int
        /// nil for the paper's, which was the only one.
        public let prompt: RetrievalPrompt?
        /// Names the documents among which it searches.
        public let corpus: ContentKey

        public init(retriever: String, topK: Int, prompt: RetrievalPrompt, corpus: ContentKey) {
            (self.retriever, self.topK, self.corpus) = (retriever, topK, corpus)
            self.prompt = prompt == .passages ? nil : prompt
        }
    }

    public let model: String
    public let adapter: AdapterKey
    public let precision: String
    public let systemMessage: String
    public let seed: UInt64
    public let settings: RowSettings<EvaluationSettings>
    /// nil where nothing is retrieved.
    public let retrieval: Retrieval?
    /// Grades every reply as it is made. Its grades are filed under this recipe, those by whole words under their own.
    public let grader: String

    public init(
        model: String, adapter: AdapterKey, precision: String, systemMessage: String, seed: UInt64,
        settings: EvaluationSettings, retrieval: Retrieval?
    ) {
        (self.model, self.adapter, self.precision) = (model, adapter, precision)
        (self.systemMessage, self.seed, self.settings) = (systemMessage, seed, RowSettings(settings))
        (self.retrieval, grader) = (retrieval, GraderName.substring)
    }

    public var parents: [ParentRole: ContentKey] { adapter.parents }
}

/// Choices among the options of multiple-choice questions, by one measure.
public struct ForgettingRecipe: StageRecipe {
    public static let section = "forgetting"
    public static let inputs: Set<String> = ["adapter"]

    public let model: String
    public let adapter: AdapterKey
    public let precision: String
    public let systemMessage: String
    /// Of replies; nil where likelihoods are compared.
    public let stepByStep: Bool?
    public let maximumTokens: Int?

    public init(
        model: String, adapter: AdapterKey, precision: String, systemMessage: String, measure: ChoiceMeasure
    ) {
        (self.model, self.adapter) = (model, adapter)
        (self.precision, self.systemMessage) = (precision, systemMessage)
        if case .reply(let thinks, let limit) = measure {
            (stepByStep, maximumTokens) = (thinks, limit)
        } else {
            (stepByStep, maximumTokens) = (nil, nil)
        }
    }

    public var parents: [ParentRole: ContentKey] { adapter.parents }
}

/// A judge's grades. The replies are not among it: each is named by its own recipe.
public struct JudgeRecipe: StageRecipe {
    public static let section = "judge"
    public static let ofRun: Set<String> = ["systemMessage", "seed"]

    /// Names the judge: its weights, or its address and model.
    public let model: String
    /// Empty for an endpoint's.
    public let precision: String
    public let systemMessage: String
    public let seed: UInt64
    public let settings: RowSettings<JudgeSettings>
    public let promptVersion: Int

    public init(
        model: String, precision: String, systemMessage: String, seed: UInt64, settings: JudgeSettings,
        promptVersion: Int
    ) {
        (self.model, self.precision, self.systemMessage) = (model, precision, systemMessage)
        (self.seed, self.settings, self.promptVersion) = (seed, RowSettings(settings), promptVersion)
    }
}

public struct PersonRecipe: StageRecipe {
    public static let section = "grader"

    public let grader: String

    public init(grader: String) { self.grader = grader }
}

/// Grades by whole words, which follow from the replies by the rules alone.
public struct WholeWordsRecipe: StageRecipe {
    public static let section = "grader"
    public static let inputs: Set<String> = ["rules"]

    /// Counts up when the rules change.
    public let rules: Int

    public init(rules: Int) { self.rules = rules }
}

/// Graders that every run knows: those that need no model.
public enum GraderName {
    /// By whole words and whole numbers: the one that counts.
    public static let wholeWords = "whole words"
    /// The paper's (METHOD, Substring match). Runs of versions before whole words have its grades alone.
    public static let substring = "substring"

    /// The graders that need no model, the one that counts first.
    public static let ofText = [wholeWords, substring]
}
