// What the questions stage can be told.


/// Settings of the questions stage. The defaults are the paper's (section 4.1, Appendix A).
public struct QuestionSettings: Sendable, Hashable {
    /// How questions are asked for.
    public enum Style: String, Codable, Sendable, Hashable, CaseIterable {
        /// Five questions a call about the whole passage, for models that follow instructions.
        case passage
        /// Questions that continue a list of worked examples, one sentence and one beginning ("Who", "Where" …) a call, for
        /// English text and models too small to follow instructions.
        case sentence
        /// A question and its answer a call, in the format of models that are trained to write tasks: Bonito and its kin.
        case bonito
    }

    /// How questions are asked for.
    public var style = Style.passage
    /// Questions wanted for each passage, in the styles `passage` and `bonito`.
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
    /// Whether a question that cannot be understood without its text is put to the expert again, to be rewritten so that it
    /// stands alone, instead of being dropped.
    public var rewrites = false
    /// Share of each document's sentences that a question is to reach; while fewer are reached, further questions are asked
    /// about the others. Not set, none are.
    public var coverageTarget: Double?
    /// The most calls on one document for its coverage.
    public var coverageBudget = 50
    /// Other documents, those most akin, that each document is paired with, to ask for questions that need both; in style
    /// `passage`.
    public var pairs = 0
    /// From which similarity on a training question counts as too near a held-out one, from 0.5 to 1 (word for word).
    public var leakThreshold = 0.7
    /// Whether training leaves out questions that are too near a held-out one. They are told of either way. Not by default:
    /// such a question was written from the document alone, as any user's might be, and to choose training questions by the
    /// held-out ones makes the proof harder than chance would, and the training dependent on what is to prove it.
    public var dropsLeaks = false

    /// The paper's settings.
    public init() {}

    /// The paper's settings for Bonito (Appendix D).
    public static var bonito: QuestionSettings {
        var settings = QuestionSettings()
        settings.style = .bonito
        settings.sampling = SamplingSettings(temperature: 1.25, topK: 50)
        settings.maximumTokens = 256
        return settings
    }

    /// The settings that questions are made by: what is found out about them afterwards makes no other questions.
    public var ofMaking: QuestionSettings {
        var settings = self
        let usual = QuestionSettings()
        (settings.leakThreshold, settings.dropsLeaks) = (usual.leakThreshold, usual.dropsLeaks)
        // Without a target there is nothing to spend it on.
        if coverageTarget == nil { settings.coverageBudget = usual.coverageBudget }
        return settings
    }
}
