// The settings of on-policy distillation.

public struct OnPolicySettings: SettingsSection {
    public var share = 0.0
    public var sampling = SamplingSettings(temperature: 1)
    public var maximumTokens: Int?

    public static let settings: [Setting<Self>] = [
        Setting(\.share, "Share of each step's answers that the student writes itself.", .within(0...1)),
        Setting(\.sampling, "How the student's tokens are drawn.", isUsed: { $0.share > 0 }),
        Setting(
            \.maximumTokens, "The most tokens of the student's answers; as many as the answers have where not set.",
            .atLeast(1), isUsed: { $0.share > 0 }),
    ]

    public init() {}
}
