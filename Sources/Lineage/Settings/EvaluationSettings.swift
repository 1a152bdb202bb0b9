// What the evaluation can be told.


/// Settings of the evaluation. The defaults are the paper's (METHOD, Evaluation).
public struct EvaluationSettings: Codable, Sendable, Hashable {
    /// How the model's tokens are drawn.
    public var sampling = SamplingSettings(temperature: 0.25)
    /// The most tokens of a reply.
    public var maximumTokens = 500

    /// The paper's settings.
    public init() {}
}
