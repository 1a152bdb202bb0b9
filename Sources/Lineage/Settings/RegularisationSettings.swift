// The settings of regularisation on instruction data.

/// While the student learns, it is held to what the base model says to instructions that have nothing to do with the
/// documents (paper, sections 2.5 and 4.6, Eq. 2). Both are without a document then; divergence and temperature are the
/// training's.
public struct RegularisationSettings: SettingsSection {
    public var share = 0.0
    public var data = ""
    public var limit: Int?
    /// As Table 8 counts them: a reply that goes beyond is cut there, and a conversation that leaves no room for one is left
    /// out.
    public var maximumPromptTokens = 1024
    public var sampling = SamplingSettings(temperature: 1)
    public var maximumTokens = 256

    public static let settings: [Setting<Self>] = [
        Setting(\.share, "Share of each step's samples that are instructions; the paper's is 0.5.", .within(0...0.9)),
        .path(\.data, "Instructions with replies (JSONL or JSON); the program's own where empty."),
        Setting(\.limit, "The most instructions, drawn evenly from the data.", .atLeast(1)),
        Setting(\.maximumPromptTokens, "The most tokens of a sample, conversation and reply together.", .atLeast(2)),
        Setting(\.sampling, "How the base model's own replies are drawn.", isUsed: { $0.data.isEmpty }),
        Setting(\.maximumTokens, "The most tokens of one such reply.", .atLeast(1), isUsed: { $0.data.isEmpty }),
    ]

    public init() {}

    /// Instructions in a full batch; 0 where there is no regularisation.
    public func perStep(batchSize: Int) -> Int { Int((share * Double(batchSize)).rounded()) }

    /// Instructions that a training on so many other samples asks for at most.
    public func wanted(samples: Int, training: TrainingSettings) -> Int {
        let perStep = perStep(batchSize: training.batchSize)
        let others = max(1, training.batchSize - perStep)
        return (samples + others - 1) / others * training.epochs * perStep
    }
}
