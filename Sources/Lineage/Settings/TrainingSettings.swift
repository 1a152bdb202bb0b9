// What a training run can be told.

/// What the student learns.
public enum TrainingObjective: String, Codable, Sendable, Hashable, CaseIterable {
    /// The distribution of the teacher, which has the document before it, over its answers: prompt distillation.
    case distillation
    /// The answers' tokens: supervised fine-tuning, the paper's SFT.
    case fineTuning = "fine_tuning"
    /// The documents' own tokens, in overlapping chunks, without questions: the paper's UFT.
    case documentFineTuning = "document_fine_tuning"

    /// Whether there must be questions and answers to learn from.
    public var needsAnswers: Bool { self != .documentFineTuning }
}

/// How far the student's distribution is from the teacher's, in distillation.
public enum DivergenceKind: String, Codable, Sendable, Hashable, CaseIterable {
    /// KL(teacher ‖ student), the paper's.
    case forward
    /// KL(student ‖ teacher).
    case reverse
    /// The generalised Jensen–Shannon divergence between the two.
    case jensenShannon = "jensen_shannon"
}

/// Settings of distillation training. The defaults are the paper's (section 4.1) for models of a few billion parameters.
public struct TrainingSettings: Codable, Sendable, Hashable {
    /// What the student learns.
    public var objective = TrainingObjective.distillation
    /// How far the student is from its teacher.
    public var divergence = DivergenceKind.forward
    /// β of the Jensen–Shannon divergence: the teacher's share of the mixture, above 0 and below 1.
    public var jensenShannonBeta = 0.5
    /// Tokens of a chunk, where documents are learned themselves (METHOD: UFT).
    public var chunkTokens = 256
    /// Tokens that a chunk shares with the one before it.
    public var chunkOverlap = 64
    /// Other documents of the corpus that stand in the student's prompt beside the question's own, in random order, as passages
    /// that a retriever found; nil for the bare question. The paper's SFT with distractors has 2 (section 4.3, after RAFT).
    public var distractors: Int?
    /// Share of those prompts that lack the question's own document; nil for the paper's 0.4.
    public var documentOmission: Double?
    /// Rank of the LoRA adapter.
    public var rank = 1024
    /// LoRA's α; nil means twice the rank.
    public var alpha: Double?
    /// Projections that carry an adapter.
    public var targets: [Projection] = Projection.allCases
    /// Passes over all training answers.
    public var epochs = 1
    /// Samples an optimizer step.
    public var batchSize = 4
    /// The most tokens in one forward pass; a batch with more is read in parts whose gradients add up.
    public var maximumTokensPerPass = 8192
    /// Keeps each layer's input alone and computes the layer again for its gradient: memory for one layer instead of for all,
    /// for about a third more time. The numbers are the same.
    public var recomputesLayers = false
    /// The highest learning rate.
    public var learningRate = 1e-5
    /// Share of all steps over which the learning rate rises; it then falls linearly to zero.
    public var warmupFraction = 0.03
    /// Steps over which it rises; nil for the share above.
    public var warmupSteps: Int?
    /// AdamW's decoupled weight decay.
    public var weightDecay = 0.1
    /// Gradients are scaled down to this norm.
    public var clipNorm = 1.0
    /// T in the distillation loss, for teacher and student alike.
    public var temperature = 2.0
    /// Seed of the adapter's first weights and of the order of the samples; nil for the run's. What is kept for validation
    /// follows the run's seed, so that trainings with several seeds are validated on the same samples.
    public var seed: UInt64?
    /// Share of the questions that are kept for validation.
    public var validationFraction = 0.02
    /// Trains on the answers to at most so many questions of each document; nil for all. Those for a number are among those for
    /// any larger one (the paper's sweep over the number of questions).
    public var questionsPerDocument: Int?
    /// The adapter is kept as it is at the first step after so many seconds of training, for each of these (the paper's
    /// Appendix H); nil for never.
    public var snapshotSeconds: [Double]?
    /// A checkpoint is written when this many seconds have passed since the last.
    public var checkpointSeconds = 120.0

    /// The paper's settings.
    public init() {}

    /// How many of a training's steps the learning rate rises over.
    public func warmupSteps(of total: Int) -> Int {
        min(total, warmupSteps ?? Int((warmupFraction * Double(total)).rounded()))
    }
}
