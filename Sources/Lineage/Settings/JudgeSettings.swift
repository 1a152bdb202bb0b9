// The settings of grading by a language model, and who the judge is.

public struct JudgeSettings: SettingsSection {
    public var model = base
    public var endpoint = EndpointSettings()
    public var sampling = SamplingSettings.greedy
    public var maximumTokens = 256
    public var attempts = 3
    public var temperatureStep = 0.3

    public static let settings: [Setting<Self>] = [
        Setting(
            \.model, "Who judges: base for the model without adapter, endpoint, or the path of another model.",
            rows: .never, isPath: { ![base, remote].contains($0.model) }),
        Setting(\.endpoint, "The endpoint that judges; the expert's where it has no baseURL.", rows: .never),
        Setting(\.sampling, "How the judge's tokens are drawn at its first attempt.", rows: .always),
        Setting(\.maximumTokens, "The most tokens of a judgement with its reasoning.", .atLeast(1), rows: .always),
        Setting(\.attempts, "Attempts at a grade that can be read.", .atLeast(1), rows: .always),
        Setting(
            \.temperatureStep, "Added to the temperature at each further attempt, lest the same judgement come again.",
            .within(0...10), rows: .always),
    ]

    /// The model without the adapter.
    public static let base = "base"
    /// The endpoint of these settings.
    public static let remote = "endpoint"

    public init() {}

    public func check() throws(ConfigurationError) {
        if model.isEmpty { throw missing(\.model) }
        if !endpoint.baseURL.isEmpty, endpoint.model.isEmpty { throw missing(\.endpoint.model) }
    }
}
