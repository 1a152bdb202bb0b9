// The settings of the questions stage.

/// The defaults are the paper's (section 4.1, Appendix A).
public struct QuestionSettings: SettingsSection {
    public enum Style: String, SettingChoice {
        /// Five questions a call about the whole passage, for models that follow instructions.
        case passage
        /// Questions that continue a list of worked examples, one sentence and one beginning ("Who", "Where" …) a call, for
        /// English text and models too small to follow instructions.
        case sentence
        /// A question and its answer a call, in the format of models that are trained to write tasks: Bonito and its kin.
        case bonito
    }

    public var style = Style.passage
    public var perPassage = 30
    public var callsPerSentence = 1
    public var completions = false
    public var sampling = SamplingSettings(temperature: 1.5, topK: 50)
    public var maximumTokens = 512
    public var attempts = 3
    public var rewrites = false
    public var keepsPointers = false
    public var language: String?
    public var coverageTarget: Double?
    public var coverageBudget = 50
    public var pairs = 0
    public var leakThreshold = 0.7
    /// Off by default: such a question was written from the document alone, as any user's might be, and to choose training
    /// questions by the held-out ones makes the proof harder than chance would, and the training dependent on what is to
    /// prove it.
    public var dropsLeaks = false

    public static let settings: [Setting<Self>] = [
        Setting(\.style, "About whole passages, about single sentences, or in Bonito's format.", rows: .always),
        Setting(
            \.perPassage, "Questions for each passage, in the styles passage and bonito.", .atLeast(1), rows: .always),
        Setting(
            \.callsPerSentence,
            "Calls for each sentence and beginning of a question, in style sentence.",
            .atLeast(1), rows: .always),
        Setting(
            \.completions, "Also ask to finish sentences before their names, numbers and things (English).",
            rows: .always),
        Setting(\.sampling, "How the expert's tokens are drawn.", rows: .always),
        Setting(\.maximumTokens, "The most tokens of one reply.", .atLeast(1), rows: .always),
        Setting(\.attempts, "Calls before one without a usable question counts as failed.", .atLeast(1), rows: .always),
        Setting(\.rewrites, "Have questions that do not stand alone rewritten by the expert instead of dropping them."),
        Setting(
            \.keepsPointers,
            "Keep questions that point at the text they are made from (\"according to the passage\")."),
        Setting(
            \.language, "The language to ask in, as \"German\" or \"de\"; the documents' own where it is left out.",
            isUsed: { $0.style != .bonito }),
        Setting(\.coverageTarget, "Share of a document's sentences that questions are to reach.", .within(0...1)),
        Setting(
            \.coverageBudget, "The most calls on one document for its coverage.", .atLeast(1),
            isUsed: { $0.coverageTarget != nil }),
        Setting(\.pairs, "Similar documents to pair each with for questions that need both.", .atLeast(0)),
        Setting(
            \.leakThreshold, "Similarity from which a question is too near a held-out one; 1 is word for word.",
            .within(0.5...1), rows: .never),
        Setting(\.dropsLeaks, "Whether training leaves out questions too near a held-out one.", rows: .never),
    ]

    public init() {}

    /// The paper's settings for Bonito (Appendix D).
    public static var bonito: QuestionSettings {
        var settings = QuestionSettings()
        settings.style = .bonito
        settings.sampling = SamplingSettings(temperature: 1.25, topK: 50)
        settings.maximumTokens = 256
        return settings
    }

    public func check() throws(ConfigurationError) {
        guard pairs == 0 || style == .passage else {
            throw invalid(\.pairs, "0 unless style is passage: small models cannot ask about two documents")
        }
        guard !rewrites || style != .bonito else {
            throw invalid(\.rewrites, "false where style is bonito: such a model writes tasks and nothing else")
        }
    }
}
