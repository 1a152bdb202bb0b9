// Finished pieces of work, written in one transaction with the rows that they made: what is marked finished is there
// whole, what is not marked left nothing behind. Knows nothing of what the work is.

import Basics
import Foundation
internal import GRDB

/// A piece of a stage's work that is finished or not there at all, say the questions on one document.
public struct UnitOfWork: Equatable, Sendable {
    /// The recipe that the work is done under.
    public let recipe: ContentKey
    /// What the work is on, unique within the recipe: a document's id, say.
    public let key: String
    /// What came of it, say `["wanted": 5, "kept": 4, "malformed": 1]`.
    public let counts: [String: Int]

    /// A finished piece of work.
    public init(recipe: ContentKey, key: String, counts: [String: Int] = [:]) {
        (self.recipe, self.key, self.counts) = (recipe, key, counts)
    }
}

/// The rows that a piece of work made.
public struct WorkRows: Sendable {
    public var questions: [Question]
    public var answers: [Answer]
    /// The answers' teacher targets.
    public var targets: [TeacherTarget]
    /// Replies to held-out questions.
    public var replies: [Reply]
    public var grades: [Grade]
    public var choices: [Choice]
    /// Held-out questions in other words.
    public var rewrites: [Rewrite]

    /// Rows; none of a kind that is not named.
    public init(
        questions: [Question] = [], answers: [Answer] = [], targets: [TeacherTarget] = [], replies: [Reply] = [],
        grades: [Grade] = [], choices: [Choice] = [], rewrites: [Rewrite] = []
    ) {
        (self.questions, self.answers, self.targets) = (questions, answers, targets)
        (self.replies, self.grades, self.choices, self.rewrites) = (replies, grades, choices, rewrites)
    }
}

extension RunStore {
    /// Commits a piece of work: its rows, its counts and the mark that it is finished, all or nothing.
    ///
    /// If it is finished already, nothing is written and false is returned: the rows of the first time stand. Rows that
    /// refer to a document, a question or a recipe that is not in the store are refused.
    @discardableResult
    public func finishUnit(
        _ unit: UnitOfWork, questions: [Question] = [], answers: [Answer] = [], targets: [TeacherTarget] = [],
        replies: [Reply] = [], grades: [Grade] = [], choices: [Choice] = [], rewrites: [Rewrite] = []
    ) throws -> Bool {
        let rows = WorkRows(
            questions: questions, answers: answers, targets: targets, replies: replies, grades: grades,
            choices: choices, rewrites: rewrites)
        return try write("Committing work") { try finish(unit, rows, in: $0) }
    }

    /// Commits pieces of work that were done in one batch, all of them or none: results depend on what else is in a batch, in the
    /// last bits, so after a kill the batch must be done again as a whole.
    public func finishUnits(_ work: [(unit: UnitOfWork, rows: WorkRows)]) throws {
        try write("Committing work") { database in
            for (unit, rows) in work { _ = try finish(unit, rows, in: database) }
        }
    }

    private func finish(_ unit: UnitOfWork, _ rows: WorkRows, in database: Database) throws -> Bool {
        try database.cachedStatement(
            sql: "INSERT INTO units(recipe, key, counts) VALUES (?, ?, ?) ON CONFLICT(recipe, key) DO NOTHING"
        ).execute(arguments: [unit.recipe.description, unit.key, try encode(unit.counts)])
        guard database.changesCount == 1 else { return false }
        for row in rows.questions { try insert(row, in: database) }
        for row in rows.answers { try insert(row, in: database) }
        for row in rows.targets { try insert(row, in: database) }
        for row in rows.replies { try insert(row, in: database) }
        for row in rows.grades { try insert(row, in: database) }
        for row in rows.choices { try insert(row, in: database) }
        for row in rows.rewrites { try insert(row, recipe: unit.recipe, in: database) }
        return true
    }

    /// Whether a piece of work is finished.
    public func isFinished(recipe: ContentKey, key: String) throws -> Bool {
        try read("Looking for finished work") { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM units WHERE recipe = ? AND key = ?)",
                arguments: [recipe.description, key]) ?? false
        }
    }

    /// The finished pieces of work of a recipe, by key.
    public func finishedUnits(recipe: ContentKey, pageSize: Int = 1024) -> RowStream<UnitOfWork> {
        RowStream(pageSize: pageSize, start: "") { after, limit in
            try self.read("Reading finished work") { database in
                try Row.fetchAll(
                    database, sql: "SELECT key, counts FROM units WHERE recipe = ? AND key > ? ORDER BY key LIMIT ?",
                    arguments: [recipe.description, after, limit]
                ).map { row in
                    let unit = UnitOfWork(recipe: recipe, key: row["key"], counts: try self.decode(row["counts"]))
                    return (unit.key, unit)
                }
            }
        }
    }

    /// The counts of all finished pieces of work of a recipe, summed by name.
    public func totals(recipe: ContentKey) throws -> [String: Int] {
        try read("Summing finished work") { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT entry.key AS name, SUM(entry.value) AS total
                    FROM units, json_each(units.counts) AS entry WHERE units.recipe = ? GROUP BY entry.key
                    """,
                arguments: [recipe.description])
            return Dictionary(rows.map { ($0["name"], $0["total"]) }) { first, _ in first }
        }
    }
}
