// Elementwise arithmetic with broadcasting, reductions and matrix products. Differentiable unless in place.

import CTorch

extension Tensor {
    public static func + (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.combine("add", b, ctorch_add) }
    public static func - (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.combine("sub", b, ctorch_sub) }
    public static func * (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.combine("mul", b, ctorch_mul) }
    public static func / (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.combine("div", b, ctorch_div) }
    /// A number added to every element; integers become float32.
    public static func + (a: Tensor, b: Double) throws(TorchError) -> Tensor {
        try a.map("add") { ctorch_add_scalar($0, b, $1) }
    }
    /// Every element times a number; integers become float32.
    public static func * (a: Tensor, b: Double) throws(TorchError) -> Tensor {
        try a.map("mul") { ctorch_mul_scalar($0, b, $1) }
    }
    /// Elementwise comparison, a bool tensor.
    public static func .< (a: Tensor, b: Tensor) throws(TorchError) -> Tensor { try a.combine("lt", b, ctorch_less) }
    public static prefix func - (a: Tensor) throws(TorchError) -> Tensor { try a.map("neg", ctorch_neg) }

    /// Elementwise e to the power.
    public func exp() throws(TorchError) -> Tensor { try map("exp", ctorch_exp) }
    public func cos() throws(TorchError) -> Tensor { try map("cos", ctorch_cos) }
    public func sin() throws(TorchError) -> Tensor { try map("sin", ctorch_sin) }

    /// The value where the mask (bool, broadcast) is true.
    public func maskedFill(_ mask: Tensor, _ value: Double) throws(TorchError) -> Tensor {
        try combine("masked_fill", mask) { ctorch_masked_fill($0, $1, value, $2) }
    }

    /// Sum along a dimension.
    public func sum(_ dim: Int, keepDim: Bool = false) throws(TorchError) -> Tensor {
        try map("sum") { ctorch_sum($0, Int64(dim), keepDim, $1) }
    }
    /// Sum of all elements, a tensor of rank 0.
    public func sum() throws(TorchError) -> Tensor { try map("sum", ctorch_sum_all) }
    /// Largest along a dimension.
    public func maximum(_ dim: Int, keepDim: Bool = false) throws(TorchError) -> Tensor {
        try map("amax") { ctorch_amax($0, Int64(dim), keepDim, $1) }
    }
    /// Running sum along a dimension.
    public func cumulativeSum(_ dim: Int) throws(TorchError) -> Tensor {
        try map("cumsum") { ctorch_cumsum($0, Int64(dim), $1) }
    }
    /// Matrix product over the last two dimensions, the others broadcast.
    public func matmul(_ other: Tensor) throws(TorchError) -> Tensor { try combine("matmul", other, ctorch_matmul) }

    /// Whether no element is infinite or NaN.
    public func isFinite() throws(TorchError) -> Bool {
        var finite = false
        try Tensor.run("isfinite", [self]) { withHandle { ctorch_is_finite_all($0, &finite) } }
        return finite
    }

    /// self += scale · other, in place.
    public func addInPlace(_ other: Tensor, scale: Double = 1) throws(TorchError) {
        try Tensor.run("add_", [self, other]) {
            withHandle { a in other.withHandle { ctorch_add_in_place(a, $0, scale) } }
        }
    }
    /// self *= factor, in place.
    public func scaleInPlace(_ factor: Double) throws(TorchError) {
        try Tensor.run("mul_", [self]) { withHandle { ctorch_mul_scalar_in_place($0, factor) } }
    }
    /// Elements copied from another tensor, converted and broadcast, in place.
    public func copyInPlace(_ source: Tensor) throws(TorchError) {
        try Tensor.run("copy_", [self, source]) {
            withHandle { a in source.withHandle { ctorch_copy_in_place(a, $0) } }
        }
    }
}
