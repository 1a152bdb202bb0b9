// What the untrained models make of an answer, kept because it costs a forward pass. Knows nothing of how it is measured.

import Basics
internal import GRDB

/// Figures of one answer.
public struct AnswerMeasure: Equatable, Sendable {
    public let answer: ContentKey
    /// KL(teacher ‖ untrained student), the mean over the answer's tokens, in nats.
    public let initialKL: Double
    /// Entropy of the teacher, the mean over the answer's tokens, in nats.
    public let teacherEntropy: Double

    /// Figures of an answer.
    public init(answer: ContentKey, initialKL: Double, teacherEntropy: Double) {
        (self.answer, self.initialKL, self.teacherEntropy) = (answer, initialKL, teacherEntropy)
    }
}

/// What an answer is about.
public struct AnswerSubject: Equatable, Sendable {
    /// The question that it answers.
    public let question: ContentKey
    /// The document that the question is on; of two, the first.
    public let document: ContentKey
}

extension RunStore {
    /// Keeps the measures of a batch of answers, all or none; those that are there already stand.
    public func keepMeasures(_ measures: [AnswerMeasure], recipe: ContentKey) throws {
        try write("Keeping answers' measures") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO measures(answer, recipe, initialKL, teacherEntropy) VALUES (?, ?, ?, ?)
                    ON CONFLICT(answer, recipe) DO NOTHING
                    """)
            for measure in measures {
                try statement.execute(arguments: [
                    measure.answer.description, recipe.description, measure.initialKL, measure.teacherEntropy,
                ])
            }
        }
    }

    /// The measures of answers, in the order of the keys; keys without are left out.
    public func measures(of answers: [ContentKey], recipe: ContentKey) throws -> [AnswerMeasure] {
        let wanted = try encode(answers)
        return try read("Reading answers' measures") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT measures.* FROM json_each(?) AS wanted
                    JOIN measures ON measures.answer = wanted.value AND measures.recipe = ?
                    ORDER BY wanted.key
                    """,
                arguments: [wanted, recipe.description]
            ).map { row in
                AnswerMeasure(
                    answer: try key(row["answer"]), initialKL: row["initialKL"], teacherEntropy: row["teacherEntropy"])
            }
        }
    }

    /// What answers are about, in the order of the keys; keys without an answer are left out.
    public func subjects(of answers: [ContentKey]) throws -> [AnswerSubject] {
        let wanted = try encode(answers)
        return try read("Reading what answers are about") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT questions.id, questions.document FROM json_each(?) AS wanted
                    JOIN answers ON answers.id = wanted.value
                    JOIN questions ON questions.id = answers.question
                    ORDER BY wanted.key
                    """,
                arguments: [wanted]
            ).map { AnswerSubject(question: try key($0["id"]), document: try key($0["document"])) }
        }
    }
}
