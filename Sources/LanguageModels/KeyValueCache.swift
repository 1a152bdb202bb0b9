// Keys and values of the tokens already read, for a batch of rows. What several rows begin with, say a document, is computed
// and held once for them; rows of several such prefixes stand in one batch. Knows positions and lengths, not tokens.
//
// Shape suffixes: B rows, N new tokens in all, L most new tokens of a row, P prefix tokens, S places of a row's own
// tokens, H query heads, K key/value heads, G = H / K, D width of a head.

import Torch

/// Keys and values of a text that several rows begin with.
public final class SharedPrefix {
    /// Tokens of the prefix, those of the prefix that it goes on from included.
    public let length: Int
    let keys_1KPD: [Tensor]
    let values_1KPD: [Tensor]

    init(length: Int, keys_1KPD: [Tensor], values_1KPD: [Tensor]) {
        (self.length, self.keys_1KPD, self.values_1KPD) = (length, keys_1KPD, values_1KPD)
    }
}

/// Neighbouring rows that begin with the same prefix, or with none.
struct PrefixRun {
    let prefix: SharedPrefix?
    var rows: Range<Int>
}

/// The growing keys and values of a batch of rows.
public final class KeyValueCache {
    /// Own tokens of each row so far, the prefix not counted.
    public private(set) var lengths: [Int]
    /// What each row begins with.
    private(set) var prefixes: [SharedPrefix?]
    let configuration: DecoderConfiguration
    let device: Device
    /// The type of keys, values and scores.
    let dtype: DType
    /// [B, S, K, D] a layer; S grows.
    private var keys: [Tensor] = []
    private var values: [Tensor] = []
    private var capacity = 0

    /// Columns grow and are read in steps of this many, so that a product's shape, and with it the kernel that libtorch
    /// prepares for it, changes rarely.
    private static let columnStep = 32
    private static let fewestSpare = 64

    /// An empty cache for one row of a decoder after each of `prefixes`; nil for a row that begins with its own tokens.
    public init(after prefixes: [SharedPrefix?], for decoder: Decoder) {
        lengths = Array(repeating: 0, count: prefixes.count)
        self.prefixes = prefixes
        configuration = decoder.configuration
        device = decoder.device
        dtype = decoder.dtype.forAttention(on: decoder.device)
    }

    /// Computes the keys and values of a prefix.
    /// - Parameters:
    ///   - tokens: its tokens, those of `start` left out.
    ///   - start: what it begins with, where that has been computed already.
    public static func prefix(
        _ tokens: [Int], after start: SharedPrefix? = nil, decoder: Decoder, adapter: LoRAAdapter? = nil
    ) throws(TorchError) -> SharedPrefix {
        let cache = KeyValueCache(after: [start], for: decoder)
        let pass = try cache.pass(adding: [tokens.count])
        let ids_N = try Tensor(tokens, device: decoder.device)
        _ = try decoder.hiddenStates(ids_N, positions_N: pass.positions_N, attention: pass, adapter: adapter)
        return SharedPrefix(
            length: (start?.length ?? 0) + tokens.count,
            keys_1KPD: try heads(of: cache.keys, tokens.count, after: start?.keys_1KPD),
            values_1KPD: try heads(of: cache.values, tokens.count, after: start?.values_1KPD))
    }

    /// Head by head what one row's places hold, [1, S, K, D] a layer, up to `count`; behind what its prefix holds, if it has one.
    private static func heads(
        of cached_1SKD: [Tensor], _ count: Int, after start_1KPD: [Tensor]?
    ) throws(TorchError) -> [Tensor] {
        var heads_1KPD: [Tensor] = []
        for (layer, x_1SKD) in cached_1SKD.enumerated() {
            let own_1KPD = try x_1SKD.narrow(1, start: 0, length: count).transposed(1, 2).contiguous()
            if let start_1KPD {
                heads_1KPD.append(try Tensor.concatenate([start_1KPD[layer], own_1KPD], dim: 2))
            } else {
                heads_1KPD.append(own_1KPD)
            }
        }
        return heads_1KPD
    }

