// Attention of new tokens over a key-value cache: each row's tokens see the prefix that the row begins with and its own past.
// The layout of generation. Knows positions and lengths, not tokens.
//
// What rows share is attended to by all their queries at once, each row's own past by its own; the two are merged by
// their softmax denominators, so that neither keys nor scores are ever copied together.
//
// Shape suffixes as in KeyValueCache.swift; R = L · G query places of a row and key head.

import Torch

/// One forward pass over new tokens of a cache's rows.
public struct CachedPass: AttentionLayout {
    /// Position of each new token in its sequence, prefix included, int64 [N].
    public let positions_N: Tensor
    private let cache: KeyValueCache
    private let runs: [PrefixRun]
    private let ways: ByLayer<Way>

    /// How the pass attends.
    private enum Way {
        /// One new token in each row, by one operation; where each token goes.
        case steps([Int])
        /// The first tokens of rows without prefixes: plain causal attention.
        case fresh(PackedSequences, Places)
        /// Any tokens of any rows.
        case general(PackedGrid, Places, Masks)
    }

    /// Where each new token's keys and values go.
    private struct Places {
        let rows_N: Tensor
        let columns_N: Tensor
    }

    /// What queries do not see.
    private struct Masks {
        /// Added to the scores over a row's own places, [B, 1, R, S].
        let own: Tensor
        /// Added to each run's scores over its prefix, [1, 1, rows · R, P]; nil while no window hides any of it.
        let prefixes: [Tensor?]
    }

    /// Hides a key: far below any score, yet finite, so that a query that sees no key of one part has a softmax there.
    private static let hidden = -1e9

    init(_ cache: KeyValueCache, before: [Int], counts: [Int]) throws(TorchError) {
        let device = cache.device
        self.cache = cache
        runs = cache.runs
        let columns = zip(before, counts).flatMap { $0..<($0 + $1) }
        let rows = counts.enumerated().flatMap { Array(repeating: $0, count: $1) }
        positions_N = try Tensor(
            zip(rows, columns).map { $1 + (cache.prefixes[$0]?.length ?? 0) }, device: device)
        let layers = cache.configuration.layers
        let isFresh = cache.prefixes.allSatisfy { $0 == nil } && before.allSatisfy { $0 == 0 }
        let packed = isFresh ? try PackedSequences(lengths: counts, layers: layers, device: device) : nil
        ways = try ByLayer(layers, by: \.window) { window throws(TorchError) in
            let hidesPrefix = zip(cache.prefixes, cache.lengths).contains { prefix, length in
                prefix.map { $0.length + length } ?? 0 > window ?? .max
            }
            guard isFresh || hidesPrefix || device != .cpu || counts.contains(where: { $0 != 1 }) else {
                return .steps(before)
            }
            let places = Places(
                rows_N: try Tensor(rows, device: device), columns_N: try Tensor(columns, device: device))
            if let packed { return .fresh(packed, places) }
            let masks = try CachedPass.masks(cache, window, before: before, counts: counts, hidesPrefix: hidesPrefix)
            return .general(try PackedGrid(counts: counts, device: device), places, masks)
        }
    }

    private static func masks(
        _ cache: KeyValueCache, _ window: Int?, before: [Int], counts: [Int], hidesPrefix: Bool
    ) throws(TorchError) -> Masks {
        let longest = counts.max() ?? 0
        func mask(_ rows: Range<Int>, _ keys: Range<Int>) throws(TorchError) -> Tensor {
            // Padding queries look at their row's first place, which is never hidden.
            let places = rows.flatMap { row in
                (0..<longest).map { $0 < counts[row] ? before[row] + $0 : 0 }
            }
            let shape = [rows.count, 1, longest, 1, 1]
            let keys_S = try Tensor.arange(keys, device: cache.device)
            var hides = try (Tensor(places, shape: shape, device: cache.device) .< keys_S).to(cache.dtype)
            if let window {
                let firstSeen = try Tensor(places.map { $0 - window + 1 }, shape: shape, device: cache.device)
                hides = try hides + (keys_S .< firstSeen).to(cache.dtype)
            }
            // Query heads that share a key head stand side by side.
            return try (hides * hidden).expanded([-1, -1, -1, cache.groupSize, -1])
                .reshaped([rows.count, 1, longest * cache.groupSize, keys.count])
        }
        var ofPrefixes: [Tensor?] = []
        for run in cache.runs {
            guard hidesPrefix, let length = run.prefix?.length else {
                ofPrefixes.append(nil)
                continue
            }
            ofPrefixes.append(try mask(run.rows, -length..<0).reshaped([1, 1, -1, length]))
        }
        return Masks(own: try mask(0..<counts.count, 0..<cache.columns), prefixes: ofPrefixes)
    }

