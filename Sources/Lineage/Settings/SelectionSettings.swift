// Which answers are trained on, by what the untrained models make of them.

/// Training on a part of the answers: those that lie in a range of the ranks that a measure gives them (paper, Appendix K).
public struct SelectionSettings: SettingsSection {
    public enum Measure: String, SettingChoice {
        case none
        /// KL(teacher ‖ student) before training, the mean over an answer's tokens.
        case initialKL = "initial_kl"
        /// Entropy of the teacher, the mean over an answer's tokens.
        case teacherEntropy = "teacher_entropy"
    }

    public var by = Measure.none
    public var keep = [0.0, 1.0]
    public var temperature: Double?

    public static let settings: [Setting<Self>] = [
        Setting(\.by, "Ranks the answers by KL(teacher ‖ student) before training or by the teacher's entropy."),
        Setting(
            \.keep, "Shares of the ranks, lowest values first, to train between: [0.8, 1] is the top fifth.",
            isUsed: { $0.by != .none }),
        Setting(
            \.temperature, "T at which answers are measured; the training's where not set.", .positive,
            isUsed: { $0.by != .none }),
    ]

    public init() {}

    public func check() throws(ConfigurationError) {
        guard keep.count == 2, keep[0] >= 0, keep[0] < keep[1], keep[1] <= 1 else {
            throw invalid(\.keep, "two numbers from 0 to 1, the smaller one first, as [0.8, 1] for the top fifth")
        }
    }

    /// The places in a ranking of so many that are trained on. Ranges that meet share no place and leave none out.
    public func places(of count: Int) -> Range<Int> {
        let bounds = keep.map { Int(($0 * Double(count)).rounded()) }
        return bounds[0]..<bounds[1]
    }
}
