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
    private let prefix: Int
    private let grid: PackedGrid
    /// True where a query of the grid sees a key, [L, S]; nil where plain causality says it all: padding comes last, so no
    /// real query sees it.
    private let visible_LS: Tensor?
    /// The same within the common beginning, which alone outgrows a window.
    private let visible_PP: Tensor?

    /// - Parameters:
    ///   - lengths: tokens of each sequence without the common beginning, in the order in which they are packed.
    ///   - prefix: tokens of the common beginning, which are packed before them.
    ///   - slidingWindow: how many tokens a query sees, itself included; nil for all before it.
    ///   - device: where the tokens are.
    public init(
        lengths: [Int], prefix: Int = 0, slidingWindow: Int? = nil, device: Device = .cpu
    ) throws(TorchError) {
        self.prefix = prefix
        positions_N = try Tensor(Array(0..<prefix) + lengths.flatMap { prefix..<(prefix + $0) }, device: device)
        grid = try PackedGrid(counts: lengths, device: device)
        visible_LS = try PackedSequences.mask(prefix..<(prefix + grid.longest), slidingWindow, device)
        visible_PP = try PackedSequences.mask(0..<prefix, slidingWindow, device)
    }

    /// Which keys from the first on each query sees; nil where causality alone decides.
    private static func mask(
        _ queries: Range<Int>, _ window: Int?, _ device: Device
    ) throws(TorchError) -> Tensor? {
        let isCausal = queries.lowerBound == 0 && queries.upperBound <= window ?? .max
        guard !isCausal, !queries.isEmpty else { return nil }
        let sees = queries.flatMap { query in
            (0..<queries.upperBound).map { $0 <= query && query - $0 < window ?? .max }
        }
        return try Tensor(sees, shape: [queries.count, queries.upperBound], device: device)
    }

    /// Causal attention, each sequence by itself after the common beginning.
    public func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, scale: Double
    ) throws(TorchError) -> Tensor {
        let type = q_NHD.dtype.forAttention(on: q_NHD.device)
        let (q, k, v) = try (q_NHD.to(type), k_NKD.to(type), v_NKD.to(type))
        guard prefix > 0 else {
            return try own(heads(q), heads(k), heads(v), scale).to(q_NHD.dtype)
        }
        let (q_1HPD, k_1KPD, v_1KPD) = try (common(q), common(k), common(v))
        let out_1HPD = try Tensor.attention(
            q_1HPD, k_1KPD, v_1KPD, mask: visible_PP, causal: visible_PP == nil, scale: scale)
        let shared = try out_1HPD.transposed(1, 2).reshaped([prefix, q.shape[1], q.shape[2]])
        let rest = try own(
            heads(after(q)), extended(k_1KPD, heads(after(k))), extended(v_1KPD, heads(after(v))), scale)
        return try Tensor.concatenate([shared, rest], dim: 0).to(q_NHD.dtype)
    }

    private func own(
        _ q_BHLD: Tensor, _ k_BKSD: Tensor, _ v_BKSD: Tensor, _ scale: Double
    ) throws(TorchError) -> Tensor {
        let out_BHLD = try Tensor.attention(
            q_BHLD, k_BKSD, v_BKSD, mask: visible_LS, causal: visible_LS == nil, scale: scale)
        return try grid.unpad(out_BHLD.transposed(1, 2))
    }

    /// Packed tokens as [B, H, L, D].
    private func heads(_ x_NHD: Tensor) throws(TorchError) -> Tensor { try grid.pad(x_NHD).transposed(1, 2) }

    /// The common beginning as [1, H, P, D].
    private func common(_ x_NHD: Tensor) throws(TorchError) -> Tensor {
        try x_NHD.narrow(0, start: 0, length: prefix).unsqueezed(0).transposed(1, 2)
    }

    private func after(_ x_NHD: Tensor) throws(TorchError) -> Tensor {
        try x_NHD.narrow(0, start: prefix, length: x_NHD.shape[0] - prefix)
    }

    private func extended(_ x_1KPD: Tensor, _ x_BKLD: Tensor) throws(TorchError) -> Tensor {
        try Tensor.concatenate([x_1KPD.expanded([grid.rows, -1, -1, -1]), x_BKLD], dim: 2)
    }
}
