// Merging the bytes of one piece into tokens: of all neighbouring pairs the one of lowest rank, leftmost first, until
// none merges. Knows neither texts nor files. Source: Sennrich et al. 2016, section 3.2, over bytes as in GPT-2.

import HeapModule

/// The merges of a vocabulary, ready to run.
struct BytePairEncoder: Sendable {
    /// The token of each single byte, or -1 where the vocabulary has none.
    let byteTokens: [Int32]
    /// What neighbouring tokens become.
    let merges: MergeTable
    /// What stands for a byte without a token; nil drops it.
    let unknownToken: Int32?
    /// Whether neighbouring unknown bytes share one token.
    let fusesUnknown: Bool

    /// Room to work in, kept from one piece to the next.
    struct Workspace {
        fileprivate var symbols: [Int32] = []
        fileprivate var outcomes: [MergeTable.Outcome] = []
    }

    /// Up to this many symbols a scan for the lowest rank beats a heap.
    private static let scanLimit = 48

    /// Appends the tokens of `piece` to `output`.
    func encode(_ piece: UnsafeBufferPointer<UInt8>, into output: inout [Int], workspace: inout Workspace) {
        loadSymbols(of: piece, into: &workspace.symbols)
        if workspace.symbols.count <= Self.scanLimit {
            mergeByScanning(&workspace)
        } else {
            mergeByHeap(&workspace.symbols)
        }
        for symbol in workspace.symbols { output.append(Int(symbol)) }
    }

    private func loadSymbols(of piece: UnsafeBufferPointer<UInt8>, into symbols: inout [Int32]) {
        symbols.removeAll(keepingCapacity: true)
        var previousIsUnknown = false
        for byte in piece {
            let token = byteTokens[Int(byte)]
            if token >= 0 {
                symbols.append(token)
            } else if let unknownToken, !(fusesUnknown && previousIsUnknown) {
                symbols.append(unknownToken)
            }
            previousIsUnknown = token < 0
        }
    }

    private func mergeByScanning(_ workspace: inout Workspace) {
        guard workspace.symbols.count > 1 else { return }
        workspace.outcomes.removeAll(keepingCapacity: true)
        for index in 1..<workspace.symbols.count {
            workspace.outcomes.append(merges.outcome(workspace.symbols[index - 1], workspace.symbols[index]))
        }
        while true {
            var best = MergeTable.none
            var position = 0
            for (index, outcome) in workspace.outcomes.enumerated() where outcome < best {
                best = outcome
                position = index
            }
            if best == MergeTable.none { return }
            merge(best, at: position, in: &workspace)
        }
    }

    private func merge(_ outcome: MergeTable.Outcome, at position: Int, in workspace: inout Workspace) {
        workspace.symbols[position] = MergeTable.merged(outcome)
        workspace.symbols.remove(at: position + 1)
        workspace.outcomes.remove(at: position)
        if position > 0 {
            workspace.outcomes[position - 1] = merges.outcome(
                workspace.symbols[position - 1], workspace.symbols[position])
        }
        if position < workspace.outcomes.count {
            workspace.outcomes[position] = merges.outcome(workspace.symbols[position], workspace.symbols[position + 1])
        }
    }

    /// The same merges in the same order, in n log n steps, for the rare long piece.
    private func mergeByHeap(_ symbols: inout [Int32]) {
        let removed: Int32 = -1
        let count = symbols.count
        var next = Array(1...count)
        var previous = Array(-1..<count - 1)
        // A candidate is the rank in the upper half and the left symbol's position in the lower.
        var candidates = Heap<UInt64>()

        func propose(_ position: Int) {
            guard position >= 0, next[position] < count else { return }
            let outcome = merges.outcome(symbols[position], symbols[next[position]])
            if outcome != MergeTable.none { candidates.insert((outcome >> 32) << 32 | UInt64(position)) }
        }
        for position in 0..<count - 1 { propose(position) }
        while let candidate = candidates.popMin() {
            let position = Int(UInt32(truncatingIfNeeded: candidate))
            guard symbols[position] != removed, next[position] < count else { continue }
            let outcome = merges.outcome(symbols[position], symbols[next[position]])
            // A neighbour has merged away since the candidate was proposed.
            guard outcome != MergeTable.none, outcome >> 32 == candidate >> 32 else { continue }
            let right = next[position]
            symbols[position] = MergeTable.merged(outcome)
            symbols[right] = removed
            next[position] = next[right]
            if next[right] < count { previous[next[right]] = position }
            propose(previous[position])
            propose(position)
        }
        symbols.removeAll { $0 == removed }
    }
}
