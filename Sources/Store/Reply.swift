// What models said to the held-out questions, and what graders made of it. A reply is made once and may be graded by
// many. Knows nothing of how either is done.

import Basics
import Foundation
internal import GRDB
import Lineage
import Statistics

/// A model's reply to a held-out question.
public struct Reply: Equatable, Sendable {
    /// Hash of the question, the recipe and the condition.
    public let id: ContentKey
    public let heldOut: ContentKey
    /// The recipe that made it: model, adapter, sampling.
    public let recipe: ContentKey
    public let condition: EvaluationCondition
    /// What the model said.
    public let text: String
    /// How many tokens that took.
    public let tokenCount: Int
    /// Whether it ended by itself; false for one cut at the limit.
    public let isFinished: Bool
    /// The documents that the model had before it, in order.
    public let context: [ContentKey]

    /// Whether it says one thing over and over until its limit.
    public var repeatsItself: Bool { !isFinished && text.endsInRepetition }

    /// A reply, its id made from the question, the recipe and the condition.
    public init(
        heldOut: ContentKey, recipe: ContentKey, condition: EvaluationCondition, text: String, tokenCount: Int,
        isFinished: Bool,
        context: [ContentKey] = []
    ) {
        id = Self.id(heldOut: heldOut, recipe: recipe, condition: condition)
        self.heldOut = heldOut
        self.recipe = recipe
        self.condition = condition
        self.text = text
        self.tokenCount = tokenCount
        self.isFinished = isFinished
        self.context = context
    }

    /// The id that a reply will have: known before it is made, so that its seed can be taken from it.
    public static func id(heldOut: ContentKey, recipe: ContentKey, condition: EvaluationCondition) -> ContentKey {
        ContentKey(of: "reply", heldOut.description, recipe.description, condition.name)
    }
}

/// What a grader said of a reply.
public struct Grade: Equatable, Sendable {
    public let reply: ContentKey
    /// The recipe of the grading; grading again under the same recipe replaces the grade.
    public let recipe: ContentKey
    /// Who graded, for tables: "substring", a model's name, a person's.
    public let grader: String
    public let verdict: Verdict
    /// The grader's reasons, where it gave any.
    public let reasoning: String?

    public init(reply: ContentKey, recipe: ContentKey, grader: String, verdict: Verdict, reasoning: String? = nil) {
        self.reply = reply
        self.recipe = recipe
        self.grader = grader
        self.verdict = verdict
        self.reasoning = reasoning
    }
}

extension RunStore {
    /// A recipe's replies under a condition to the run's held-out questions, in their order.
    public func replies(recipe: ContentKey, condition: EvaluationCondition) throws -> [Reply] {
        try read("Reading the replies") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT replies.* FROM replies JOIN heldOut ON heldOut.id = replies.heldOut
                    WHERE replies.recipe = ? AND condition = ? AND ordinal IS NOT NULL ORDER BY ordinal
                    """,
                arguments: [recipe.description, condition.name]
            ).map { row in
                Reply(
                    heldOut: try key(row["heldOut"]), recipe: try key(row["recipe"]), condition: condition,
                    text: row["text"], tokenCount: row["tokenCount"], isFinished: row["isFinished"],
                    context: try decode(row["context"]))
            }
        }
    }

    /// The conditions that a recipe has replies under.
    public func conditions(recipe: ContentKey) throws -> [EvaluationCondition] {
        try read("Reading the conditions") { database in
            try String.fetchAll(
                database, sql: "SELECT DISTINCT condition FROM replies WHERE recipe = ? ORDER BY condition",
                arguments: [recipe.description]
            ).map { name in
                guard let condition = EvaluationCondition(name: name) else {
                    throw StoreError.damaged(
                        file: Self.file(in: directory).path, reason: "\"\(name)\" is not a condition")
                }
                return condition
            }
        }
    }

    /// The grades that a grading recipe gave to a recipe's replies under a condition, by reply.
    public func grades(recipe: ContentKey, replies: ContentKey, condition: EvaluationCondition) throws -> [ContentKey:
        Grade]
    {
        try read("Reading the grades") { database in
            let grades = try Row.fetchAll(
                database,
                sql: """
                    SELECT grades.* FROM replies JOIN grades ON grades.reply = replies.id
                    WHERE replies.recipe = ? AND condition = ? AND grades.recipe = ?
                    """,
                arguments: [replies.description, condition.name, recipe.description]
            ).map(grade)
            return Dictionary(grades.map { ($0.reply, $0) }) { first, _ in first }
        }
    }

    /// Whether there is a reply with an id, from whichever recipe.
    public func hasReply(_ id: ContentKey) throws -> Bool {
        try read("Looking for a reply") { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM replies WHERE id = ?)", arguments: [id.description])
                ?? false
        }
    }

    /// Writes grades, all or nothing, each in place of an earlier one of the same recipe.
    public func record(_ grades: [Grade]) throws {
        try write("Recording the grades") { database in
            for grade in grades { try insert(grade, in: database) }
        }
    }

    /// Writes a reply unless it is there.
    func insert(_ reply: Reply, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO replies(id, heldOut, recipe, condition, text, tokenCount, isFinished, context)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING
                """
        ).execute(arguments: [
            reply.id.description, reply.heldOut.description, reply.recipe.description, reply.condition.name, reply.text,
            reply.tokenCount, reply.isFinished, try encode(reply.context),
        ])
    }

    /// Writes a grade in place of an earlier one of the same recipe.
    func insert(_ grade: Grade, in database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO grades(reply, recipe, grader, verdict, reasoning) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [
            grade.reply.description, grade.recipe.description, grade.grader, grade.verdict.rawValue, grade.reasoning,
        ])
    }

    private func grade(_ row: Row) throws -> Grade {
        let verdict: String = row["verdict"]
        guard let parsed = Verdict(rawValue: verdict) else {
            throw StoreError.damaged(file: Self.file(in: directory).path, reason: "\"\(verdict)\" is not a verdict")
        }
        return Grade(
            reply: try key(row["reply"]), recipe: try key(row["recipe"]), grader: row["grader"], verdict: parsed,
            reasoning: row["reasoning"])
    }
}
