// The settings of the answers stage.

/// The defaults are the paper's for distillation (section 4.1).
public struct AnswerSettings: SettingsSection {
    public enum Context: String, SettingChoice {
        case document
        /// The title, and the sentence that the question was made from, after worked examples; the whole document for
        /// questions made otherwise. Small models read a sentence much better than a page.
        case sentence
    }

    public var context = Context.document
    /// Small models make up more than half of their answers.
    public var dropsUnfounded = false
    public var stepByStep: Bool?
    public var samples = 1
    public var sampling = SamplingSettings(temperature: 1.5, topK: 50)
    public var maximumTokens = 512

    public static let settings: [Setting<Self>] = [
        Setting(\.context, "What the teacher reads: the document, or the question's sentence.", rows: .always),
        Setting(\.dropsUnfounded, "Drop answers that go beyond the text or miss the expected answer.", rows: .always),
        Setting(\.stepByStep, "Ask for reasoning before the answer, as for the paper's SFT with distractors."),
        Setting(\.samples, "Answers to each question.", .atLeast(1), rows: .always),
        Setting(\.sampling, "How the expert's tokens are drawn.", rows: .always),
        Setting(\.maximumTokens, "The most tokens of one answer.", .atLeast(1), rows: .always),
    ]

    public init() {}

    public func check() throws(ConfigurationError) {
        guard stepByStep != true || (context == .document && !dropsUnfounded) else {
            throw invalid(
                \.stepByStep,
                "left out unless context is document and dropsUnfounded is false: reasoning goes beyond the text")
        }
    }
}
