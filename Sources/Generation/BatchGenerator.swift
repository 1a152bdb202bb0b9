// Answers to many prompts at once. Prompts that begin alike, all of them or neighbours, share that beginning's keys and
// values; rows that finish leave the batch. Knows token ids, not text.
//
// Shape suffixes: B rows still running, N new tokens, d width.

import LanguageModels
import Lineage
import Torch

/// One row to generate.
public struct GenerationRow: Sendable {
    /// All tokens to read before the first is drawn; at least one.
    public var prompt: [Int]
    /// Seed of the row's own randomness.
    public var seed: UInt64

    public init(prompt: [Int], seed: UInt64) {
        self.prompt = prompt
        self.seed = seed
    }
}

/// What a row became.
public struct GeneratedRow {
    /// The tokens drawn, with the stop token that ended the row, if one did.
    public var tokens: [Int]
    /// Whether a stop token ended the row, rather than the limit.
    public var isFinished: Bool
    /// The state [tokens, d] after the final norm from which each token was drawn; nil unless asked for.
    public var hiddenStates: Tensor?
}

/// An end for replies that are to have so many lines.
public struct LineLimit: Sendable {
    /// Tokens that hold a line break.
    public let breaks: Set<Int>
    /// Lines of a row.
    public let lines: Int

    public init(_ lines: Int, breaks: Set<Int>) {
        self.lines = lines
        self.breaks = breaks
    }
}

/// Generates with one model and one set of rules.
public struct BatchGenerator {
    public let decoder: Decoder
    /// Added to the base model, if any; pass one made for inference.
    public let adapter: LoRAAdapter?
    /// How tokens are drawn.
    public let sampler: Sampler
    /// Tokens that end a row.
    public let stopTokens: Set<Int>
    /// The most tokens that a row may grow by.
    public let maximumTokens: Int
    /// Rows of the head that are no tokens, as a mask [V]; nil where all are.
    public let padding_V: Tensor?
    /// Ends a row after so many tokens with a line break; nil never does.
    public let lineLimit: LineLimit?
    /// Rows that are generated at the same time; others wait for a place.
    public let batchSize: Int

    public init(
        decoder: Decoder, adapter: LoRAAdapter? = nil, sampling: SamplingSettings, stopTokens: Set<Int>,
        maximumTokens: Int, padding_V: Tensor? = nil, lineLimit: LineLimit? = nil, batchSize: Int = .max
    ) {
        self.padding_V = padding_V
        self.batchSize = batchSize
        self.decoder = decoder
        self.adapter = adapter
        self.sampler = Sampler(sampling)
        self.stopTokens = stopTokens
        self.maximumTokens = maximumTokens
        self.lineLimit = lineLimit
    }

    /// Generates all rows, as many at a time as the batch holds. What comes out depends on the list of rows alone.
    /// - Parameters:
    ///   - rows: what to read, and each row's seed.
    ///   - keepsHiddenStates: whether to return the states that tokens were drawn from.
    ///   - onTokens: called after every step with each running row's index and new token; returning false ends all rows
    ///     where they are.
    public func generate(
        _ rows: [GenerationRow], keepsHiddenStates: Bool = false,
        onTokens: ([(row: Int, token: Int)]) throws -> Bool = { _ in true }
    ) throws -> [GeneratedRow] {
        guard !rows.isEmpty, maximumTokens > 0 else {
            return rows.map { _ in GeneratedRow(tokens: [], isFinished: false, hiddenStates: nil) }
        }
        try check(length: (rows.map(\.prompt.count).max() ?? 0) + maximumTokens)
        return try noGrad {
            let root = try decoder.sharedPrefix(of: rows.map(\.prompt), adapter: adapter)
            var batch = RunningBatch(rows, generator: self, root: root, keepsHiddenStates: keepsHiddenStates)
            var goesOn = true
            while goesOn, !batch.isEmpty { goesOn = try onTokens(batch.step()) }
            return try batch.results()
        }
    }

    private func check(length: Int) throws(LanguageModelError) {
        let limit = decoder.configuration.maximumPositions
        guard length <= limit else { throw .tooLong(tokens: length, limit: limit) }
    }
}
