// Attention: over keys at hand, over packed sequences, and one step of generation over a cache.

import CTorch

/// Some packed tokens' attention: which are the queries of each row, and which its keys.
public struct AttentionPart {
    let queries_BL: Tensor
    let keys_BS: Tensor
    let mask_LS: Tensor?

    /// A part.
    /// - Parameters:
    ///   - queries: places among the packed tokens, row by row, padded with -1 at the end, int64 [B, L].
    ///   - keys: the same of what each row's queries may see, int64 [B, S].
    ///   - mask: added to the scores, float32 [L, S]; nil where query i of a row sees its keys up to the i-th.
    public init(queries: Tensor, keys: Tensor, mask: Tensor?) {
        queries_BL = queries
        keys_BS = keys
        mask_LS = mask
    }
}

/// Sequences among packed tokens: which are the queries of each, and which its keys.
public struct AttentionSequences {
    let places: [Tensor]
    let queryCounts: [Int64]
    let keyCounts: [Int64]
    let window: Int

    /// Sequences whose last query sees all of the sequence's keys, the one before it all but the last, and so on.
    /// - Parameters:
    ///   - sequences: places of each one's queries and keys among the packed tokens.
    ///   - window: how many keys a query sees at most; nil for all.
    ///   - device: where the tokens are.
    public init(
        _ sequences: [(queries: [Int], keys: [Int])], window: Int? = nil, device: Device
    ) throws(TorchError) {
        func ends(_ counts: [Int64]) throws(TorchError) -> Tensor {
            let ends = counts.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1)) }
            return try Tensor(ends, device: device)
        }
        queryCounts = sequences.map { Int64($0.queries.count) }
        keyCounts = sequences.map { Int64($0.keys.count) }
        self.window = window ?? 0
        places = [
            try Tensor(sequences.flatMap(\.queries), device: device),
            try Tensor(sequences.flatMap(\.keys), device: device), try ends(queryCounts), try ends(keyCounts),
        ]
    }
}

extension Tensor {
    /// softmax(q kᵀ · scale + mask) v for q [B, H, L, D] and k, v [B, K, S, D], H a multiple of K.
    /// - Parameters:
    ///   - q: queries.
    ///   - k: keys.
    ///   - v: values.
    ///   - mask: bool (true = attend) or added to the scores, broadcast to [B, H, L, S].
    ///   - causal: whether query i sees the keys up to the i-th alone.
    ///   - scale: factor of the scores.
    public static func attention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, causal: Bool = false, scale: Double
    ) throws(TorchError) -> Tensor {
        let operands = [q, k, v] + (mask.map { [$0] } ?? [])
        return try make("scaled_dot_product_attention", operands) { out in
            withHandles(operands) { handles, count in
                ctorch_attention(handles[0], handles[1], handles[2], count > 3 ? handles[3] : nil, causal, scale, out)
            }
        }
    }
}

// MARK: - Rotated heads

extension Tensor {
    /// Heads [N, H, D] with their halves rotated by angles whose cosines and sines are float32 [N, D / 2].
    public func rotated(cosine: Tensor, sine: Tensor) throws(TorchError) -> Tensor {
        try Tensor.make("rotate", [self, cosine, sine]) { out in
            Tensor.withHandles([self, cosine, sine]) { handles, _ in
                ctorch_rotate(handles[0], handles[1], handles[2], out)
            }
        }
    }