    /// Makes room for `counts[row]` further tokens in each row and says where they go. One forward pass over those
    /// tokens, packed row by row, must follow.
    public func pass(adding counts: [Int]) throws(TorchError) -> CachedPass {
        let before = lengths
        lengths = zip(lengths, counts).map { $0 + $1 }
        try reserve(lengths.max() ?? 0)
        return try CachedPass(self, before: before, counts: counts)
    }

    /// Keeps only the named rows, in that order.
    public func keep(rows: [Int]) throws(TorchError) {
        let chosen = try Tensor(rows, device: device)
        lengths = rows.map { lengths[$0] }
        prefixes = rows.map { prefixes[$0] }
        for layer in keys.indices {
            keys[layer] = try keys[layer].indexSelect(0, chosen)
            values[layer] = try values[layer].indexSelect(0, chosen)
        }
    }

    /// Adds another cache's rows after this one's.
    public func append(_ other: KeyValueCache) throws(TorchError) {
        try extend(to: other.capacity)
        try other.extend(to: capacity)
        lengths += other.lengths
        prefixes += other.prefixes
        for layer in keys.indices {
            keys[layer] = try Tensor.concatenate([keys[layer], other.keys[layer]], dim: 0)
            values[layer] = try Tensor.concatenate([values[layer], other.values[layer]], dim: 0)
        }
    }

    /// Columns that a pass reads: those in use, rounded up.
    var columns: Int { min(capacity, KeyValueCache.roundedUp(lengths.max() ?? 0)) }

    /// The rows by what they begin with.
    var runs: [PrefixRun] {
        prefixes.enumerated().reduce(into: []) { runs, next in
            if let last = runs.last, last.prefix === next.element {
                runs[runs.count - 1].rows = last.rows.lowerBound..<(next.offset + 1)
            } else {
                runs.append(PrefixRun(prefix: next.element, rows: next.offset..<(next.offset + 1)))
            }
        }
    }

    var groupSize: Int { configuration.headCount / configuration.keyValueHeadCount }

    /// Puts a pass's keys and values in their places and returns all of the layer's, [B, K, S, D].
    func store(
        layer: Int, rows: Tensor, columns places: Tensor, k_NKD: Tensor, v_NKD: Tensor
    ) throws(TorchError) -> (k_BKSD: Tensor, v_BKSD: Tensor) {
        try keys[layer].put(rows: rows, columns: places, values: k_NKD)
        try values[layer].put(rows: rows, columns: places, values: v_NKD)
        let count = columns
        return (
            try keys[layer].narrow(1, start: 0, length: count).transposed(1, 2),
            try values[layer].narrow(1, start: 0, length: count).transposed(1, 2)
        )
    }

    /// All keys and values of a layer, [B, S, K, D].
    func places(ofLayer layer: Int) -> (keys: Tensor, values: Tensor) { (keys[layer], values[layer]) }

    private static func roundedUp(_ count: Int) -> Int { (count + columnStep - 1) / columnStep * columnStep }

    /// Growing copies everything, so the places of a few dozen further tokens come along.
    private func reserve(_ needed: Int) throws(TorchError) {
        guard needed > capacity else { return }
        try extend(to: KeyValueCache.roundedUp(needed + max(needed / 2, KeyValueCache.fewestSpare)))
    }

    private func extend(to columns: Int) throws(TorchError) {
        guard columns > capacity else { return }
        keys = try grow(keys, to: columns)
        values = try grow(values, to: columns)
        capacity = columns
    }

    /// Zeros, not raw memory, fill the new places: a masked place has weight 0, and 0 · NaN would be NaN.
    private func grow(_ cached: [Tensor], to columns: Int) throws(TorchError) -> [Tensor] {
        let heads = [configuration.keyValueHeadCount, configuration.headDimension]
        var grown: [Tensor] = []
        for layer in 0..<configuration.layerCount {
            let added = try Tensor.zeros([lengths.count, columns - capacity] + heads, dtype: dtype, device: device)
            grown.append(cached.isEmpty ? added : try Tensor.concatenate([cached[layer], added], dim: 1))
        }
        return grown
    }
}
