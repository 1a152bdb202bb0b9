// How tokens are drawn from a model's distribution.

/// How a token is drawn from the model's distribution.
public struct SamplingSettings: Sendable, Hashable, Codable {
    /// Divides the logits; 0 takes the likeliest token.
    public var temperature: Double
    /// Only the k likeliest tokens; nil keeps all.
    public var topK: Int?
    /// Only the likeliest tokens that together reach this probability; nil keeps all.
    public var topP: Double?
    /// Only tokens at least this fraction as likely as the likeliest; nil keeps all.
    public var minP: Double?

    /// Settings; the default is plain sampling.
    public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, minP: Double? = nil) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
    }

    /// Takes the likeliest token always.
    public static let greedy = SamplingSettings(temperature: 0)
}
