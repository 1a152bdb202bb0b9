// How tokens are drawn from a model's distribution.

public struct SamplingSettings: SettingsSection {
    public var temperature = 1.0
    public var topK: Int?
    public var topP: Double?
    public var minP: Double?

    public static let settings: [Setting<Self>] = [
        Setting(\.temperature, "Divides the logits; 0 takes the likeliest token.", .within(0...100), rows: .always),
        Setting(\.topK, "Only the k likeliest tokens can be drawn.", .atLeast(1)),
        Setting(\.topP, "Only the likeliest tokens that together reach this probability.", .within(1e-6...1)),
        Setting(\.minP, "Only tokens at least this fraction as likely as the likeliest.", .within(0...1)),
    ]

    public init() {}

    public init(temperature: Double, topK: Int? = nil, topP: Double? = nil, minP: Double? = nil) {
        (self.temperature, self.topK, self.topP, self.minP) = (temperature, topK, topP, minP)
    }

    public static let greedy = SamplingSettings(temperature: 0)
}
