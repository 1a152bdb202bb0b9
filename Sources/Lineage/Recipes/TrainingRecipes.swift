// What a training and what it is made from depend on: the answers' measures, instruction samples, the training itself.

import Basics

/// What the untrained models make of answers.
public struct MeasuresRecipe: StageRecipe {
    public static let section = "selection"
    public static let inputs: Set<String> = ["answers"]

    public let answers: ContentKey
    public let model: String
    public let precision: String
    public let temperature: Double

    public init(answers: ContentKey, model: String, precision: String, temperature: Double) {
        (self.answers, self.model) = (answers, model)
        (self.precision, self.temperature) = (precision, temperature)
    }

    public var parents: [ParentRole: ContentKey] { [.answers: answers] }
}

/// Instruction samples, but for the instructions themselves.
public struct InstructionsRecipe: StageRecipe {
    public static let section = "regularisation"

    public let model: String
    public let precision: String
    public let systemMessage: String
    public let maximumPromptTokens: Int
    /// Of the model's own replies; nil where the data have replies.
    public let seed: UInt64?
    public let sampling: SamplingSettings?
    public let maximumTokens: Int?

    public init(
        model: String, precision: String, systemMessage: String, seed: UInt64, settings: RegularisationSettings
    ) {
        let isOwn = settings.data.isEmpty
        (self.model, self.precision, self.systemMessage) = (model, precision, systemMessage)
        maximumPromptTokens = settings.maximumPromptTokens
        self.seed = isOwn ? seed : nil
        sampling = isOwn ? settings.sampling : nil
        maximumTokens = isOwn ? settings.maximumTokens : nil
    }
}

public struct TrainingRecipe: StageRecipe {
    public static let section = "training"
    public static let sections: Set<String> = ["selection", "regularisation", "onPolicy"]
    public static let inputs: Set<String> = ["answers", "data", "regularisation.samples"]

    /// What its unit of work counts: the answers or chunks that were trained on.
    public static let samples = "samples"

    /// The instructions beside the answers.
    public struct Regularisation: Codable, Sendable, Hashable {
        public let share: Double
        /// Names the instruction samples and their order.
        public let samples: ContentKey
    }

    /// What made the answers; nil where the documents themselves are trained on.
    public let answers: ContentKey?
    /// Names the answers or chunks that are trained on: the corpus may have changed under the same recipe.
    public let data: ContentKey
    public let model: String
    public let precision: String
    public let seed: UInt64
    public let settings: RowSettings<TrainingSettings>
    /// Nil where all answers are trained on.
    public let selection: RowSettings<SelectionSettings>?
    /// Nil where the training has no instructions beside the answers.
    public let regularisation: Regularisation?
    /// Nil where the student writes nothing.
    public let onPolicy: RowSettings<OnPolicySettings>?
    /// Names the adapter that it went on from; nil where that was a fresh one.
    public let startingAdapter: String?
    /// What read the instructions; the samples' key stands for it in the training's own. Nil in a recipe that was read, whose
    /// parents name it.
    private var instructions: ContentKey?

    private enum CodingKeys: CodingKey {
        case answers, data, model, precision, seed, settings, selection, regularisation, onPolicy, startingAdapter
    }

    /// - Parameters:
    ///   - instructions: what read them, and what names the samples and their order.
    ///   - startingAdapter: names the numbers in the adapter that the configuration starts from.
    public init(
        answers: ContentKey?, data: ContentKey, model: String, precision: String, configuration: RunConfiguration,
        instructions: (recipe: ContentKey, samples: ContentKey)?, startingAdapter: String? = nil
    ) {
        self.startingAdapter = startingAdapter
        (self.answers, self.data, self.model, self.precision) = (answers, data, model, precision)
        seed = configuration.trainingSeed
        settings = RowSettings(configuration.training)
        selection = configuration.selection.by == .none ? nil : RowSettings(configuration.selection)
        regularisation = instructions.map {
            Regularisation(share: configuration.regularisation.share, samples: $0.samples)
        }
        onPolicy = configuration.onPolicy.share > 0 ? RowSettings(configuration.onPolicy) : nil
        self.instructions = instructions?.recipe
    }

    public var parents: [ParentRole: ContentKey] {
        [ParentRole.answers: answers, .instructions: instructions].compactMapValues { $0 }
    }
}
