// Causal attention within each of several sequences that stand packed one after the other: the layout of training and
// scoring. Knows lengths, not tokens.
//
// Shape suffixes: N tokens in all, L the longest sequence, H and K heads, D width of a head.

import Torch

/// Whole sequences, each seeing itself alone.
public struct PackedSequences: AttentionLayout {
    /// Position of each token in its sequence, int64 [N].
    public let positions_N: Tensor
    private let grid: PackedGrid
    /// Needed only where a sequence outgrows the sliding window. Otherwise padding, which comes last, is hidden from real
    /// queries by causality alone.
    private let windowMask_LL: Tensor?

    /// - Parameter lengths: tokens of each sequence, in the order in which they are packed.
    public init(lengths: [Int], slidingWindow: Int? = nil, device: Device = .cpu) throws(TorchError) {
        positions_N = try Tensor(lengths.flatMap { 0..<$0 }, device: device)
        grid = try PackedGrid(counts: lengths, device: device)
        windowMask_LL = try PackedSequences.windowMask(grid.longest, slidingWindow, device)
    }

    private static func windowMask(
        _ length: Int, _ window: Int?, _ device: Device
    ) throws(TorchError) -> Tensor? {
        guard let window, length > window else { return nil }
        let sees = (0..<length).flatMap { query in (0..<length).map { $0 <= query && query - $0 < window } }
        return try Tensor(sees, shape: [length, length], device: device)
    }

    /// Causal attention, each sequence by itself.
    public func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, scale: Double
    ) throws(TorchError) -> Tensor {
        let type = q_NHD.dtype.forAttention(on: q_NHD.device)
        let out_BHLD = try Tensor.attention(
            heads(q_NHD, type), heads(k_NKD, type), heads(v_NKD, type), mask: windowMask_LL,
            causal: windowMask_LL == nil, scale: scale)
        return try grid.unpad(out_BHLD.to(q_NHD.dtype).transposed(1, 2))
    }

    /// [N, H, D] as [B, H, L, D].
    private func heads(_ x_NHD: Tensor, _ type: DType) throws(TorchError) -> Tensor {
        try grid.pad(x_NHD).transposed(1, 2).to(type)
    }
}
