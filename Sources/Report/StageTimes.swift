// What a stage took, from its recipe's row: time, and what an endpoint took for it.

import Foundation
import Store

extension ComparisonReport.StageTime {
    /// What a recipe's rows took.
    /// - Parameter share: of all those rows, the part that is the method's, from 0 to 1.
    /// - Returns: nil where there is no recipe, or nothing was spent on it.
    init?(
        _ recipe: Recipe?, _ store: RunStore, stage: String, method: String, seed: UInt64, share: Double = 1
    ) throws {
        guard let recipe else { return nil }
        let spent = try store.endpointSpending(recipe: recipe.key)
        let tokens = [spent.promptTokens, spent.completionTokens].compactMap(\.self)
        guard recipe.seconds > 0 || !tokens.isEmpty else { return nil }
        self.init(
            method: method, seed: seed, stage: stage, seconds: recipe.seconds * share,
            endpointTokens: tokens.isEmpty ? nil : Int((Double(tokens.reduce(0, +)) * share).rounded()),
            cost: spent.cost.map { $0 * share })
    }
}
