// Where an OpenAI-compatible endpoint is and how hard it may be worked. Knows the key's name, never the key.

/// An OpenAI-compatible endpoint: OpenAI itself, vLLM, llama.cpp's server, Ollama, a gateway.
///
/// Safe to store and to print: the key stays in the environment.
public struct EndpointSettings: Codable, Sendable, Hashable {
    /// The address that `/chat/completions` or `/embeddings` follows, `https://api.openai.com/v1` for example.
    public var baseURL: String
    /// The model's name at that endpoint.
    public var model: String
    /// The environment variable that holds the key. Absent or empty is fine for a server that wants none.
    public var apiKeyVariable: String
    /// How many requests may be under way at once.
    public var parallelism: Int
    /// Seconds that one attempt may take, from connecting to the last byte of the reply.
    public var timeoutSeconds: Double
    /// Attempts at one request, the first included, before the endpoint counts as down.
    public var maximumAttempts: Int
    /// What it charges for a million tokens that the model reads, in whatever currency; nil where that is not known.
    public var inputPrice: Double?
    /// What it charges for a million tokens that the model writes.
    public var outputPrice: Double?

    /// Settings; only the address and the model have no default.
    public init(
        baseURL: String, model: String, apiKeyVariable: String = "OPENAI_API_KEY", parallelism: Int = 8,
        timeoutSeconds: Double = 120, maximumAttempts: Int = 6, inputPrice: Double? = nil, outputPrice: Double? = nil
    ) {
        self.baseURL = baseURL
        self.model = model
        self.apiKeyVariable = apiKeyVariable
        self.parallelism = parallelism
        self.timeoutSeconds = timeoutSeconds
        self.maximumAttempts = maximumAttempts
        self.inputPrice = inputPrice
        self.outputPrice = outputPrice
    }

    /// What names the model behind the endpoint: its name and its endpoint.
    public var identity: String { "\(model) at \(baseURL)" }

    /// What so many tokens cost; nil where there is no price.
    public func cost(read: Int, written: Int) -> Double? {
        guard inputPrice != nil || outputPrice != nil else { return nil }
        return ((inputPrice ?? 0) * Double(read) + (outputPrice ?? 0) * Double(written)) / 1_000_000
    }

    /// Reads settings in which everything but the address and the model may be left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            baseURL: try container.decode(String.self, forKey: .baseURL),
            model: try container.decode(String.self, forKey: .model))
        apiKeyVariable = try container.decodeIfPresent(String.self, forKey: .apiKeyVariable) ?? apiKeyVariable
        parallelism = try container.decodeIfPresent(Int.self, forKey: .parallelism) ?? parallelism
        timeoutSeconds = try container.decodeIfPresent(Double.self, forKey: .timeoutSeconds) ?? timeoutSeconds
        maximumAttempts = try container.decodeIfPresent(Int.self, forKey: .maximumAttempts) ?? maximumAttempts
        inputPrice = try container.decodeIfPresent(Double.self, forKey: .inputPrice)
        outputPrice = try container.decodeIfPresent(Double.self, forKey: .outputPrice)
    }
}
