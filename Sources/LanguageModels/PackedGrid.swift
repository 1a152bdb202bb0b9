// The padded grid that attention needs, and the way there and back from packed tokens. Everything else in a forward pass
// works on packed tokens, so that no product is spent on padding.
//
// Shape suffixes: N packed tokens, B rows, L the longest row, H heads, D width of a head.

import Torch

struct PackedGrid {
    let rows: Int
    let longest: Int
    /// For each place of the grid, which packed token stands there; padding, which comes last in a row, repeats the first
    /// token. Nil where all rows are equally long and the tokens are the grid.
    private let tokens_BL: Tensor?
    /// For each packed token, its place in the grid.
    private let places_N: Tensor?

    init(counts: [Int], device: Device) throws(TorchError) {
        rows = counts.count
        let width = counts.max() ?? 0
        longest = width
        guard counts.contains(where: { $0 != width }) else {
            tokens_BL = nil
            places_N = nil
            return
        }
        var tokens: [Int] = []
        var places: [Int] = []
        for (row, count) in counts.enumerated() {
            let start = places.count
            places += (row * width)..<(row * width + count)
            tokens += (0..<width).map { $0 < count ? start + $0 : 0 }
        }
        tokens_BL = try Tensor(tokens, device: device)
        places_N = try Tensor(places, device: device)
    }

    /// [N, H, D] as [B, L, H, D].
    func pad(_ x_NHD: Tensor) throws(TorchError) -> Tensor {
        let shape = x_NHD.shape
        let grid = if let tokens_BL { try x_NHD.indexSelect(0, tokens_BL) } else { x_NHD }
        return try grid.reshaped([rows, longest, shape[1], shape[2]])
    }

    /// [B, L, H, D] as [N, H, D].
    func unpad(_ x_BLHD: Tensor) throws(TorchError) -> Tensor {
        let shape = x_BLHD.shape
        let flat = try x_BLHD.reshaped([rows * longest, shape[2], shape[3]])
        return if let places_N { try flat.indexSelect(0, places_N) } else { flat }
    }
}
