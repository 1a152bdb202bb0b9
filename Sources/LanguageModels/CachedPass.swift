// Attention of new tokens over a key-value cache: each row's tokens see the shared prefix and their own past. The layout
// of generation. Knows positions and lengths, not tokens.
//
// What all rows share is attended to by all rows' queries at once, each row's own past by its own; the two are merged by
// their softmax denominators, so that neither keys nor scores are ever copied together.
//
// Shape suffixes as in KeyValueCache.swift; R = L · G query places of a row and key head.

import Torch

/// One forward pass over new tokens of a cache's rows.
public struct CachedPass: AttentionLayout {
    /// Position of each new token in its sequence, prefix included, int64 [N].
    public let positions_N: Tensor
    private let cache: KeyValueCache
    private let grid: PackedGrid
    private let rows_N: Tensor
    private let columns_N: Tensor
    /// Added to the scores over a row's own places, [B, 1, R, S]; nil where `fresh` says all.
    private let ownMask: Tensor?
    /// Added to the scores over the prefix, [1, 1, B · R, P]; nil while no window hides any of it.
    private let prefixMask: Tensor?
    /// The first pass over a cache without a prefix is plain causal attention.
    private let fresh: PackedSequences?
    /// Where each row's one new token goes; nil in passes over more tokens, or that one operation does not serve.
    private let steps: [Int]?

    /// Hides a key: far below any score, yet finite, so that a query that sees no key of one part has a softmax there.
    private static let hidden = -1e9

    init(_ cache: KeyValueCache, before: [Int], counts: [Int]) throws(TorchError) {
        let device = cache.placement
        let prefixLength = cache.prefix?.length ?? 0
        let columns = zip(before, counts).flatMap { $0..<($0 + $1) }
        self.cache = cache
        grid = try PackedGrid(counts: counts, device: device)
        positions_N = try Tensor(columns.map { $0 + prefixLength }, device: device)
        rows_N = try Tensor(counts.enumerated().flatMap { Array(repeating: $0, count: $1) }, device: device)
        columns_N = try Tensor(columns, device: device)
        let isFresh = cache.prefix == nil && before.allSatisfy { $0 == 0 }
        fresh = isFresh ? try PackedSequences(lengths: counts, slidingWindow: cache.slidingWindow, device: device) : nil
        let hidesPrefix = cache.slidingWindow.map { prefixLength + (cache.lengths.max() ?? 0) > $0 } ?? false
        steps = !isFresh && !hidesPrefix && device == .cpu && counts.allSatisfy { $0 == 1 } ? before : nil

        guard !isFresh, steps == nil else {
            (ownMask, prefixMask) = (nil, nil)
            return
        }
        // Padding queries look at their row's first place, which is never hidden.
        let longest = grid.longest
        let places = zip(before, counts).flatMap { start, count in (0..<longest).map { $0 < count ? start + $0 : 0 } }
        func mask(_ keys: Range<Int>) throws(TorchError) -> Tensor {
            let shape = [counts.count, 1, longest, 1, 1]
            let keys_S = try Tensor.arange(keys, device: device)
            var hides = try (Tensor(places, shape: shape, device: device) .< keys_S).to(cache.dtype)
            if let window = cache.slidingWindow {
                let firstSeen = try Tensor(places.map { $0 - window + 1 }, shape: shape, device: device)
                hides = try hides + (keys_S .< firstSeen).to(cache.dtype)
            }
            // Query heads that share a key head stand side by side.
            return try (hides * CachedPass.hidden).expanded([-1, -1, -1, cache.groupSize, -1])
                .reshaped([counts.count, 1, longest * cache.groupSize, keys.count])
        }
        ownMask = try mask(0..<cache.columns)
        prefixMask = try hidesPrefix ? mask(-prefixLength..<0).reshaped([1, 1, -1, prefixLength]) : nil
    }

    /// Attention over prefix and past, the new tokens' own keys and values included.
    public func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, angles: RotaryAngles, scale: Double
    ) throws(TorchError) -> Tensor {
        if let steps {
            return try Tensor.decodeAttention(
                q_NHD, k_NKD, v_NKD, cosine: angles.cosine_Nh, sine: angles.sine_Nh,
                cache: cache.places(ofLayer: layer),
                places: steps, window: cache.slidingWindow,
                prefix: cache.prefix.map { ($0.keys_1KPD[layer], $0.values_1KPD[layer]) }, scale: scale)
        }
        let turned_NKD = try angles.rotate(k_NKD)
        let (k_BKSD, v_BKSD) = try cache.store(
            layer: layer, rows: rows_N, columns: columns_N, k_NKD: turned_NKD.to(cache.dtype),
            v_NKD: v_NKD.to(cache.dtype))
        if let fresh {
            return try fresh.attend(
                layer: layer, q_NHD: q_NHD, k_NKD: k_NKD, v_NKD: v_NKD, angles: angles, scale: scale)
        }
        let (heads, keyHeads, width) = (q_NHD.shape[1], k_NKD.shape[1], q_NHD.shape[2])
        let grouped = [grid.rows, grid.longest, keyHeads, heads / keyHeads, width]
        let q_BKRD = try grid.pad(angles.rotate(q_NHD).to(cache.dtype)).reshaped(grouped).transposed(1, 2)
            .reshaped([grid.rows, keyHeads, -1, width])
        let out_BKRD = try attend(layer, q_BKRD, k_BKSD, v_BKSD, scale)
        let out_BLHD = try out_BKRD.reshaped([grid.rows, keyHeads, grid.longest, heads / keyHeads, width])
            .transposed(1, 2).reshaped([grid.rows, grid.longest, heads, width])
        return try grid.unpad(out_BLHD).to(q_NHD.dtype)
    }

    private func attend(
        _ layer: Int, _ q_BKRD: Tensor, _ k_BKSD: Tensor, _ v_BKSD: Tensor, _ scale: Double
    ) throws(TorchError) -> Tensor {
        let own = try PartialAttention(q_BKRD, k_BKSD, v_BKSD, mask: ownMask, scale: scale)
        guard let prefix = cache.prefix else { return own.values }
        let shape = q_BKRD.shape
        let q_1KQD = try q_BKRD.transposed(0, 1).reshaped([1, shape[1], shape[0] * shape[2], shape[3]])
        let shared = try PartialAttention(
            q_1KQD, prefix.keys_1KPD[layer], prefix.values_1KPD[layer], mask: prefixMask, scale: scale)
        return try shared.mapped { part throws(TorchError) in
            try part.reshaped([shape[1], shape[0], shape[2]] + part.shape[3...]).transposed(0, 1)
        }.merged(with: own)
    }
}