    /// Rotation and attention of packed tokens, to [N, H, D]. Differentiable.
    /// - Parameters:
    ///   - q: queries [N, H, D].
    ///   - k: keys [N, K, D], H a multiple of K.
    ///   - v: values [N, K, D].
    ///   - cosine: of each token's angles, float32 [N, D / 2].
    ///   - sine: the same.
    ///   - parts: who sees whom; a token is a query of one part, or of none and gets zeros.
    ///   - scale: factor of the scores.
    public static func packedAttention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, cosine: Tensor, sine: Tensor, parts: [AttentionPart], scale: Double
    ) throws(TorchError) -> Tensor {
        let ofParts = parts.flatMap { [$0.queries_BL, $0.keys_BS] + ($0.mask_LS.map { [$0] } ?? []) }
        return try make("packed_attention", [q, k, v, cosine, sine] + ofParts) { out in
            withHandles([q, k, v, cosine, sine] + ofParts) { handles, _ in
                var next = 5
                let list = parts.map { part in
                    let hasMask = part.mask_LS != nil
                    defer { next += hasMask ? 3 : 2 }
                    return CTorchAttentionPart(
                        queries: handles[next], keys: handles[next + 1], mask: hasMask ? handles[next + 2] : nil)
                }
                return ctorch_packed_attention(
                    handles[0], handles[1], handles[2], handles[3], handles[4], list, list.count, scale, out)
            }
        }
    }

    /// Rotation and attention of packed tokens as in `packedAttention`, without padding: the way of devices other than CPUs.
    public static func sequenceAttention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, cosine: Tensor, sine: Tensor, sequences: AttentionSequences,
        scale: Double
    ) throws(TorchError) -> Tensor {
        let operands = [q, k, v, cosine, sine] + sequences.places
        return try make("sequence_attention", operands) { out in
            withHandles(operands) { handles, _ in
                ctorch_sequence_attention(
                    handles[0], handles[1], handles[2], handles[3], handles[4],
                    CTorchSequences(
                        queries: handles[5], keys: handles[6], query_ends: handles[7], key_ends: handles[8]),
                    sequences.queryCounts, sequences.keyCounts, sequences.queryCounts.count,
                    Int64(sequences.window), scale, out)
            }
        }
    }

    /// One step of generation on the CPU: rotates each row's new query and key, puts its key and value into the row's cache,
    /// and attends to the row's own tokens up to the new one and to a prefix that it may share with its neighbours. Not
    /// differentiable.
    /// - Parameters:
    ///   - q: queries [B, H, D].
    ///   - k: keys [B, K, D].
    ///   - v: values [B, K, D].
    ///   - cosine: of each token's angles, float32 [B, D / 2].
    ///   - sine: the same.
    ///   - cache: keys and values of the rows' own tokens, float32 [B, S, K, D]; changed in place.
    ///   - places: where each row's new token goes.
    ///   - window: how many own tokens a query sees at most; nil for all.
    ///   - prefixes: for so many rows, one after the other, the keys and values of the tokens that they share, float32
    ///     [1, K, P, D], or nil; the rows of all are the batch's.
    ///   - scale: factor of the scores.
    /// - Returns: [B, H, D].
    public static func decodeAttention(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, cosine: Tensor, sine: Tensor, cache: (keys: Tensor, values: Tensor),
        places: [Int], window: Int? = nil, prefixes: [(shared: (keys: Tensor, values: Tensor)?, rows: Int)],
        scale: Double
    ) throws(TorchError) -> Tensor {
        let shared = prefixes.flatMap { prefix in prefix.shared.map { [$0.keys, $0.values] } ?? [] }
        let operands = [q, k, v, cosine, sine, cache.keys, cache.values] + shared
        precondition(places.count == q.shape[0], "a place for each row")
        return try make("decode_attention", operands) { out in
            withHandles(operands) { handles, _ in
                var next = 7
                let list = prefixes.map { prefix in
                    guard prefix.shared != nil else {
                        return CTorchSharedPrefix(keys: nil, values: nil, rows: Int64(prefix.rows))
                    }
                    defer { next += 2 }
                    return CTorchSharedPrefix(
                        keys: handles[next], values: handles[next + 1], rows: Int64(prefix.rows))
                }
                return ctorch_decode_attention(
                    handles[0], handles[1], handles[2], handles[3], handles[4], handles[5], handles[6],
                    places.map(Int64.init), Int64(window ?? 0), list, list.count, scale, out)
            }
        }
    }
}

/// Attention over some of a query's keys, and what is needed to merge it with attention over others.
public struct PartialAttention {
    /// [B, H, L, D].
    public var values: Tensor
    /// log Σ exp(score) over the keys seen, float32 [B, H, L].
    public var logSum: Tensor

    /// Attention of q [B, H, L, D] over k, v [B, H, S, D]. Not differentiable.
    /// - Parameters:
    ///   - q: queries.
    ///   - k: keys.
    ///   - v: values.
    ///   - mask: added to the scores, broadcast to [B, H, L, S]; finite, so that a query that sees nothing here gets a
    ///     `logSum` far below any other's.
    ///   - scale: factor of the scores.
    public init(_ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, scale: Double) throws(TorchError) {
        let operands = [q, k, v] + (mask.map { [$0] } ?? [])
        (values, logSum) = try Tensor.makePair("attention_part", operands) { values, logSum in
            Tensor.withHandles(operands) { handles, count in
                ctorch_attention_part(
                    handles[0], handles[1], handles[2], count > 3 ? handles[3] : nil, scale, values, logSum)
            }
        }
    }

    private init(values: Tensor, logSum: Tensor) {
        self.values = values
        self.logSum = logSum
    }

    /// Shapes as `change` makes them of both, whose leading dimensions are alike.
    public func mapped(
        _ change: (Tensor) throws(TorchError) -> Tensor
    ) throws(TorchError) -> PartialAttention {
        PartialAttention(values: try change(values), logSum: try change(logSum))
    }

    /// Attention over both sets of keys (Milakov & Gimelshein, 2018).
    public func merged(with other: PartialAttention) throws(TorchError) -> Tensor {
        let operands = [values, logSum, other.values, other.logSum]
        return try Tensor.make("merge_attention", operands) { out in
            Tensor.withHandles(operands) { handles, _ in
                ctorch_merge_attention(handles[0], handles[1], handles[2], handles[3], out)
            }
        }
    }
}
