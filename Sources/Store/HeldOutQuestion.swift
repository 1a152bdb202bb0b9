// Held-out questions: what the proof is asked. They come with gold answers and never enter training. Knows nothing of
// datasets or graders.

import Basics
import Foundation
internal import GRDB

/// A question with gold answers, kept from training.
public struct HeldOutQuestion: Equatable, Sendable {
    /// Hash of the document, the question and the golds.
    public let id: ContentKey
    /// Its id in the file it came from, or its place there.
    public let name: String
    /// The document that answers it; nil where none is known.
    public let document: ContentKey?
    /// All that the oracle reads, in order: the document, or the several among which its answer is spread.
    public let context: [ContentKey]
    public let question: String
    /// Answers any one of which is right.
    public let golds: [String]
    /// Where it came from, for messages: path and line.
    public let source: String

    /// A held-out question, its id made from the documents, the question and the golds.
    /// - Parameter context: what the oracle reads where that is more than the document.
    public init(
        name: String, document: ContentKey?, context: [ContentKey] = [], question: String, golds: [String],
        source: String
    ) {
        let context = context.isEmpty ? [document].compactMap { $0 } : context
        let documents = [document].compactMap { $0 } + (context.count > 1 ? context : [])
        id = ContentKey(
            of: "heldOut", documents.map(\.description).joined(separator: " "), question,
            golds.map { "\($0.utf8.count):\($0)" }.joined())
        self.name = name
        self.document = document
        self.context = context
        self.question = question
        self.golds = golds
        self.source = source
    }
}

extension RunStore {
    /// Makes `questions`, in their order, the run's held-out questions; each once, however often it is given.
    ///
    /// Earlier ones keep their rows, with all replies to them, and find them again when they come back.
    public func replaceHeldOutQuestions(_ questions: some Sequence<HeldOutQuestion>) throws {
        try write("Recording the held-out questions") { database in
            try database.execute(sql: "UPDATE heldOut SET ordinal = NULL WHERE ordinal IS NOT NULL")
            for (ordinal, question) in questions.enumerated() {
                try insert(question, ordinal: ordinal, in: database)
            }
        }
    }

    /// How many held-out questions the run has.
    public func heldOutCount() throws -> Int {
        try read("Counting the held-out questions") { database in
            try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM heldOut WHERE ordinal IS NOT NULL") ?? 0
        }
    }

    /// The run's held-out questions, in order.
    public func heldOutQuestions(pageSize: Int = 256) -> RowStream<HeldOutQuestion> {
        RowStream(pageSize: pageSize, start: -1) { after, limit in
            try self.read("Reading the held-out questions") { database in
                try Row.fetchAll(
                    database, sql: "SELECT * FROM heldOut WHERE ordinal > ? ORDER BY ordinal LIMIT ?",
                    arguments: [after, limit]
                ).map { ($0["ordinal"], try self.heldOut($0)) }
            }
        }
    }

    private func insert(_ question: HeldOutQuestion, ordinal: Int, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO heldOut(id, name, document, context, question, golds, source, ordinal)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(id) DO UPDATE SET name = excluded.name, source = excluded.source, ordinal = excluded.ordinal
                WHERE ordinal IS NULL
                """
        ).execute(arguments: [
            question.id.description, question.name, question.document?.description, try encode(question.context),
            question.question, try encode(question.golds), question.source, ordinal,
        ])
    }

    private func heldOut(_ row: Row) throws -> HeldOutQuestion {
        let document: String? = row["document"]
        return HeldOutQuestion(
            name: row["name"], document: try document.map(key), context: try decode(row["context"]),
            question: row["question"], golds: try decode(row["golds"]), source: row["source"])
    }
}
