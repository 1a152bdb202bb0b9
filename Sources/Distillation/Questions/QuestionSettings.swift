// What the questions stage can be told.

import Generation

/// Settings of the questions stage. The defaults are the paper's (section 4.1, Appendix A).
public struct QuestionSettings: Codable, Sendable, Hashable {
    /// How questions are asked for.
    public enum Style: String, Codable, Sendable, Hashable, CaseIterable {
        /// Five questions a call about the whole passage, for models that follow instructions.
        case passage
        /// Questions that continue a list of worked examples, one sentence and one beginning ("Who", "Where" …) a call, for
        /// English text and models too small to follow instructions.
        case sentence
    }

    /// How questions are asked for.
    public var style = Style.passage
    /// Questions wanted for each passage, in style `passage`.
    public var perPassage = 30
    /// Calls for each sentence and each of the twelve beginnings of a question, in style `sentence`; with the smallest models
    /// about one call in six gives a question whose answer can be right.
    public var callsPerSentence = 1
    /// Whether there is also a request to finish each sentence before each of its names, numbers and things. English text.
    public var completions = false
    /// How the expert's tokens are drawn.
    public var sampling = SamplingSettings(temperature: 1.5, topK: 50)
    /// The most tokens of one reply.
    public var maximumTokens = 512
    /// How often a call is made before a reply without a usable question counts as failed.
    public var attempts = 3

    /// The paper's settings.
    public init() {}
}
