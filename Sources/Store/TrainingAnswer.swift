// Answers as training reads them: all of their keys first, and each one's contents when its turn comes. A million documents
// have some thirty million answers, so that what is kept of each matters. Knows nothing of tokenizers or shards.

import Basics
import Foundation
internal import GRDB

/// What training reads of an answer when its turn comes.
public struct TrainingAnswer: Equatable, Sendable {
    public let answer: ContentKey
    /// The document that the question is on, and the other one of a question that needs two.
    public let document: ContentKey
    public let secondDocument: ContentKey?
    public let question: String
    /// The answer's token ids.
    public let tokens: [Int32]
    /// Where the teacher's targets lie.
    public let target: TeacherTarget.Place
}

extension RunStore {
    /// The keys of a recipe's answers on the documents of the corpus that have targets of one teacher.
    ///
    /// They come in their own order: the same however often the stage that made them was interrupted.
    /// - Parameter excluded: questions whose answers are left out.
    public func trainingKeys(
        recipe: ContentKey, teacher: ContentKey, without excluded: Set<ContentKey> = [], pageSize: Int = 1024
    ) -> RowStream<ContentKey> {
        RowStream(pageSize: pageSize, start: "") { after, limit in
            try self.read("Reading the answers") { database in
                try String.fetchAll(
                    database,
                    sql: """
                        SELECT answers.id FROM answers
                        JOIN questions ON questions.id = answers.question
                        JOIN documents ON documents.id = questions.document
                        JOIN teacherTargets AS targets ON targets.answer = answers.id AND targets.recipe = ?
                        WHERE answers.recipe = ? AND answers.id > ? AND documents.ordinal IS NOT NULL
                        AND \(Self.hasAllDocuments)
                        AND questions.id NOT IN (SELECT value FROM json_each(?))
                        ORDER BY answers.id LIMIT ?
                        """,
                    arguments: [
                        teacher.description, recipe.description, after, try self.encode(excluded.sorted()), limit,
                    ]
                ).map { ($0, try self.key($0)) }
            }
        }
    }

    /// The answers with the given keys, in the order of the keys, with the targets of one teacher; keys without either are
    /// left out.
    public func trainingAnswers(_ keys: [ContentKey], teacher: ContentKey) throws -> [TrainingAnswer] {
        let wanted = try encode(keys)
        let found = try read("Reading answers") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT answers.id, answers.tokens, questions.text, questions.document, questions.secondDocument,
                        targets.shard, targets.row, targets.count
                    FROM json_each(?) AS wanted
                    JOIN answers ON answers.id = wanted.value
                    JOIN questions ON questions.id = answers.question
                    JOIN teacherTargets AS targets ON targets.answer = answers.id AND targets.recipe = ?
                    ORDER BY wanted.key
                    """,
                arguments: [wanted, teacher.description])
        }
        return try found.map { row in
            TrainingAnswer(
                answer: try key(row["id"]), document: try key(row["document"]),
                secondDocument: try (row["secondDocument"] as String?).map(key), question: row["text"],
                tokens: Self.tokens(row["tokens"]),
                target: TeacherTarget.Place(shard: row["shard"], row: row["row"], count: row["count"]))
        }
    }
}
