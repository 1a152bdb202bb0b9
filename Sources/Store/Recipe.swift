// What makes a stage's rows: its model, settings and inputs, recorded as canonical JSON and named by their hash. A
// changed setting is another recipe, so its rows are made anew beside the old ones, and going back finds those again.

import Basics
import Foundation
internal import GRDB
import Lineage

/// A recipe as it was recorded.
public struct Recipe: Equatable, Sendable {
    /// Names the rows: the hash of the stage and the settings as the version that recorded it wrote them.
    public let key: ContentKey
    public let stage: StageID
    /// Canonical JSON of a ``StageRecipe``.
    public let settings: String
    /// The recipes whose rows it rests on.
    public let parents: [ParentRole: ContentKey]
    /// When the recipe was first recorded.
    public let createdAt: Date
    /// Seconds of work spent on the recipe's rows, over all processes that worked on them.
    public let seconds: Double

    /// What was recorded; nil where it is of another type or cannot be read.
    public func decoded<Value: StageRecipe>(_ type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(settings.utf8))
    }
}

extension RunStore {
    /// Records what a stage is about to work with, as its latest recipe, and returns the key of its rows.
    ///
    /// The same recipe has the same key always, also where an earlier version recorded it in other words: with settings that
    /// rows do not depend on, say.
    /// - Parameter preferred: the key to take where an earlier version recorded the same under several.
    public func recordRecipe(
        _ recipe: some StageRecipe, stage: StageID, preferring preferred: ContentKey? = nil
    ) throws -> ContentKey {
        let json = try canonicalJSON(recipe, stage)
        let key = try sameRecipe(as: recipe, json, stage, preferred) ?? ContentKey(of: "recipe", stage.rawValue, json)
        try write("Recording the settings of \(stage.rawValue)") { database in
            try database.execute(
                sql: """
                    INSERT INTO recipes(key, stage, settings, createdAt, lastUse)
                    VALUES (?, ?, ?, ?, 1 + (SELECT COALESCE(MAX(lastUse), 0) FROM recipes))
                    ON CONFLICT(key) DO UPDATE SET lastUse = excluded.lastUse
                    """,
                arguments: [key.description, stage.rawValue, json, Date().ISO8601Format()])
            for (role, parent) in recipe.parents {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO recipeParents(recipe, role, parent) VALUES (?, ?, ?)",
                    arguments: [key.description, role.rawValue, parent.description])
            }
        }
        return key
    }

    /// The key under which an earlier version recorded the same.
    private func sameRecipe<Value: StageRecipe>(
        as recipe: Value, _ json: String, _ stage: StageID, _ preferred: ContentKey?
    ) throws -> ContentKey? {
        let same = try recipes(stage: stage).filter { earlier in
            try earlier.settings == json
                || earlier.decoded(Value.self).map { try canonicalJSON($0, stage) == json } ?? false
        }
        return (same.first { $0.key == preferred } ?? same.first { $0.settings == json } ?? same.first)?.key
    }

    /// How a recipe differs from the one that its stage was last used with; empty for a stage's first use.
    ///
    /// Ask before ``recordRecipe(_:stage:)``, which makes it the last one.
    public func changes<Value: StageRecipe>(to recipe: Value, stage: StageID) throws -> [SettingChange] {
        guard let last = try recipes(stage: stage).first?.decoded(Value.self) else { return [] }
        return try recipe.changes(since: last)
    }

    /// All recipes of a stage, or of the run, the most recently used first.
    public func recipes(stage: StageID? = nil) throws -> [Recipe] {
        try recipes(where: "stage = ?1 OR ?1 IS NULL ORDER BY lastUse DESC", stage?.rawValue)
    }

    public func recipe(_ key: ContentKey) throws -> Recipe? {
        try recipes(where: "key = ?", key.description).first
    }

    /// The recipe that another rests on.
    public func parent(_ role: ParentRole, of recipe: Recipe) throws -> Recipe? {
        try recipe.parents[role].flatMap(self.recipe)
    }

    /// Adds to the time spent on a recipe, so that a resumed stage reports all of it.
    public func addSeconds(_ seconds: Double, recipe: ContentKey) throws {
        try write("Recording the time spent") { database in
            try database.execute(
                sql: "UPDATE recipes SET seconds = seconds + ? WHERE key = ?",
                arguments: [seconds, recipe.description])
        }
    }

    private func recipes(where condition: String, _ argument: String?) throws -> [Recipe] {
        try read("Reading the recipes") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT recipes.*, (
                        SELECT json_group_object(role, parent) FROM recipeParents WHERE recipe = recipes.key
                    ) AS parents FROM recipes WHERE \(condition)
                    """, arguments: [argument]
            ).map { row in
                let parents: [String: ContentKey] = try decode(row["parents"])
                return Recipe(
                    key: try key(row["key"]), stage: StageID(rawValue: row["stage"]), settings: row["settings"],
                    parents: Dictionary(
                        uniqueKeysWithValues: parents.compactMap { role, key in
                            ParentRole(rawValue: role).map { ($0, key) }
                        }),
                    createdAt: (try? Date(row["createdAt"] as String, strategy: .iso8601)) ?? .distantPast,
                    seconds: row["seconds"])
            }
        }
    }

    private func canonicalJSON(_ recipe: some StageRecipe, _ stage: StageID) throws -> String {
        do {
            return String(decoding: try recipe.canonicalJSON(), as: UTF8.self)
        } catch EncodingError.invalidValue(let value, let context) {
            let name = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw StoreError.settings(stage: stage.rawValue, reason: "\(name) is \(value)")
        }
    }
}
