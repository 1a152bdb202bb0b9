// The state of a batch while it is generated: which rows still run, what each has said, and the cache they share.
//
// Shape suffixes: B rows still running, N new tokens, d width, V vocabulary.

import LanguageModels
import Torch

struct RunningBatch {
    private let generator: BatchGenerator
    private let keepsHiddenStates: Bool
    private let cache: KeyValueCache
    private var random: [SplitMix64]
    private var tokens: [[Int]]
    private var finished: [Bool]
    /// For each row of the cache, the request that it belongs to; rows that ended stay until the cache is compacted.
    private var requests: [Int]
    /// What each row of the cache reads next.
    private var next: [[Int]]
    /// States of every step, with the request of each row of the state.
    private var states: [(hidden_Bd: Tensor, requests: [Int])] = []

    /// The cache is rebuilt without ended rows once this share of its rows has ended: copying it costs about as much as
    /// a few steps.
    private static let compactionShare = 0.125

    init(
        _ rows: [GenerationRow], generator: BatchGenerator, prefix: SharedPrefix?, keepsHiddenStates: Bool
    ) throws {
        self.generator = generator
        self.keepsHiddenStates = keepsHiddenStates
        let prompts = rows.map { $0.prompt.dropFirst(prefix?.length ?? 0) }
        let stems = Stem.stems(of: prompts)
        cache = KeyValueCache(rows: stems.count, for: generator.decoder, prefix: prefix)
        random = rows.map { SplitMix64(seed: $0.seed) }
        tokens = rows.map { _ in [] }
        finished = rows.map { _ in false }
        requests = Array(rows.indices)
        next = zip(prompts, stems.flatMap { Array(repeating: $0.tokens.count, count: $0.rows) }).map {
            Array($0.dropFirst($1))
        }
        try read(stems)
    }

    /// Reads what neighbouring rows begin with once for all of them.
    private func read(_ stems: [Stem]) throws {
        guard stems.contains(where: { !$0.tokens.isEmpty }) else { return try cache.keep(rows: Stem.owners(stems)) }
        let pass = try cache.pass(adding: stems.map(\.tokens.count))
        _ = try generator.decoder.hiddenStates(
            Tensor(stems.flatMap(\.tokens), device: generator.decoder.device), positions_N: pass.positions_N,
            attention: pass, adapter: generator.adapter)
        try cache.keep(rows: Stem.owners(stems))
    }

    var isEmpty: Bool { running.isEmpty }

    private var running: [Int] { requests.indices.filter { !isDone(requests[$0]) } }

    private func isDone(_ request: Int) -> Bool {
        finished[request] || tokens[request].count >= generator.maximumTokens
    }

    private func hasAllLines(_ request: Int) -> Bool {
        guard let limit = generator.lineLimit, tokens[request].last.map(limit.breaks.contains) == true else {
            return false
        }
        return tokens[request].count(where: limit.breaks.contains) >= limit.lines
    }

    /// Reads what is new in every row and draws each running row's next token.
    mutating func step() throws -> [(row: Int, token: Int)] {
        try compact()
        let hidden_Bd = try readNext()
        let logits_BV = try generator.decoder.logits(hidden_Bd, adapter: generator.adapter)
        let uniforms = requests.map { random[$0].nextUniform() }
        let drawn = try generator.sampler.tokens(logits_BV, uniforms: uniforms)
        if keepsHiddenStates { states.append((hidden_Bd, requests.map { isDone($0) ? -1 : $0 })) }
        var news: [(row: Int, token: Int)] = []
        for (row, token) in drawn.enumerated() {
            let request = requests[row]
            next[row] = [token]
            guard !isDone(request) else { continue }
            tokens[request].append(token)
            finished[request] = generator.stopTokens.contains(token) || hasAllLines(request)
            news.append((request, token))
        }
        return news
    }

    /// One forward pass over the unread tokens; returns the state of each row's last one.
    private func readNext() throws -> Tensor {
        let counts = next.map(\.count)
        let device = generator.decoder.device
        let pass = try cache.pass(adding: counts)
        let hidden_Nd = try generator.decoder.hiddenStates(
            Tensor(next.flatMap { $0 }, device: device), positions_N: pass.positions_N, attention: pass,
            adapter: generator.adapter)
        guard counts.contains(where: { $0 != 1 }) else { return hidden_Nd }
        var last: [Int] = []
        for count in counts { last.append((last.last ?? -1) + count) }
        return try hidden_Nd.indexSelect(0, Tensor(last, device: device))
    }

    private mutating func compact() throws {
        let alive = running
        let ended = requests.count - alive.count
        guard ended > 0, Double(ended) >= RunningBatch.compactionShare * Double(requests.count) else { return }
        try cache.keep(rows: alive)
        requests = alive.map { requests[$0] }
        next = alive.map { next[$0] }
    }

    /// What every request became, in the order in which they came.
    func results() throws -> [GeneratedRow] {
        let hidden = try keepsHiddenStates ? collectStates() : []
        return tokens.indices.map { request in
            GeneratedRow(
                tokens: tokens[request], isFinished: finished[request],
                hiddenStates: hidden.isEmpty ? nil : hidden[request])
        }
    }

    /// Gathers each request's states out of the steps.
    private func collectStates() throws -> [Tensor] {
        guard !states.isEmpty else { return [] }
        let all_Md = try Tensor.concatenate(states.map(\.hidden_Bd), dim: 0)
        var places: [[Int]] = tokens.map { _ in [] }
        var offset = 0
        for state in states {
            for (row, request) in state.requests.enumerated() where request >= 0 {
                places[request].append(offset + row)
            }
            offset += state.requests.count
        }
        return try places.map { try all_Md.indexSelect(0, Tensor($0, device: all_Md.device)) }
    }
}
