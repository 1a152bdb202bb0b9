// Which answers are trained on, by what the untrained models make of them.

/// Training on a part of the answers: those that lie in a range of the ranks that a measure gives them (paper, Appendix K).
public struct SelectionSettings: Codable, Sendable, Hashable {
    /// What ranks the answers.
    public enum Measure: String, Codable, Sendable, Hashable, CaseIterable {
        /// Nothing: all answers are trained on.
        case none
        /// KL(teacher ‖ student) before training, the mean over an answer's tokens.
        case initialKL = "initial_kl"
        /// Entropy of the teacher, the mean over an answer's tokens.
        case teacherEntropy = "teacher_entropy"
    }

    /// What ranks the answers.
    public var by = Measure.none
    /// The lowest and the highest share of the ranks, lowest values first, that are trained on: [0.8, 1] is the top quintile.
    public var keep = [0.0, 1.0]
    /// T at which both measures are taken; nil for that of the loss.
    public var temperature: Double?

    /// All answers.
    public init() {}

    /// The places in a ranking of so many that are trained on. Ranges that meet share no place and leave none out.
    public func places(of count: Int) -> Range<Int> {
        let bounds = keep.map { Int(($0 * Double(count)).rounded()) }
        return bounds[0]..<bounds[1]
    }
}
