// Merging the symbols of one piece into tokens: of all neighbouring pairs the one of lowest rank, leftmost first, until
// none merges. Knows neither texts nor files. Source: Sennrich et al. 2016, section 3.2; over bytes as in GPT-2, or over
// code points as in SentencePiece.

import HeapModule

/// The merges of a vocabulary, ready to run.
struct BytePairEncoder: Sendable {
    /// The tokens that merging begins with.
    let symbols: Symbols
    /// What neighbouring tokens become.
    let merges: MergeTable
    /// What stands for a symbol without a token; nil drops it.
    let unknownToken: Int32?
    /// Whether neighbouring unknown symbols share one token.
    let fusesUnknown: Bool

    /// The smallest parts of a text that are tokens.
    enum Symbols: Sendable {
        /// Bytes: the token of each, or nil.
        case bytes([Int32?])
        /// Code points, by their number; for one that is not there, the tokens of its bytes.
        case scalars([UInt32: Int32], bytes: [Int32?])
    }

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

    private func loadSymbols(of piece: UnsafeBufferPointer<UInt8>, into output: inout [Int32]) {
        output.removeAll(keepingCapacity: true)
        // An unknown symbol is written when the next one is known not to share its token. Tokens for bytes do not end it,
        // which puts them before it, as in Hugging Face `tokenizers`.
        var unknown: Int32?
        func append(_ token: Int32?) {
            if let held = unknown, token != nil || !fusesUnknown { output.append(held) }
            unknown = token == nil ? unknownToken : nil
            if let token { output.append(token) }
        }
        switch symbols {
        case .bytes(let tokens):
            for byte in piece { append(tokens[Int(byte)]) }
        case .scalars(let tokens, let byteTokens):
            var position = 0
            while position < piece.count {
                let (scalar, length) = decodeScalar(piece, at: position)
                let token = tokens[scalar.value]
                let bytes = token == nil ? piece[position..<position + length].compactMap { byteTokens[Int($0)] } : []
                if bytes.count == length { output.append(contentsOf: bytes) } else { append(token) }
                position += length
            }
        }
        if let unknown { output.append(unknown) }
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
            for (index, outcome) in workspace.outcomes.enumerated()
            where MergeTable.rank(outcome) < MergeTable.rank(best) {
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
            if outcome != MergeTable.none { candidates.insert(MergeTable.rank(outcome) << 32 | UInt64(position)) }
        }
        for position in 0..<count - 1 { propose(position) }
        while let candidate = candidates.popMin() {
            let position = Int(UInt32(truncatingIfNeeded: candidate))
            guard symbols[position] != removed, next[position] < count else { continue }
            let outcome = merges.outcome(symbols[position], symbols[next[position]])
            // A neighbour has merged away since the candidate was proposed.
            guard outcome != MergeTable.none, MergeTable.rank(outcome) == candidate >> 32 else { continue }
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
