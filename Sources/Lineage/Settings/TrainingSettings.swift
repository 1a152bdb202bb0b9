// The settings of the training.

/// What the student learns.
public enum TrainingObjective: String, SettingChoice {
    /// The distribution of the teacher, which has the document before it, over its answers: prompt distillation.
    case distillation
    /// The answers' tokens: supervised fine-tuning, the paper's SFT.
    case fineTuning = "fine_tuning"
    /// The documents' own tokens, in overlapping chunks, without questions: the paper's UFT.
    case documentFineTuning = "document_fine_tuning"

    /// Whether there must be questions and answers to learn from.
    public var needsAnswers: Bool { self != .documentFineTuning }
}

/// How far the student's distribution is from the teacher's.
public enum DivergenceKind: String, SettingChoice {
    /// KL(teacher ‖ student), the paper's.
    case forward
    /// KL(student ‖ teacher).
    case reverse
    /// The generalised Jensen–Shannon divergence between the two.
    case jensenShannon = "jensen_shannon"
}

/// The defaults are the paper's (section 4.1) for models of a few billion parameters.
public struct TrainingSettings: SettingsSection {
    public var objective = TrainingObjective.distillation
    public var divergence = DivergenceKind.forward
    public var jensenShannonBeta = 0.5
    public var chunkTokens = 256
    public var chunkOverlap = 64
    public var distractors: Int?
    public var documentOmission: Double?
    public var startingAdapter = ""
    public var rank = 1024
    public var alpha: Double?
    public var targets: [Projection] = Projection.allCases
    public var epochs = 1
    public var batchSize = 4
    public var maximumTokensPerPass = 8192
    public var recomputesLayers = false
    public var learningRate = 1e-5
    public var warmupFraction = 0.03
    public var warmupSteps: Int?
    public var weightDecay = 0.1
    public var clipNorm = 1.0
    public var temperature = 2.0
    /// What is kept for validation follows the run's seed, so that trainings with several seeds are validated on the same
    /// samples.
    public var seed: UInt64?
    public var validationFraction = 0.02
    /// The questions for a number are among those for any larger one (the paper's sweep over the number of questions).
    public var questionsPerDocument: Int?
    public var snapshotSeconds: [Double]?
    public var checkpointSeconds = 120.0

    // Divergence and temperature are also those of instructions, which any objective can have beside it.
    public static let settings: [Setting<Self>] = [
        Setting(\.objective, "Learn the teacher's distribution, the answers' tokens, or the documents' own tokens."),
        Setting(\.divergence, "From teacher to student: forward or reverse KL, or Jensen–Shannon between them."),
        Setting(
            \.jensenShannonBeta, "β of the Jensen–Shannon divergence: the teacher's share of the mixture.",
            .within(0.001...0.999), isUsed: { $0.divergence == .jensenShannon }),
        Setting(
            \.chunkTokens, "Tokens of a chunk of a document, where documents are learned themselves.", .atLeast(2),
            isUsed: { !$0.objective.needsAnswers }),
        Setting(
            \.chunkOverlap, "Tokens that a chunk shares with the one before it.", .atLeast(0),
            isUsed: { !$0.objective.needsAnswers }),
        Setting(
            \.distractors, "Other documents in the student's prompt beside the question's; the paper's SFT has 2.",
            .atLeast(1), isUsed: \.objective.needsAnswers),
        Setting(
            \.documentOmission, "Share of those prompts that lack the question's own document; 0.4 where not set.",
            .within(0...1), isUsed: { $0.objective.needsAnswers && $0.distractors != nil }),
        // The key of rows holds what is in it, not where it is: see TrainingRecipe.
        .path(
            \.startingAdapter, "An adapter to go on from, in PEFT's format and of this rank; a fresh one where empty.",
            rows: .never),
        Setting(\.rank, "Rank of the LoRA adapter.", .atLeast(1)),
        Setting(\.alpha, "LoRA's α; twice the rank where not set.", .positive),
        Setting(\.targets, "Projections that carry an adapter."),
        Setting(\.epochs, "Passes over all training samples.", .atLeast(1)),
        Setting(\.batchSize, "Samples per optimizer step.", .atLeast(1)),
        // The parts' gradients are added in another order, which shows in their last bits.
        Setting(\.maximumTokensPerPass, "The most tokens in one forward pass; larger batches are split.", .atLeast(1)),
        Setting(\.recomputesLayers, "Recompute layers for the gradient: less memory, a third more time.", rows: .never),
        Setting(\.learningRate, "The highest learning rate.", .positive),
        Setting(
            \.warmupFraction, "Share of all steps over which the learning rate rises; it then falls linearly to 0.",
            .within(0...1), isUsed: { $0.warmupSteps == nil }),
        Setting(\.warmupSteps, "Steps over which the learning rate rises, instead of a share of them.", .atLeast(0)),
        Setting(\.weightDecay, "AdamW's decoupled weight decay.", .within(0...1e6)),
        Setting(\.clipNorm, "Gradients are scaled down to this norm.", .positive),
        Setting(\.temperature, "T of the distillation loss, for teacher and student alike.", .positive),
        Setting(\.seed, "Seed of the first weights and of the samples' order; the run's where not set.", rows: .never),
        Setting(\.validationFraction, "Share of the questions that are kept for validation.", .within(0...0.9)),
        Setting(
            \.questionsPerDocument, "The most questions of a document to train on.",
            .atLeast(1), isUsed: \.objective.needsAnswers),
        Setting(\.snapshotSeconds, "Seconds of training after which a copy is kept.", .within(0...1e9), rows: .never),
        Setting(\.checkpointSeconds, "Seconds between checkpoints.", .within(0...1e9), rows: .never),
    ]

    public init() {}

    public func check() throws(ConfigurationError) {
        guard chunkOverlap < chunkTokens else {
            throw invalid(\.chunkOverlap, "less than chunkTokens, \(chunkTokens)")
        }
        guard !targets.isEmpty else { throw invalid(\.targets, "at least one projection") }
        guard !objective.needsAnswers else { return }
        let reason = "left out where objective is document_fine_tuning, which learns no answers"
        if questionsPerDocument != nil { throw invalid(\.questionsPerDocument, reason) }
        if distractors != nil { throw invalid(\.distractors, reason) }
    }

    /// How many of a training's steps the learning rate rises over.
    public func warmupSteps(of total: Int) -> Int {
        min(total, warmupSteps ?? Int((warmupFraction * Double(total)).rounded()))
    }
}
