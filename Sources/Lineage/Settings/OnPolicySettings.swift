// What on-policy distillation can be told.

/// Settings of on-policy distillation.
public struct OnPolicySettings: Codable, Sendable, Hashable {
    /// Share of the answers of each optimizer step that the student writes itself, without the document; 0 for none.
    public var share = 0.0
    /// How the student's tokens are drawn.
    public var sampling = SamplingSettings(temperature: 1)
    /// The most tokens of an answer of the student's; nil means as many as the answers have.
    public var maximumTokens: Int?

    /// None.
    public init() {}
}
