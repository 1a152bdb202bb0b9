// The state of a batch while it is generated: which rows run, what each has said, and the cache they share. Rows that end
// leave, and rows that wait take their places.
//
// Shape suffixes: B rows of one pass, N new tokens, d width, V vocabulary.

import Basics
import LanguageModels
import Torch

struct RunningBatch {
    private let generator: BatchGenerator
    /// What all prompts begin with.
    private let root: SharedPrefix?
    private let keepsHiddenStates: Bool
    private let rows: [GenerationRow]
    /// What neighbouring prompts begin with after that.
    private let stems: [Stem]
    /// For each request, which stem it begins with.
    private let stemOfRequest: [Int]
    /// The shared stem that was read last: its rows may be admitted in several goes.
    private var latest: (stem: Int, prefix: SharedPrefix)?
    /// The first row that has not been admitted yet.
    private var upcoming = 0
    private var cache: KeyValueCache
    private var random: [SplitMix64]
    private var tokens: [[Int]]
    private var finished: [Bool]
    /// For each row of the cache, the request that it belongs to; rows that ended stay until the cache is compacted.
    private var requests: [Int] = []
    /// What each row of the cache reads next.
    private var next: [Int] = []
    /// States of every pass, with the request of each row of the state.
    private var states: [(hidden_Bd: Tensor, requests: [Int])] = []

    /// The cache is rebuilt without ended rows once this share of its rows has ended: copying it costs about as much as
    /// a few steps.
    private static let compactionShare = 0.125
    /// Waiting rows are admitted once this share of the batch is free: a pass over few prompts costs nearly what one over
    /// many does.
    private static let admissionShare = 0.25

    init(
        _ rows: [GenerationRow], generator: BatchGenerator, root: SharedPrefix?, keepsHiddenStates: Bool
    ) {
        self.generator = generator
        self.root = root
        self.keepsHiddenStates = keepsHiddenStates
        self.rows = rows
        stems = Stem.stems(of: rows.map { $0.prompt.dropFirst(root?.length ?? 0) })
        stemOfRequest = stems.enumerated().flatMap { Array(repeating: $0, count: $1.rows) }
        cache = KeyValueCache(after: [], for: generator.decoder)
        random = rows.map { SplitMix64(seed: $0.seed) }
        tokens = rows.map { _ in [] }
        finished = rows.map { _ in false }
    }

    var isEmpty: Bool { upcoming == rows.count && running.isEmpty }

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

    /// One pass: over the prompts of waiting rows where there is room for them, else over the running rows' last tokens.
    /// - Returns: the tokens drawn.
    mutating func step() throws -> [(row: Int, token: Int)] {
        try compact()
        let free = generator.batchSize - requests.count
        let isWorthIt = Double(free) >= RunningBatch.admissionShare * Double(generator.batchSize)
        if upcoming < rows.count, requests.isEmpty || isWorthIt { return try admit(max(free, 1)) }
        let hidden_Bd = try RunningBatch.read(next.map { [$0] }, cache, generator)
        let (drawn, news) = try draw(hidden_Bd, for: requests)
        next = drawn
        return news
    }

    /// Reads the prompts of the next rows into a cache of their own and adds it to the batch's.
    private mutating func admit(_ count: Int) throws -> [(row: Int, token: Int)] {
        let admitted = Array(upcoming..<(upcoming + min(count, rows.count - upcoming)))
        upcoming += admitted.count
        let newcomers = try begin(admitted)
        let rest = admitted.map { request in
            Array(rows[request].prompt.dropFirst((root?.length ?? 0) + stems[stemOfRequest[request]].tokens.count))
        }
        let (drawn, news) = try draw(RunningBatch.read(rest, newcomers, generator), for: admitted)
        if requests.isEmpty { cache = newcomers } else { try cache.append(newcomers) }
        requests += admitted
        next += drawn
        return news
    }

    /// A cache with a row for each of some neighbouring requests, which have read what their prompts begin with.
    private mutating func begin(_ admitted: [Int]) throws -> KeyValueCache {
        guard let first = admitted.first, let last = admitted.last else {
            return KeyValueCache(after: [], for: generator.decoder)
        }
        let begun = stemOfRequest[first]...stemOfRequest[last]
        let cache = KeyValueCache(after: try begun.map { try prefix(ofStem: $0) }, for: generator.decoder)
        let copied = begun.map { stems[$0].isShared ? [] : stems[$0].tokens }
        if copied.contains(where: { !$0.isEmpty }) { _ = try RunningBatch.hiddenStates(copied, cache, generator) }
        try cache.keep(rows: admitted.map { stemOfRequest[$0] - begun.lowerBound })
        return cache
    }

    /// What the rows of a stem share.
    private mutating func prefix(ofStem stem: Int) throws -> SharedPrefix? {
        guard stems[stem].isShared else { return root }
        if let latest, latest.stem == stem { return latest.prefix }
        let prefix = try KeyValueCache.prefix(
            stems[stem].tokens, after: root, decoder: generator.decoder, adapter: generator.adapter)
        latest = (stem, prefix)
        return prefix
    }

    /// Draws the next token of every row of a pass and takes note of those of rows that still run.
    private mutating func draw(
        _ hidden_Bd: Tensor, for requests: [Int]
    ) throws -> (drawn: [Int], news: [(row: Int, token: Int)]) {
        var logits_BV = try generator.decoder.logits(hidden_Bd, adapter: generator.adapter)
        if let padding_V = generator.padding_V { logits_BV = try logits_BV.maskedFill(padding_V, -.infinity) }
        let uniforms = requests.map { random[$0].nextUniform() }
        let drawn = try generator.sampler.tokens(logits_BV, uniforms: uniforms)
        if keepsHiddenStates { states.append((hidden_Bd, requests.map { isDone($0) ? -1 : $0 })) }
        var news: [(row: Int, token: Int)] = []
        for (request, token) in zip(requests, drawn) where !isDone(request) {
            tokens[request].append(token)
            finished[request] = generator.stopTokens.contains(token) || hasAllLines(request)
            news.append((request, token))
        }
        return (drawn, news)
    }

    private mutating func compact() throws {
        let alive = running
        let ended = requests.count - alive.count
        guard ended > 0, Double(ended) >= RunningBatch.compactionShare * Double(requests.count) else { return }
        try cache.keep(rows: alive)
        requests = alive.map { requests[$0] }
        next = alive.map { next[$0] }
    }

    /// One forward pass over new tokens of each row; returns the state of each row's last one.
    private static func read(
        _ tokens: [[Int]], _ cache: KeyValueCache, _ generator: BatchGenerator
    ) throws -> Tensor {
        let hidden_Nd = try hiddenStates(tokens, cache, generator)
        guard tokens.contains(where: { $0.count != 1 }) else { return hidden_Nd }
        var last: [Int] = []
        for row in tokens { last.append((last.last ?? -1) + row.count) }
        return try hidden_Nd.indexSelect(0, Tensor(last, device: generator.decoder.device))
    }

    private static func hiddenStates(
        _ tokens: [[Int]], _ cache: KeyValueCache, _ generator: BatchGenerator
    ) throws -> Tensor {
        let pass = try cache.pass(adding: tokens.map(\.count))
        return try generator.decoder.hiddenStates(
            Tensor(tokens.flatMap { $0 }, device: generator.decoder.device), positions_N: pass.positions_N,
            attention: pass, adapter: generator.adapter)
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

    /// Gathers each request's states out of the passes.
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
