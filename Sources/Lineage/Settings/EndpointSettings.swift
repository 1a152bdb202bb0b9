// Where an OpenAI-compatible endpoint is and how hard it may be worked. Knows the key's name, never the key.

/// An OpenAI-compatible endpoint: OpenAI itself, vLLM, llama.cpp's server, Ollama, a gateway.
///
/// Safe to store and to print: the key stays in the environment.
public struct EndpointSettings: SettingsSection {
    public var baseURL = ""
    public var model = ""
    public var apiKeyVariable = "OPENAI_API_KEY"
    public var apiKeyHeader = "Authorization"
    public var parallelism = 8
    public var timeoutSeconds = 120.0
    public var maximumAttempts = 6
    public var inputPrice: Double?
    public var outputPrice: Double?

    public static let settings: [Setting<Self>] = [
        Setting(\.baseURL, "The address before /chat/completions or /embeddings: https://api.openai.com/v1."),
        Setting(\.model, "The model's name at the endpoint.", isPath: { $0.baseURL.isEmpty }),
        Setting(\.apiKeyVariable, "The environment variable that holds the API key, if one is needed.", rows: .never),
        Setting(
            \.apiKeyHeader, "The header of the key, api-key for Azure's; Authorization has Bearer before it.",
            rows: .never),
        Setting(\.parallelism, "Requests that may be under way at once.", .atLeast(1), rows: .never),
        Setting(\.timeoutSeconds, "Seconds that one attempt may take.", .within(0...86_400), rows: .never),
        Setting(\.maximumAttempts, "Attempts before the endpoint counts as down.", .atLeast(1), rows: .never),
        Setting(\.inputPrice, "Price of a million tokens read, in any currency.", .within(0...1e9), rows: .never),
        Setting(\.outputPrice, "Price of a million tokens written.", .within(0...1e9), rows: .never),
    ]

    public init() {}

    public init(
        baseURL: String, model: String, apiKeyVariable: String = "OPENAI_API_KEY", parallelism: Int = 8,
        timeoutSeconds: Double = 120, maximumAttempts: Int = 6, inputPrice: Double? = nil, outputPrice: Double? = nil
    ) {
        (self.baseURL, self.model, self.apiKeyVariable) = (baseURL, model, apiKeyVariable)
        (self.parallelism, self.timeoutSeconds) = (parallelism, timeoutSeconds)
        self.maximumAttempts = maximumAttempts
        (self.inputPrice, self.outputPrice) = (inputPrice, outputPrice)
    }

    /// Names the model behind the endpoint.
    public var identity: String { "\(model) at \(baseURL)" }

    /// What so many tokens cost; nil where there is no price.
    public func cost(read: Int, written: Int) -> Double? {
        guard inputPrice != nil || outputPrice != nil else { return nil }
        return ((inputPrice ?? 0) * Double(read) + (outputPrice ?? 0) * Double(written)) / 1_000_000
    }
}