    /// Attention over prefix and past, the new tokens' own keys and values included.
    public func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, angles: RotaryAngles, scale: Double
    ) throws(TorchError) -> Tensor {
        switch ways[layer] {
        case .steps(let places):
            return try Tensor.decodeAttention(
                q_NHD, k_NKD, v_NKD, cosine: angles.cosine_Nh, sine: angles.sine_Nh,
                cache: cache.places(ofLayer: layer), places: places,
                window: cache.configuration.layers[layer].window,
                prefixes: runs.map { run in
                    let shared = run.prefix.map { (keys: $0.keys_1KPD[layer], values: $0.values_1KPD[layer]) }
                    return (shared, run.rows.count)
                },
                scale: scale)
        case .fresh(let packed, let places):
            _ = try store(layer, k_NKD, v_NKD, angles, places)
            return try packed.attend(
                layer: layer, q_NHD: q_NHD, k_NKD: k_NKD, v_NKD: v_NKD, angles: angles, scale: scale)
        case .general(let grid, let places, let masks):
            let (k_BKSD, v_BKSD) = try store(layer, k_NKD, v_NKD, angles, places)
            let (heads, keyHeads, width) = (q_NHD.shape[1], k_NKD.shape[1], q_NHD.shape[2])
            let grouped = [grid.rows, grid.longest, keyHeads, heads / keyHeads, width]
            let q_BKRD = try grid.pad(angles.rotate(q_NHD).to(cache.dtype)).reshaped(grouped).transposed(1, 2)
                .reshaped([grid.rows, keyHeads, -1, width])
            let out_BKRD = try attend(layer, q_BKRD, k_BKSD, v_BKSD, masks, scale)
            let out_BLHD = try out_BKRD.reshaped([grid.rows, keyHeads, grid.longest, heads / keyHeads, width])
                .transposed(1, 2).reshaped([grid.rows, grid.longest, heads, width])
            return try grid.unpad(out_BLHD).to(q_NHD.dtype)
        }
    }

    private func store(
        _ layer: Int, _ k_NKD: Tensor, _ v_NKD: Tensor, _ angles: RotaryAngles, _ places: Places
    ) throws(TorchError) -> (k_BKSD: Tensor, v_BKSD: Tensor) {
        try cache.store(
            layer: layer, rows: places.rows_N, columns: places.columns_N,
            k_NKD: angles.rotate(k_NKD).to(cache.dtype), v_NKD: v_NKD.to(cache.dtype))
    }

    private func attend(
        _ layer: Int, _ q_BKRD: Tensor, _ k_BKSD: Tensor, _ v_BKSD: Tensor, _ masks: Masks, _ scale: Double
    ) throws(TorchError) -> Tensor {
        let own = try PartialAttention(q_BKRD, k_BKSD, v_BKSD, mask: masks.own, scale: scale)
        guard runs.contains(where: { $0.prefix != nil }) else { return own.values }
        var outs: [Tensor] = []
        for (run, mask) in zip(runs, masks.prefixes) {
            let ofRun = try own.mapped { part throws(TorchError) in
                try part.narrow(0, start: run.rows.lowerBound, length: run.rows.count)
            }
            guard let prefix = run.prefix else {
                outs.append(ofRun.values)
                continue
            }
            let q_bKRD = try q_BKRD.narrow(0, start: run.rows.lowerBound, length: run.rows.count)
            let shape = q_bKRD.shape
            let q_1KQD = try q_bKRD.transposed(0, 1).reshaped([1, shape[1], shape[0] * shape[2], shape[3]])
            let shared = try PartialAttention(
                q_1KQD, prefix.keys_1KPD[layer], prefix.values_1KPD[layer], mask: mask, scale: scale)
            outs.append(
                try shared.mapped { part throws(TorchError) in
                    try part.reshaped([shape[1], shape[0], shape[2]] + part.shape[3...]).transposed(0, 1)
                }.merged(with: ofRun))
        }
        return try outs.count == 1 ? outs[0] : Tensor.concatenate(outs, dim: 0)
    }
}
