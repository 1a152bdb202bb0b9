// How models read when a run began: chat template, tokenizer and the rest of what is not weights.

import Foundation
internal import GRDB
import Lineage

extension RunStore {
    /// The parts of a model as they were when this run first met its weights. Of a part that has not been recorded, it is now.
    public func firstParts(of model: ModelIdentity) throws -> [ModelIdentity.Part: String] {
        try write("Recording how a model reads") { database in
            for (part, value) in model.parts {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO modelParts(weights, part, value) VALUES (?, ?, ?)",
                    arguments: [model.weights, part.rawValue, value])
            }
            let rows = try Row.fetchAll(
                database, sql: "SELECT part, value FROM modelParts WHERE weights = ?", arguments: [model.weights])
            return Dictionary(
                uniqueKeysWithValues: rows.compactMap { row in
                    ModelIdentity.Part(rawValue: row["part"]).map { ($0, row["value"]) }
                })
        }
    }

    /// When the run's first stage began; nil before.
    public func beginning() throws -> Date? {
        try recipes().map(\.createdAt).min()
    }
}
