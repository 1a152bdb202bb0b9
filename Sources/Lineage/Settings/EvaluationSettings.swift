// The settings of the evaluation.

/// The defaults are the paper's (METHOD, Evaluation).
public struct EvaluationSettings: SettingsSection {
    public var sampling = SamplingSettings(temperature: 0.25)
    public var maximumTokens = 500

    public static let settings: [Setting<Self>] = [
        Setting(\.sampling, "How the model's tokens are drawn.", rows: .always),
        Setting(\.maximumTokens, "The most tokens of a reply.", .atLeast(1), rows: .always),
    ]

    public init() {}
}
