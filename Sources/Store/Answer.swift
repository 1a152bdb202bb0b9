// Answers to training questions as token ids, and where the teacher's targets for them lie. Knows nothing of
// tokenizers, models, or what is in a shard.

import Basics
import Foundation
internal import GRDB

/// One sampled answer to a training question.
public struct Answer: Equatable, Sendable {
    /// Hash of the question, the recipe and the sample's number.
    public let id: ContentKey
    /// The question that it answers.
    public let question: ContentKey
    /// The recipe that made it.
    public let recipe: ContentKey
    /// Which of the recipe's answers to the question this is, from 0.
    public let sample: Int
    /// Its token ids; decoding and encoding again would not give them back.
    public let tokens: [Int32]
    /// What the tokens say.
    public let text: String
    /// Whether it ended by itself; if so the last token is the end of the turn. False for one cut at the limit.
    public let isFinished: Bool
    /// The seed it was sampled with, where there was one.
    public let seed: UInt64?
    public let origin: Origin

    /// An answer, its id made from the question, the recipe and the sample's number.
    public init(
        question: ContentKey, recipe: ContentKey, sample: Int = 0, tokens: [Int32], text: String, isFinished: Bool,
        seed: UInt64?, origin: Origin = .generated
    ) {
        id = Self.id(question: question, recipe: recipe, sample: sample)
        self.question = question
        self.recipe = recipe
        self.sample = sample
        self.tokens = tokens
        self.text = text
        self.isFinished = isFinished
        self.seed = seed
        self.origin = origin
    }

    /// The id that an answer will have: known before it is made, so that its seed can be taken from it.
    public static func id(question: ContentKey, recipe: ContentKey, sample: Int) -> ContentKey {
        ContentKey(of: "answer", question.description, recipe.description, String(sample))
    }
}

/// Where a teacher's targets for one answer lie.
public struct TeacherTarget: Equatable, Sendable {
    /// Rows `row ..< row + count` of a shard in the run's folder, one row a token.
    public struct Place: Equatable, Sendable {
        /// File name of the shard.
        public let shard: String
        public let row: Int
        public let count: Int

        /// A range of rows of a shard.
        public init(shard: String, row: Int, count: Int) {
            (self.shard, self.row, self.count) = (shard, row, count)
        }
    }

    public let answer: ContentKey
    /// The recipe that made the targets: an answer may have targets from several teachers.
    public let recipe: ContentKey
    public let place: Place

    /// Targets of one teacher for one answer.
    public init(answer: ContentKey, recipe: ContentKey, place: Place) {
        (self.answer, self.recipe, self.place) = (answer, recipe, place)
    }
}

/// Sums over a recipe's answers.
public struct AnswerTotals: Equatable, Sendable {
    /// How many there are.
    public let answers: Int
    /// How many of them ended by themselves.
    public let finished: Int
    /// How many tokens they have.
    public let tokens: Int
}

extension RunStore {
    /// The answers with the given ids, in the order of the ids; ids without an answer are left out.
    public func answers(ids: [ContentKey]) throws -> [Answer] {
        let found = try answers(where: "id IN (SELECT value FROM json_each(?))", [try encode(ids)])
        let byID = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        return ids.compactMap { byID[$0] }
    }

    /// A recipe's answers to a question, by sample.
    public func answers(question: ContentKey, recipe: ContentKey) throws -> [Answer] {
        try answers(where: "question = ? AND recipe = ? ORDER BY sample", [question.description, recipe.description])
    }

    /// Sums over a recipe's answers on the documents of the corpus.
    public func answerTotals(recipe: ContentKey) throws -> AnswerTotals {
        try read("Counting the answers") { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT COUNT(*) AS answers, COALESCE(SUM(answers.isFinished), 0) AS finished,
                        COALESCE(SUM(length(answers.tokens) / 4), 0) AS tokens
                    FROM answers
                    JOIN questions ON questions.id = answers.question
                    JOIN documents ON documents.id = questions.document
                    WHERE answers.recipe = ? AND documents.ordinal IS NOT NULL AND \(Self.hasAllDocuments)
                    """,
                arguments: [recipe.description])
            return AnswerTotals(
                answers: row?["answers"] ?? 0, finished: row?["finished"] ?? 0, tokens: row?["tokens"] ?? 0)
        }
    }

    /// Writes an answer unless it is there.
    func insert(_ answer: Answer, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO answers(id, question, recipe, sample, tokens, text, isFinished, seed, origin)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING
                """
        ).execute(arguments: [
            answer.id.description, answer.question.description, answer.recipe.description, answer.sample,
            Self.data(answer.tokens), answer.text, answer.isFinished, answer.seed.map { Int64(bitPattern: $0) },
            answer.origin.rawValue,
        ])
    }

    /// Writes where an answer's targets lie; those of the same teacher replace earlier ones.
    func insert(_ target: TeacherTarget, in database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO teacherTargets(answer, recipe, shard, row, count) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [
            target.answer.description, target.recipe.description, target.place.shard, target.place.row,
            target.place.count,
        ])
    }

    private func answers(where condition: String, _ arguments: StatementArguments) throws -> [Answer] {
        try read("Reading answers") { database in
            try Row.fetchAll(database, sql: "SELECT * FROM answers WHERE \(condition)", arguments: arguments)
                .map { row in
                    let seed: Int64? = row["seed"]
                    return Answer(
                        question: try key(row["question"]), recipe: try key(row["recipe"]), sample: row["sample"],
                        tokens: Self.tokens(row["tokens"]), text: row["text"], isFinished: row["isFinished"],
                        seed: seed.map { UInt64(bitPattern: $0) }, origin: try origin(row["origin"]))
                }
        }
    }

    /// Token ids as bytes, 32 bits each, little-endian.
    private static func data(_ tokens: [Int32]) -> Data {
        tokens.map(\.littleEndian).withUnsafeBytes { Data($0) }
    }

    /// Token ids out of bytes.
    static func tokens(_ data: Data) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: data.count / 4) { buffer, count in
            count = data.copyBytes(to: buffer) / 4
        }.map(Int32.init(littleEndian:))
    }
}
