// Everything a run can be told, in one value. Reading it from a file is in ConfigurationFile.swift.

/// A run's configuration. Every field has a default but `model`, `documents` and `output`.
public struct RunConfiguration: SettingsSection {
    public enum Preset: String, SettingChoice {
        /// `small` for models of under a billion parameters, else `paper`.
        case auto
        /// The paper's settings, for models of a few billion parameters.
        case paper
        /// For models under a billion parameters: sentence-anchored questions, lower temperatures, a higher learning
        /// rate. Larger models' temperatures are noise at this size.
        case small
    }

    /// The types that weights and activations can have.
    public enum Precision: String, SettingChoice {
        /// bfloat16 on a graphics card and where the processor multiplies it in hardware, else float32.
        case auto
        case bfloat16, float32
    }

    public var model = ""
    public var teacher = ""
    public var documents = ""
    public var output = ""
    public var heldOut = ""
    public var trainingQuestions = ""
    public var preset = Preset.auto
    public var seed: UInt64 = 1
    public var device = "cpu"
    public var precision = Precision.auto
    public var threads = 0
    public var systemMessage = ""
    public var template = TemplateSettings()
    public var maximumDocumentBytes = 10_000_000
    public var maximumPassageTokens = 2048
    public var generationBatchSize = 64
    public var expert = EndpointSettings()
    public var questions = QuestionSettings()
    public var answers = AnswerSettings()
    public var training = TrainingSettings()
    public var selection = SelectionSettings()
    public var regularisation = RegularisationSettings()
    public var onPolicy = OnPolicySettings()
    public var evaluation = EvaluationSettings()
    public var retrieval = RetrievalSettings()
    public var judge = JudgeSettings()
    public var forgetting = ForgettingSettings()
    public var comparison = ComparisonSettings()

    public static let settings: [Setting<Self>] = [
        .path(\.model, "The base model: a .gguf file or a Hugging Face folder."),
        .path(\.teacher, "The teacher, of the same vocabulary; the base model itself where empty."),
        .path(\.documents, "A document, or a folder of them."),
        .path(\.output, "The run's folder."),
        .path(\.heldOut, "Held-out questions for the proof: JSONL, CSV, or JSON of SQuAD or HotpotQA."),
        .path(\.trainingQuestions, "Training questions of your own (JSONL or CSV), used instead of generated ones."),
        Setting(
            \.preset,
            "The defaults that other settings start from; auto is small under a billion parameters, else paper."),
        Setting(\.seed, "Everything random follows from it."),
        Setting(\.device, "Where the model runs: cpu, cuda for the first graphics card, cuda:1 for the second."),
        Setting(
            \.precision, "Type of weights and activations; auto is bfloat16 where the hardware has it, else float32."),
        Setting(\.threads, "Threads of one operation; 0 for one per core.", .atLeast(0)),
        Setting(\.systemMessage, "System message of every prompt; empty leaves the chat template its own."),
        Setting(\.template, "What the chat templates of models on this machine are told."),
        Setting(\.maximumDocumentBytes, "Larger documents are skipped and reported.", .atLeast(1)),
        Setting(
            \.maximumPassageTokens, "Documents of more tokens, or of more than the models read, are cut into passages.",
            .atLeast(64)),
        Setting(\.generationBatchSize, "Replies that are generated at the same time.", .atLeast(1)),
        Setting(
            \.expert, "What writes questions and answers instead of the base model; without baseURL, model is a path."),
        Setting(\.questions, "How questions are written."),
        Setting(\.answers, "How their answers are written."),
        Setting(\.training, "How the adapter learns."),
        Setting(\.selection, "Which of the answers are trained on."),
        Setting(\.regularisation, "Training on instructions beside the answers, against forgetting."),
        Setting(\.onPolicy, "Answers that the student writes itself while it is trained."),
        Setting(\.evaluation, "How held-out questions are asked."),
        Setting(\.retrieval, "Held-out questions with retrieved documents."),
        Setting(\.judge, "Grading by a language model."),
        Setting(\.forgetting, "Multiple-choice questions that have nothing to do with the documents."),
        Setting(\.comparison, "Which methods instill compare trains."),
    ]

    public init() {}

    public func check() throws(ConfigurationError) {
        for field in [\Self.model, \.documents, \.output] where self[keyPath: field].isEmpty { throw missing(field) }
        guard device == "cpu" || device.wholeMatch(of: /cuda(:[0-9]+)?/) != nil else {
            throw invalid(\.device, "cpu, cuda, or cuda: and a card's number, as cuda:1")
        }
        guard selection.by == .none || training.objective.needsAnswers else {
            throw invalid(
                \.selection.by, "none where training.objective is document_fine_tuning, which learns no answers")
        }
        let perStep = regularisation.perStep(batchSize: training.batchSize)
        guard regularisation.share == 0 || (1..<max(1, training.batchSize)).contains(perStep) else {
            throw invalid(
                \.regularisation.share,
                """
                such that of the \(training.batchSize) samples of a batch (training.batchSize) at least one is an \
                instruction and one is not
                """)
        }
        guard onPolicy.share == 0 || training.objective == .distillation else {
            throw invalid(
                \.onPolicy.share, "0 unless training.objective is distillation: answers of the student need a teacher")
        }
        guard onPolicy.share == 0 || !template.thinks else {
            throw invalid(
                \.onPolicy.share, "0 where template.thinks is true: what a student thinks is not to be learned")
        }
        guard !expert.baseURL.isEmpty else { return }
        if expert.model.isEmpty { throw missing(\.expert.model) }
        guard questions.style != .sentence else {
            throw invalid(\.questions.style, "passage or bonito where an endpoint writes the questions")
        }
    }

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
