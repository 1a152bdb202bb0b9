// One pass over texts that are already written: the states from which a model would have drawn each of their tokens.
// Knows token ids, not text.
//
// Shape suffixes: N tokens in all, d width.

import LanguageModels
import Torch

/// A text to read: what comes before, and the tokens whose states are wanted.
public struct ForcedRow: Sendable {
    /// All tokens before the continuation; at least one.
    public var prompt: [Int]
    /// The tokens that the model is to have said; at least one.
    public var continuation: [Int]

    public init(prompt: [Int], continuation: [Int]) {
        self.prompt = prompt
        self.continuation = continuation
    }
}

extension Decoder {
    /// For every continuation token, the state after the final norm at the position before it, [tokens, d] a row.
    /// What all prompts begin with is read once.
    public func statesBefore(_ rows: [ForcedRow], adapter: LoRAAdapter? = nil) throws -> [Tensor] {
        guard !rows.isEmpty else { return [] }
        let longest = rows.map { $0.prompt.count + $0.continuation.count }.max() ?? 0
        guard longest <= configuration.maximumPositions else {
            throw LanguageModelError.tooLong(tokens: longest, limit: configuration.maximumPositions)
        }
        return try noGrad {
            let prefix = try sharedPrefix(of: rows.map(\.prompt), adapter: adapter)
            let cache = KeyValueCache(after: rows.map { _ in prefix }, for: self)
            // The last token of a continuation predicts nothing that is wanted.
            let own = rows.map { $0.prompt.dropFirst(prefix?.length ?? 0) + $0.continuation.dropLast() }
            let pass = try cache.pass(adding: own.map(\.count))
            let hidden_Nd = try hiddenStates(
                Tensor(own.flatMap { $0 }, device: device), positions_N: pass.positions_N, attention: pass,
                adapter: adapter)
            var end = 0
            return try zip(own, rows).map { tokens, row in
                end += tokens.count
                let count = row.continuation.count
                return try hidden_Nd.narrow(0, start: end - count, length: count).clone()
            }
        }
    }
}
