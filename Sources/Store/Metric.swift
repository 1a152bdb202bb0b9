// Training curves: one number a step and name. Knows nothing of what the numbers mean.

import Basics
internal import GRDB

/// One point of a training curve.
public struct Metric: Equatable, Sendable {
    /// The curve that summaries and a training's clock are read from.
    public static let trainingLoss = "train.loss"

    /// The optimizer step, from 0.
    public let step: Int
    /// Which curve, say "train.learning_rate".
    public let name: String
    /// The value; infinite or not a number where training came to that.
    public let value: Double
    /// Seconds of training before it, over all processes that worked on it.
    public let seconds: Double

    /// A point of a curve.
    public init(step: Int, name: String, value: Double, seconds: Double) {
        (self.step, self.name, self.value, self.seconds) = (step, name, value, seconds)
    }
}

extension RunStore {
    /// Adds points to a training's curves; a step that is trained again after a resume replaces its points.
    public func appendMetrics(_ metrics: [Metric], recipe: ContentKey) throws {
        try write("Recording metrics") { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO metrics(recipe, step, name, value, seconds) VALUES (?, ?, ?, ?, ?)")
            for metric in metrics {
                try statement.execute(arguments: [
                    recipe.description, metric.step, metric.name, metric.value, metric.seconds,
                ])
            }
        }
    }

    /// A training's curves, or the one with a name, by step.
    public func metrics(recipe: ContentKey, name: String? = nil) throws -> [Metric] {
        try read("Reading the metrics") { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM metrics WHERE recipe = ?1 AND (name = ?2 OR ?2 IS NULL) ORDER BY step, name",
                arguments: [recipe.description, name]
            ).map { row in
                // SQLite has no NaN and keeps NULL in its place.
                Metric(step: row["step"], name: row["name"], value: row["value"] ?? .nan, seconds: row["seconds"])
            }
        }
    }
}
