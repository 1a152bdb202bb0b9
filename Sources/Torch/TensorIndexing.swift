// Shapes, slices and look-ups. All but the in-place writes are differentiable.

import CTorch

extension Tensor {
    /// The same elements under another shape; one size may be -1 and is then worked out.
    public func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
        try map("reshape") { handle, out in withShape(shape) { ctorch_reshape(handle, $0, $1, out) } }
    }

    /// Sizes of 1 repeated without a copy; -1 keeps a size.
    public func expanded(_ shape: [Int]) throws(TorchError) -> Tensor {
        try map("expand") { handle, out in withShape(shape) { ctorch_expand(handle, $0, $1, out) } }
    }

    /// Two dimensions swapped, without a copy.
    public func transposed(_ dim0: Int, _ dim1: Int) throws(TorchError) -> Tensor {
        try map("transpose") { ctorch_transpose($0, Int64(dim0), Int64(dim1), $1) }
    }

    /// A dimension of size 1 put in at `dim`.
    public func unsqueezed(_ dim: Int) throws(TorchError) -> Tensor {
        try map("unsqueeze") { ctorch_unsqueeze($0, Int64(dim), $1) }
    }

    /// `length` places of a dimension from `start` on, without a copy.
    public func narrow(_ dim: Int, start: Int, length: Int) throws(TorchError) -> Tensor {
        try map("narrow") { ctorch_narrow($0, Int64(dim), Int64(start), Int64(length), $1) }
    }

    /// The places of a dimension that `indices` (int64, [n]) names.
    public func indexSelect(_ dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
        try combine("index_select", indices) { ctorch_index_select($0, Int64(dim), $1, $2) }
    }

    /// out[i][j] = self[i][indices[i][j]] for dim = 1, and so on.
    public func gather(_ dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
        try combine("gather", indices) { ctorch_gather($0, Int64(dim), $1, $2) }
    }

    /// Tensors one after the other along a dimension.
    public static func concatenate(_ tensors: [Tensor], dim: Int) throws(TorchError) -> Tensor {
        try make("cat", tensors) { out in withHandles(tensors) { ctorch_cat($0, $1, Int64(dim), out) } }
    }

    /// self[rows[i], columns[i]] = values[i], in place; rows and columns are int64 [n], values [n, …].
    public func put(rows: Tensor, columns: Tensor, values: Tensor) throws(TorchError) {
        try Tensor.run("index_put_", [self, rows, columns, values]) {
            withHandle { this in
                rows.withHandle { r in
                    columns.withHandle { c in values.withHandle { ctorch_put_rows_columns(this, r, c, $0) } }
                }
            }
        }
    }

    /// The k largest along a dimension, largest first, and where they are (int64).
    public func topK(_ k: Int, dim: Int = -1) throws(TorchError) -> (values: Tensor, indices: Tensor) {
        try pair("topk") { ctorch_topk($0, Int64(k), Int64(dim), $1, $2) }
    }

    /// All along a dimension, largest first, and where they are (int64).
    public func sortedDescending(dim: Int = -1) throws(TorchError) -> (values: Tensor, indices: Tensor) {
        try pair("sort") { ctorch_sort_descending($0, Int64(dim), $1, $2) }
    }

    /// Where the largest along a dimension is (int64; the dimension is gone).
    public func argmax(_ dim: Int) throws(TorchError) -> Tensor {
        try map("argmax") { ctorch_argmax($0, Int64(dim), $1) }
    }

    private func pair(
        _ operation: StaticString, _ body: (OpaquePointer, Out, Out) -> CTorchCode
    ) throws(TorchError) -> (values: Tensor, indices: Tensor) {
        try Tensor.makePair(operation, [self]) { values, indices in withHandle { body($0, values, indices) } }
    }
}
