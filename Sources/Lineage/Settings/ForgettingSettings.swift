// What the measure of forgetting can be told: which questions, how many of them, and how a model's choice is read.

/// Settings of the measure of forgetting.
public struct ForgettingSettings: Codable, Sendable, Hashable {
    /// How a model's choice is read.
    public enum Method: String, Codable, Sendable, Hashable, CaseIterable {
        /// The option whose letter is likeliest as the first token of the reply.
        case likelihood
        /// The option that the reply names.
        case generation
        case both
    }

    /// A file of multiple-choice questions (JSONL or JSON, as MMLU and MMLU-Pro have them); empty for none.
    public var questions = ""
    /// How many of them to ask, taken from all categories in turn; nil for all.
    public var limit: Int?
    /// How a model's choice is read.
    public var by = Method.likelihood
    /// Also by the likelihood of the options' words as the reply to the bare question, which suits models too small to know
    /// what options are.
    public var words = false
    /// Whether replies are to think aloud before they name a letter.
    public var stepByStep = false
    /// The most tokens of a reply; at least 512 where it thinks aloud.
    public var maximumTokens = 32

    /// All questions of no file, by likelihood.
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
