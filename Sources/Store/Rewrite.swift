// Held-out questions of a user's file in an expert's words. Knows nothing of how they come about.

import Basics
internal import GRDB

/// A held-out question that stands alone now.
public struct Rewrite: Equatable, Sendable {
    /// The question as it was.
    public let heldOut: ContentKey
    public let text: String

    public init(heldOut: ContentKey, text: String) { (self.heldOut, self.text) = (heldOut, text) }
}

extension RunStore {
    /// What a recipe has rewritten, by the question as it was.
    public func rewrites(recipe: ContentKey) throws -> [ContentKey: String] {
        try read("Reading rewritten questions") { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT heldOut, text FROM rewrites WHERE recipe = ?", arguments: [recipe.description])
            return Dictionary(try rows.map { (try key($0["heldOut"]), $0["text"]) }) { first, _ in first }
        }
    }

    /// Writes a rewritten question unless it is there.
    func insert(_ rewrite: Rewrite, recipe: ContentKey, in database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO rewrites(recipe, heldOut, text) VALUES (?, ?, ?) ON CONFLICT(recipe, heldOut) DO NOTHING"
        ).execute(arguments: [recipe.description, rewrite.heldOut.description, rewrite.text])
    }
}
