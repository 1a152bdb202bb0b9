// What questions, answers and what is found out about them depend on.

import Basics

public struct QuestionsRecipe: StageRecipe {
    public static let section = "questions"

    /// Names the expert: its weights, or its address and model.
    public let writer: String
    public let precision: String
    public let systemMessage: String
    public let seed: UInt64
    public let settings: RowSettings<QuestionSettings>
    /// Counts up when the wording of the prompts changes.
    public private(set) var promptVersion = 2

    public init(
        writer: String, precision: String, systemMessage: String, seed: UInt64, settings: QuestionSettings
    ) {
        (self.writer, self.precision, self.systemMessage) = (writer, precision, systemMessage)
        (self.seed, self.settings) = (seed, RowSettings(settings))
    }
}

/// Questions that the user brings. An edited file replaces rows under the same key.
public struct UserQuestionsRecipe: StageRecipe {
    public static let section = "trainingQuestions"

    public let file: String

    public init(file: String) { self.file = file }
}

/// What is found out about questions: which sentences they reach, which are near held-out ones.
public struct QuestionChecksRecipe: StageRecipe {
    public static let section = "questions"
    public static let inputs: Set<String> = ["questions", "data"]

    /// What its unit of work counts: the documents' sentences, and those that a question reaches.
    public static let sentences = "sentences"
    public static let reached = "reached"

    public let questions: ContentKey
    /// Names the rows, which may change under the same recipe.
    public let data: ContentKey
    public let leakThreshold: Double
    public let isSteered: Bool

    public init(questions: ContentKey, data: ContentKey, leakThreshold: Double, isSteered: Bool) {
        (self.questions, self.data) = (questions, data)
        (self.leakThreshold, self.isSteered) = (leakThreshold, isSteered)
    }

    public var parents: [ParentRole: ContentKey] { [.questions: questions] }
}

/// Held-out questions in the expert's words.
public struct HeldOutRewritingRecipe: StageRecipe {
    public static let section = "questions"

    public let writer: String
    public let precision: String
    public let systemMessage: String
    public let seed: UInt64
    public let attempts: Int

    public init(writer: String, precision: String, systemMessage: String, seed: UInt64, attempts: Int) {
        (self.writer, self.precision, self.systemMessage) = (writer, precision, systemMessage)
        (self.seed, self.attempts) = (seed, attempts)
    }
}

/// Answers; the teacher's targets for them share their key.
public struct AnswersRecipe: StageRecipe {
    public static let section = "answers"
    public static let inputs: Set<String> = ["questions"]

    /// What its pieces of work count: replies that said one thing over and over until their limit, which are no answers.
    public static let repeating = "repeats_itself"

    public let questions: ContentKey
    public let writer: String
    /// The fingerprint of the teacher's weights.
    public let teacher: String
    public let precision: String
    public let systemMessage: String
    public let seed: UInt64
    public let settings: RowSettings<AnswerSettings>
    /// Counts up when the wording of the prompts changes.
    public private(set) var promptVersion = 2

    public init(
        questions: ContentKey, writer: String, teacher: String, precision: String, systemMessage: String, seed: UInt64,
        settings: AnswerSettings
    ) {
        (self.questions, self.writer, self.teacher) = (questions, writer, teacher)
        (self.precision, self.systemMessage) = (precision, systemMessage)
        (self.seed, self.settings) = (seed, RowSettings(settings))
    }

    public var parents: [ParentRole: ContentKey] { [.questions: questions] }
}
