// Attention of new tokens over a key-value cache: each row's tokens see the shared prefix and their own past. The layout
// of generation. Knows positions and lengths, not tokens.
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
    /// True where a query must not look: [B, 1, L, 1, P + S], or [B, 1, L, 1, S] when all of the prefix is seen.
    private let hidden: Tensor
    private let hidesPrefix: Bool
    /// The first pass over a cache without a prefix is plain causal attention.
    private let fresh: PackedSequences?

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

        // Padding queries look at their row's first place, which is never hidden, so that no softmax is empty.
        let longest = grid.longest
        let queries = zip(before, counts).flatMap { start, count in (0..<longest).map { $0 < count ? start + $0 : 0 } }
        let shape = [counts.count, 1, longest, 1]
        if let window = cache.slidingWindow, prefixLength + (cache.lengths.max() ?? 0) > window {
            hidesPrefix = true
            hidden = try CachedPass.windowed(queries, prefixLength, cache.columns, window, shape, device)
        } else {
            hidesPrefix = false
            let queries_BL = try Tensor(queries, shape: shape + [1], device: device)
            hidden = try queries_BL .< Tensor.arange(0..<cache.columns, device: device)
        }
    }

    private static func windowed(
        _ queries: [Int], _ prefix: Int, _ columns: Int, _ window: Int, _ shape: [Int], _ device: Device
    ) throws(TorchError) -> Tensor {
        let hidden = queries.flatMap { query in
            (0..<(prefix + columns)).map { key in key > prefix + query || prefix + query - key >= window }
        }
        return try Tensor(hidden, shape: shape + [prefix + columns], device: device)
    }

    /// Attention over prefix and past, the new tokens' own keys and values included.
    public func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, scale: Double
    ) throws(TorchError) -> Tensor {
        let (k_BKSD, v_BKSD) = try cache.store(
            layer: layer, rows: rows_N, columns: columns_N, k_NKD: k_NKD, v_NKD: v_NKD)
        if let fresh {
            return try fresh.attend(layer: layer, q_NHD: q_NHD, k_NKD: k_NKD, v_NKD: v_NKD, scale: scale)
        }
        let q_BLHD = try grid.pad(q_NHD) * scale
        let (heads, keyHeads, width) = (q_NHD.shape[1], k_NKD.shape[1], q_NHD.shape[2])
        let grouped = [grid.rows, grid.longest, keyHeads, heads / keyHeads, width]
        let q_BKRD = try q_BLHD.reshaped(grouped).transposed(1, 2).reshaped([grid.rows, keyHeads, -1, width])
        let out_BKRD = try weigh(layer, q_BKRD, k_BKSD, v_BKSD)
        let out_BLHD = try out_BKRD.reshaped([grid.rows, keyHeads, grid.longest, heads / keyHeads, width])
            .transposed(1, 2).reshaped([grid.rows, grid.longest, heads, width])
        return try grid.unpad(out_BLHD)
    }

    private func weigh(
        _ layer: Int, _ q_BKRD: Tensor, _ k_BKSD: Tensor, _ v_BKSD: Tensor
    ) throws(TorchError) -> Tensor {
        let own_BKRS = try q_BKRD.matmul(k_BKSD.transposed(2, 3))
        guard let prefix = cache.prefix else {
            return try softmax(own_BKRS, masked: true).matmul(v_BKSD)
        }
        let seen = try overPrefix(q_BKRD, prefix.keys_KPD[layer].transposed(1, 2))
        let scores: Tensor
        if hidesPrefix {
            scores = try Tensor.concatenate([seen, own_BKRS], dim: 3)
        } else {
            scores = try Tensor.concatenate([seen, hide(own_BKRS)], dim: 3)
        }
        let weights = try softmax(scores, masked: hidesPrefix)
        let prefixPart = try overPrefix(
            weights.narrow(3, start: 0, length: prefix.length), prefix.values_KPD[layer])
        let ownPart = try weights.narrow(3, start: prefix.length, length: v_BKSD.shape[2]).matmul(v_BKSD)
        return try prefixPart + ownPart
    }

    /// One product for all rows against what they share: x [B, K, R, ·] times y [K, ·, ·] per key head.
    private func overPrefix(_ x_BKRx: Tensor, _ y_Kxy: Tensor) throws(TorchError) -> Tensor {
        let shape = x_BKRx.shape
        let flat = try x_BKRx.transposed(0, 1).reshaped([shape[1], shape[0] * shape[2], shape[3]])
        return try flat.matmul(y_Kxy).reshaped([shape[1], shape[0], shape[2], -1]).transposed(0, 1)
    }

    private func hide(_ scores_BKRS: Tensor) throws(TorchError) -> Tensor {
        let shape = scores_BKRS.shape
        return try scores_BKRS.reshaped([shape[0], shape[1], grid.longest, -1, shape[3]])
            .maskedFill(hidden, -Double.infinity).reshaped(shape)
    }

    private func softmax(_ scores: Tensor, masked: Bool) throws(TorchError) -> Tensor {
        let visible = masked ? try hide(scores) : scores
        return try visible.to(.float32).softmax().to(scores.dtype)
    }
}
