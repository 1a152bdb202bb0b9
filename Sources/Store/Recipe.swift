// What makes a stage's rows: its model, settings and inputs, recorded as canonical JSON and named by their hash. A
// changed setting is another recipe, so its rows are made anew beside the old ones, and going back finds those again.

import Basics
import Foundation
internal import GRDB

/// The recorded settings of one stage.
public struct Recipe: Equatable, Sendable {
    /// Hash of the stage and the settings.
    public let key: ContentKey
    /// The stage, say "questions". Sweeps and methods may each be a stage of their own.
    public let stage: String
    /// The settings as JSON: keys sorted, no white space.
    public let settings: String
    /// When the recipe was first recorded.
    public let createdAt: Date
    /// Seconds of work spent on the recipe's rows, over all processes that worked on them.
    public let seconds: Double
}

/// A setting that differs from the last use of a stage.
public struct SettingChange: Equatable, Sendable, CustomStringConvertible {
    /// The stage and the path to the setting, say "questions.sampling.temperature".
    public let name: String
    /// The value then, as JSON; nil where there was none.
    public let old: String?
    /// The value now, as JSON; nil where there is none.
    public let new: String?

    /// A change.
    public init(name: String, old: String?, new: String?) {
        (self.name, self.old, self.new) = (name, old, new)
    }

    /// "questions.temperature was 1, is 0.7".
    public var description: String { "\(name) was \(old ?? "not set"), is \(new ?? "not set")" }
}

extension RunStore {
    /// Records what a stage is about to work with, as its latest recipe, and returns its key.
    ///
    /// `settings` holds everything that the stage's rows depend on, the key of the recipe that made its input among
    /// it. It must encode as a JSON object. Recording the same settings again returns the same key.
    public func recordRecipe(stage: String, settings: some Encodable) throws -> ContentKey {
        let json = try canonicalJSON(stage: stage, settings)
        let key = ContentKey(of: "recipe", stage, json)
        try write("Recording the settings of \(stage)") { database in
            try database.execute(
                sql: """
                    INSERT INTO recipes(key, stage, settings, createdAt, lastUse)
                    VALUES (?, ?, ?, ?, 1 + (SELECT COALESCE(MAX(lastUse), 0) FROM recipes))
                    ON CONFLICT(key) DO UPDATE SET lastUse = excluded.lastUse
                    """,
                arguments: [key.description, stage, json, Date().ISO8601Format()])
        }
        return key
    }

    /// How `settings` differ from those that the stage was last used with, by name; empty for a stage's first use.
    ///
    /// Ask before `recordRecipe`, which makes `settings` the last ones.
    public func changes(stage: String, settings: some Encodable) throws -> [SettingChange] {
        let new = try canonicalJSON(stage: stage, settings)
        let last = try read("Reading the settings of \(stage)") { database in
            try String.fetchOne(
                database, sql: "SELECT settings FROM recipes WHERE stage = ? ORDER BY lastUse DESC LIMIT 1",
                arguments: [stage])
        }
        guard let old = last, old != new else { return [] }
        let before = try flattened(old, stage: stage)
        let after = try flattened(new, stage: stage)
        return Set(before.keys).union(after.keys).sorted()
            .filter { before[$0] != after[$0] }
            .map { SettingChange(name: "\(stage).\($0)", old: before[$0], new: after[$0]) }
    }

    /// All recipes of a stage, or of the run, the most recently used first.
    public func recipes(stage: String? = nil) throws -> [Recipe] {
        try read("Reading the recipes") { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM recipes WHERE stage = ?1 OR ?1 IS NULL ORDER BY lastUse DESC",
                arguments: [stage]
            ).map(recipe)
        }
    }

    /// The recipe with a key, or nil.
    public func recipe(_ key: ContentKey) throws -> Recipe? {
        try read("Reading a recipe") { database in
            try Row.fetchOne(database, sql: "SELECT * FROM recipes WHERE key = ?", arguments: [key.description])
                .map(recipe)
        }
    }

    /// Adds to the time spent on a recipe, so that a resumed stage reports all of it.
    public func addSeconds(_ seconds: Double, recipe: ContentKey) throws {
        try write("Recording the time spent") { database in
            try database.execute(
                sql: "UPDATE recipes SET seconds = seconds + ? WHERE key = ?",
                arguments: [seconds, recipe.description])
        }
    }

    private func recipe(_ row: Row) throws -> Recipe {
        Recipe(
            key: try key(row["key"]), stage: row["stage"], settings: row["settings"],
            createdAt: (try? Date(row["createdAt"] as String, strategy: .iso8601)) ?? .distantPast,
            seconds: row["seconds"])
    }

    private func canonicalJSON(stage: String, _ settings: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let json = try encoder.encode(settings)
            guard json.first == UInt8(ascii: "{") else {
                throw StoreError.settings(stage: stage, reason: "they are not a JSON object")
            }
            return String(decoding: json, as: UTF8.self)
        } catch EncodingError.invalidValue(let value, let context) {
            let name = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw StoreError.settings(stage: stage, reason: "\(name) is \(value)")
        }
    }

    /// "a.b" → value as JSON, for every leaf of a JSON object. An array is a leaf.
    private func flattened(_ json: String, stage: String) throws -> [String: String] {
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)).leaves(prefix: "")
        } catch {
            throw StoreError.damaged(file: Self.file(in: directory).path, reason: "settings of \(stage) are not JSON")
        }
    }
}
