// What the answers stage can be told.


/// Settings of the answers stage. The defaults are the paper's for distillation (section 4.1).
public struct AnswerSettings: Codable, Sendable, Hashable {
    /// What the teacher has before it.
    public enum Context: String, Codable, Sendable, Hashable, CaseIterable {
        /// The whole document.
        case document
        /// The title, and the sentence that the question was made from, after worked examples; the whole document for
        /// questions made otherwise. Small models read a sentence much better than a page.
        case sentence
    }

    /// What the teacher has before it.
    public var context = Context.document
    /// Whether an answer is dropped that has words of its own, tells nothing, or does not say what the question's writer
    /// expected. Small models make up more than half of their answers.
    public var dropsUnfounded = false
    /// Whether the expert is asked to reason before it answers, as for the paper's SFT with distractors (section 4.3); nil for
    /// the question alone.
    public var stepByStep: Bool?
    /// Answers to each question.
    public var samples = 1
    /// How the expert's tokens are drawn.
    public var sampling = SamplingSettings(temperature: 1.5, topK: 50)
    /// The most tokens of one answer.
    public var maximumTokens = 512

    /// The paper's settings.
    public init() {}
}
