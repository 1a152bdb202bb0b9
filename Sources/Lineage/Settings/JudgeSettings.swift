// What a judge can be told, and who it is.


/// Settings of grading by a language model (METHOD, Judge).
public struct JudgeSettings: Codable, Sendable, Hashable {
    /// Who judges: `base` for the run's own model without the adapter, `endpoint` for the one below, or the path of another
    /// model, a .gguf file or a Hugging Face folder.
    public var model = base
    /// An OpenAI-compatible endpoint that judges; without a base URL it is the run's expert.
    public var endpoint = EndpointSettings(baseURL: "", model: "")
    /// How the judge's tokens are drawn when it is asked first.
    public var sampling = SamplingSettings.greedy
    /// The most tokens of a judgement, its reasoning included.
    public var maximumTokens = 256
    /// How often the judge is asked for a grade that can be read, the first time included.
    public var attempts = 3
    /// What is added to the temperature at each further attempt: at 0, one and the same judgement would come again.
    public var temperatureStep = 0.3

    /// The model without the adapter.
    public static let base = "base"
    /// The endpoint of these settings.
    public static let remote = "endpoint"

    /// The run's own model, asked up to three times.
    public init() {}
}
