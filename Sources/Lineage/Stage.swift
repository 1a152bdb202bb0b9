// What stages are called: to people, and in the store. Knows no stage's work.

/// The stages of a run as people see them, in order.
public enum Stage: String, Sendable, Hashable, CaseIterable, Codable {
    case ingest, questions, answers, regularise, train, evaluate, grade, forgetting
}

/// What the recipes of one kind of rows are filed under in a run's store. The names stand in files: they never change.
public struct StageID: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let questions = StageID(rawValue: "questions")
    public static let userQuestions = StageID(rawValue: "user questions")
    public static let questionChecks = StageID(rawValue: "question checks")
    public static let heldOutRewriting = StageID(rawValue: "held-out rewriting")
    public static let answers = StageID(rawValue: "answers")
    public static let measures = StageID(rawValue: "measures")
    public static let instructions = StageID(rawValue: "regularisation")
    public static let training = StageID(rawValue: "training")
    public static let gradesByWords = StageID(rawValue: "grades by whole words")
    public static let judge = StageID(rawValue: "judge")
    public static let gradesByHand = StageID(rawValue: "grades by hand")

    /// Each retriever's replies are a stage of their own; those without one share theirs.
    public static func evaluation(of condition: EvaluationCondition) -> StageID {
        let evaluation = "evaluation of \(condition.subject.name)"
        guard condition.book.isRetrieved else { return StageID(rawValue: evaluation) }
        return StageID(rawValue: "\(evaluation) with \(condition.book.name)")
    }

    public static func forgetting(of subject: EvaluationCondition.Subject, by measure: ChoiceMeasure) -> StageID {
        StageID(rawValue: "forgetting of \(subject.name) by \(measure.name)")
    }
}
