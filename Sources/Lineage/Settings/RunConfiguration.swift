// Everything a run can be told, in one value. Reading it from a file is in ConfigurationFile.swift.


/// A run's configuration. Every field has a default but `model`, `documents` and `output`.
public struct RunConfiguration: Codable, Sendable, Hashable {
    /// Sets of defaults.
    public enum Preset: String, Codable, Sendable, Hashable, CaseIterable {
        /// `small` for models of under a billion parameters, else `paper`.
        case auto
        /// The paper's settings, for models of a few billion parameters.
        case paper
        /// For models under a billion parameters: sentence-anchored questions, lower temperatures, a higher learning
        /// rate. Larger models' temperatures are noise at this size.
        case small
    }

    /// The types that weights and activations can have.
    public enum Precision: String, Codable, Sendable, Hashable, CaseIterable {
        /// bfloat16 on a graphics card and where the processor multiplies it in hardware, else float32.
        case auto
        case bfloat16, float32
    }

    /// Where the base model is: a .gguf file or a Hugging Face directory.
    public var model = ""
    /// Where the teacher is, a .gguf file or a Hugging Face directory with the same vocabulary; empty for the base model
    /// without the adapter.
    public var teacher = ""
    /// A document, or a folder of them.
    public var documents = ""
    /// The run's folder.
    public var output = ""
    /// Held-out questions for the proof (JSONL or SQuAD JSON); empty for none.
    public var heldOut = ""
    /// Training questions of the user's own (JSONL), used instead of generated ones; empty for none.
    public var trainingQuestions = ""
    /// Which defaults the settings below start from.
    public var preset = Preset.auto
    /// Everything random follows from it.
    public var seed: UInt64 = 1
    /// Where the model runs: `cpu`, `cuda` for the first graphics card, `cuda:1` for the second.
    public var device = "cpu"
    /// Type of weights and activations.
    public var precision = Precision.auto
    /// Threads of one operation; 0 for one a core.
    public var threads = 0
    /// System message of every prompt; empty leaves the chat template its own.
    public var systemMessage = ""
    /// The most bytes of one document; larger ones are skipped and reported.
    public var maximumDocumentBytes = 10_000_000
    /// Documents of more tokens are cut into passages.
    public var maximumPassageTokens = 2048
    /// Replies that are generated at the same time.
    public var generationBatchSize = 64
    /// What writes questions and answers instead of the base model: an OpenAI-compatible endpoint, or without a base URL the
    /// model on this machine that `expert.model` is the path of. Neither for none.
    public var expert = EndpointSettings(baseURL: "", model: "")
    /// The questions stage.
    public var questions = QuestionSettings()
    /// The answers stage.
    public var answers = AnswerSettings()
    /// The training stage.
    public var training = TrainingSettings()
    /// Which of the answers are trained on.
    public var selection = SelectionSettings()
    /// Regularisation of the training on instruction data.
    public var regularisation = RegularisationSettings()
    /// Answers that the student writes itself while it is trained.
    public var onPolicy = OnPolicySettings()
    /// The evaluation.
    public var evaluation = EvaluationSettings()
    /// Questions that are asked with retrieved documents.
    public var retrieval = RetrievalSettings()
    /// Grading by a language model.
    public var judge = JudgeSettings()
    /// The measure of forgetting.
    public var forgetting = ForgettingSettings()
    /// Methods that are compared.
    public var comparison = ComparisonSettings()

    /// The paper's settings, without a model, documents or output.
    public init() {}

    /// Seed of the adapter's first weights and of the order of the samples.
    public var trainingSeed: UInt64 { training.seed ?? seed }

    /// The defaults of a preset for a model of so many parameters.
    public static func defaults(_ preset: Preset, parameters: Int) -> RunConfiguration {
        switch preset {
        case .paper: .paper
        case .small: .small
        case .auto: parameters < 1_000_000_000 ? .small : .paper
        }
    }

    /// The paper's settings (section 4.1 and METHOD).
    public static var paper: RunConfiguration {
        var configuration = RunConfiguration()
        configuration.preset = .paper
        configuration.systemMessage = "You are a helpful assistant."
        return configuration
    }

    /// For models under a billion parameters.
    public static var small: RunConfiguration {
        var configuration = RunConfiguration()
        configuration.preset = .small
        configuration.generationBatchSize = 128
        configuration.questions.style = .sentence
        configuration.questions.callsPerSentence = 2
        configuration.questions.completions = true
        configuration.questions.sampling = SamplingSettings(temperature: 0.8, minP: 0.1)
        configuration.questions.maximumTokens = 40
        configuration.questions.attempts = 1
        configuration.answers.context = .sentence
        configuration.answers.dropsUnfounded = true
        configuration.answers.sampling = SamplingSettings(temperature: 0.25, topK: 50)
        configuration.answers.maximumTokens = 48
        configuration.training.rank = 64
        configuration.training.learningRate = 1e-3
        configuration.training.batchSize = 8
        configuration.training.epochs = 4
        configuration.training.temperature = 1
        configuration.regularisation.maximumTokens = 96
        configuration.evaluation.sampling = .greedy
        configuration.evaluation.maximumTokens = 96
        return configuration
    }
}
