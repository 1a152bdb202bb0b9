// Causal attention within each of several sequences that stand packed one after the other: the layout of training and
// scoring. What all of them begin with may stand once, before them. Knows lengths, not tokens.
//
// Shape suffixes: N tokens in all, P tokens of the common beginning, B sequences, L the longest of them without it, S = P + L,
// H and K heads, D width of a head.

import Torch

/// Whole sequences, each seeing the common beginning and itself alone.
public struct PackedSequences: AttentionLayout {
    /// Position of each token in its sequence, int64 [N].
    public let positions_N: Tensor
    private let ways: ByLayer<Way>

    /// How the sequences attend, the common beginning as one of them.
    private enum Way {
        /// In padded grids: the CPU's way, whose kernels know rows of one length.
        case grids([AttentionPart])
        case sequences(AttentionSequences)
    }

    /// - Parameters:
    ///   - lengths: tokens of each sequence without the common beginning, in the order in which they are packed.
    ///   - prefix: tokens of the common beginning, which are packed before them.
    ///   - padding: tokens behind the sequences that belong to none.
    public init(
        lengths: [Int], prefix: Int = 0, padding: Int = 0, for decoder: Decoder
    ) throws(TorchError) {
        try self.init(
            lengths: lengths, prefix: prefix, padding: padding, layers: decoder.configuration.layers,
            device: decoder.device)
    }

    init(
        lengths: [Int], prefix: Int = 0, padding: Int = 0, layers: [LayerPlan], device: Device
    ) throws(TorchError) {
        let positions = Array(0..<prefix) + lengths.flatMap { prefix..<(prefix + $0) }
        positions_N = try Tensor(positions + Array(repeating: 0, count: padding), device: device)
        let beginning = Array(0..<prefix)
        var end = prefix
        let places = lengths.map { length in
            defer { end += length }
            return Array(end..<(end + length))
        }
        ways = try ByLayer(layers, by: \.window) { window throws(TorchError) in
            guard device != .cpu else { return .grids(try PackedSequences.grids(places, after: beginning, window)) }
            let sequences = [(beginning, beginning)] + places.map { ($0, beginning + $0) }
            return .sequences(
                try AttentionSequences(sequences.filter { !$0.0.isEmpty }, window: window, device: device))
        }
    }

    /// The common beginning by itself, and the sequences after it.
    private static func grids(
        _ places: [[Int]], after beginning: [Int], _ window: Int?
    ) throws(TorchError) -> [AttentionPart] {
        var parts: [AttentionPart] = []
        if !beginning.isEmpty {
            let places = try Tensor([beginning])
            parts.append(
                AttentionPart(queries: places, keys: places, mask: try mask(beginning.indices, window)))
        }
        let longest = places.map(\.count).max() ?? 0
        if longest > 0 {
            let rows = places.map { $0 + Array(repeating: -1, count: longest - $0.count) }
            parts.append(
                AttentionPart(
                    queries: try Tensor(rows), keys: try Tensor(rows.map { beginning + $0 }),
                    mask: try mask(beginning.count..<(beginning.count + longest), window)))
        }
        return parts
    }

    /// Hides the keys, from the first on, that a query does not see; nil where causality alone decides. Padding comes last, so
    /// that no real query sees it.
    private static func mask(_ queries: Range<Int>, _ window: Int?) throws(TorchError) -> Tensor? {
        let isCausal = queries.lowerBound == 0 && queries.upperBound <= window ?? .max
        guard !isCausal else { return nil }
        let hides = queries.flatMap { query in
            (0..<queries.upperBound).map { $0 <= query && query - $0 < window ?? .max ? 0 : -Float.infinity }
        }
        return try Tensor(hides, shape: [queries.count, queries.upperBound])
    }

    /// Causal attention, each sequence by itself after the common beginning.
    public func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, angles: RotaryAngles, scale: Double
    ) throws(TorchError) -> Tensor {
        switch ways[layer] {
        case .grids(let parts):
            try Tensor.packedAttention(
                q_NHD, k_NKD, v_NKD, cosine: angles.cosine_Nh, sine: angles.sine_Nh, parts: parts, scale: scale)
        case .sequences(let sequences):
            try Tensor.sequenceAttention(
                q_NHD, k_NKD, v_NKD, cosine: angles.cosine_Nh, sine: angles.sine_Nh, sequences: sequences,
                scale: scale)
        }
    }
}

extension Tensor {
    /// Rows of equal length, int64.
    fileprivate convenience init(_ rows: [[Int]]) throws(TorchError) {
        try self.init(rows.flatMap { $0 }, shape: [rows.count, rows.first?.count ?? 0])
    }
}
