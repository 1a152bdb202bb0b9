// Tensors from shapes, numbers and bytes, and numbers and bytes from tensors.

import CTorch

extension Tensor {
    /// A tensor whose elements are not set yet.
    public static func empty(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try make("empty") { out in withShape(shape) { ctorch_empty($0, $1, dtype.code, device.code, out) } }
    }

    /// A tensor whose elements all have one value.
    public static func full(
        _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try make("full") { out in withShape(shape) { ctorch_full($0, $1, value, dtype.code, device.code, out) } }
    }

    /// A tensor of zeros.
    public static func zeros(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try full(shape, 0, dtype: dtype, device: device)
    }

    /// The int64 numbers start ..< end, as [end - start].
    public static func arange(_ range: Range<Int>, device: Device = .cpu) throws(TorchError) -> Tensor {
        try make("arange") { ctorch_arange(Int64(range.lowerBound), Int64(range.upperBound), device.code, $0) }
    }

    /// Standard normal numbers; the same seed and shape give the same numbers on every device, and for seeds below 2³²
    /// those of PyTorch after `manual_seed`.
    public static func randn(
        _ shape: [Int], seed: UInt64, dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try make("randn") { out in withShape(shape) { ctorch_randn($0, $1, seed, dtype.code, device.code, out) } }
    }

    /// A tensor with a copy of the numbers, row-major.
    public convenience init<Element: TensorElement>(
        _ values: [Element], shape: [Int]? = nil, device: Device = .cpu
    ) throws(TorchError) {
        var out: OpaquePointer?
        let code = values.withUnsafeBytes {
            Tensor.copy($0, shape: shape ?? [values.count], dtype: Element.dtype, device: device, out: &out)
        }
        guard code == CTORCH_OK, let out else { throw TorchError(code, "tensor", []) }
        self.init(owning: out)
    }

    /// A tensor with a copy of the bytes, row-major, little-endian.
    public convenience init(
        bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, device: Device = .cpu
    ) throws(TorchError) {
        var out: OpaquePointer?
        let code = Tensor.copy(bytes, shape: shape, dtype: dtype, device: device, out: &out)
        guard code == CTORCH_OK, let out else { throw TorchError(code, "tensor", []) }
        self.init(owning: out)
    }

    private static func copy(
        _ bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, device: Device, out: Out
    ) -> CTorchCode {
        var nothing: UInt8 = 0
        return withUnsafePointer(to: &nothing) { none in
            withShape(shape) { sizes, rank in
                ctorch_from_bytes(
                    bytes.baseAddress ?? UnsafeRawPointer(none), bytes.count, sizes, rank, dtype.code, device.code, out)
            }
        }
    }

    /// A read-only CPU tensor over bytes that `owner` keeps alive, without a copy unless they are not aligned for the
    /// dtype. The memory may be mapped read-only: writing to the tensor is a programming error.
    public static func borrowing(
        _ bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType, owner: AnyObject
    ) throws(TorchError) -> Tensor {
        guard let base = bytes.baseAddress, Int(bitPattern: base).isMultiple(of: dtype.byteCount) else {
            return try Tensor(bytes: bytes, shape: shape, dtype: dtype)
        }
        let retained = Unmanaged.passRetained(owner).toOpaque()
        return try make("from_blob") { out in
            withShape(shape) { sizes, rank in
                ctorch_borrow_bytes(
                    base, bytes.count, sizes, rank, dtype.code, retained,
                    { Unmanaged<AnyObject>.fromOpaque($0).release() }, out)
            }
        }
    }

    /// The elements in row-major order, converted to `Element`.
    public func values<Element: TensorElement>(as type: Element.Type = Element.self) throws(TorchError) -> [Element] {
        let plain = try to(Element.dtype, device: .cpu).contiguous()
        return plain.withHandle { handle in
            guard let bytes = ctorch_bytes(handle) else { return [] }
            return [Element](
                UnsafeBufferPointer(start: bytes.assumingMemoryBound(to: Element.self), count: plain.count))
        }
    }

    /// Runs a body over the elements' bytes, row-major; the tensor is copied first where it is elsewhere or strided.
    public func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let plain = try to(device: .cpu).contiguous()
        return try withExtendedLifetime(plain) {
            let bytes = plain.withHandle(ctorch_bytes)
            return try body(UnsafeRawBufferPointer(start: bytes, count: plain.count * dtype.byteCount))
        }
    }

    public func item() throws(TorchError) -> Double {
        var value = 0.0
        try Tensor.run("item", [self]) { withHandle { ctorch_item($0, &value) } }
        return value
    }

    /// The same elements in another type or place; the tensor itself where nothing changes. Differentiable.
    public func to(_ dtype: DType? = nil, device: Device? = nil) throws(TorchError) -> Tensor {
        let wantedType = dtype ?? self.dtype
        let wantedDevice = device ?? self.device
        return try map("to") { ctorch_to($0, wantedType.code, wantedDevice.code, $1) }
    }

    /// A copy that shares nothing. Differentiable.
    public func clone() throws(TorchError) -> Tensor { try map("clone", ctorch_clone) }

    /// The same elements in row-major order in memory.
    public func contiguous() throws(TorchError) -> Tensor { try map("contiguous", ctorch_contiguous) }
}

extension Tensor {
    /// A CPU tensor whose bytes, row-major, a body writes; they are not set before.
    public static func filled<Failure: Error>(
        _ shape: [Int], dtype: DType, by body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws -> Tensor {
        let tensor = try empty(shape, dtype: dtype)
        // A new tensor is contiguous and nobody else's.
        let bytes = tensor.withHandle(ctorch_bytes).map(UnsafeMutableRawPointer.init(mutating:))
        try body(UnsafeMutableRawBufferPointer(start: bytes, count: tensor.count * dtype.byteCount))
        return tensor
    }
}
