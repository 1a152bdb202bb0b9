// The settings of the measure of forgetting: which questions, how many of them, and how a model's choice is read.

public struct ForgettingSettings: SettingsSection {
    public enum Method: String, SettingChoice {
        /// The option whose letter is likeliest as the first token of the reply.
        case likelihood
        /// The option that the reply names.
        case generation
        case both
    }

    public var questions = ""
    public var limit: Int?
    public var by = Method.likelihood
    public var words = false
    public var stepByStep = false
    public var maximumTokens = 32

    public static let settings: [Setting<Self>] = [
        .path(\.questions, "A file of multiple-choice questions, as MMLU and MMLU-Pro have them."),
        Setting(\.limit, "How many to ask, taken from all categories in turn; all where not set.", .atLeast(1)),
        Setting(\.by, "Whether a choice is the likeliest letter, the letter that a reply names, or both are asked."),
        Setting(
            \.words, "Also by the likelihood of the options' words, for models too small to know what options are."),
        Setting(\.stepByStep, "Have replies think aloud before they name a letter."),
        Setting(\.maximumTokens, "The most tokens of a reply; at least 512 where it thinks aloud.", .atLeast(1)),
    ]

    public init() {}

    /// The measures that are asked for.
    public var measures: [ChoiceMeasure] {
        var measures: [ChoiceMeasure] = []
        if by != .generation { measures.append(.letter) }
        if words { measures.append(.words) }
        if by != .likelihood {
            measures.append(
                .reply(stepByStep: stepByStep, maximumTokens: stepByStep ? max(512, maximumTokens) : maximumTokens))
        }
        return measures
    }
}

/// One way of reading a model's choice.
public enum ChoiceMeasure: Sendable, Hashable {
    /// The likeliest letter after the question and its options.
    case letter
    /// The option with the likeliest words, per token, after the bare question.
    case words
    /// The letter that a greedy reply names.
    case reply(stepByStep: Bool, maximumTokens: Int)

    /// "letter", "words" or "reply": its name in the store and in figures.
    public var name: String {
        switch self {
        case .letter: "letter"
        case .words: "words"
        case .reply: "reply"
        }
    }
}
