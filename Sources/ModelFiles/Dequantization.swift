// Turns the stored bytes of GGUF's element types into float32 or bfloat16. The arithmetic is done in the order in which
// ggml and the Python package `gguf` do it, so that the results have the same bits. Knows no files.

/// Conversions of whole runs of blocks.
enum Dequantization {
    /// Writes all elements of `bytes`, which are a whole number of blocks.
    static func toFloat32(
        _ storage: TensorStorage, _ bytes: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<Float>
    ) {
        guard let start = bytes.baseAddress else { return }
        switch storage {
        case .plain(.float32): UnsafeMutableRawPointer(output).copyMemory(from: start, byteCount: bytes.count)
        case .plain(.float16): for i in 0..<bytes.count / 2 { output[i] = loadFloat16(start + 2 * i) }
        case .plain(.bfloat16): for i in 0..<bytes.count / 2 { output[i] = loadBFloat16(start + 2 * i) }
        case .plain: preconditionFailure("a GGUF file with \(storage) is refused when it is opened")
        case .quantized(let type):
            switch type {
            case .q4_0: forEachBlock(of: type, bytes, output, QuantizedBlock.q4_0)
            case .q4_1: forEachBlock(of: type, bytes, output, QuantizedBlock.q4_1)
            case .q5_0: forEachBlock(of: type, bytes, output, QuantizedBlock.q5_0)
            case .q5_1: forEachBlock(of: type, bytes, output, QuantizedBlock.q5_1)
            case .q8_0: forEachBlock(of: type, bytes, output, QuantizedBlock.q8_0)
            case .q2_K: forEachBlock(of: type, bytes, output, QuantizedBlock.q2_K)
            case .q3_K: forEachBlock(of: type, bytes, output, QuantizedBlock.q3_K)
            case .q4_K: forEachBlock(of: type, bytes, output, QuantizedBlock.q4_K)
            case .q5_K: forEachBlock(of: type, bytes, output, QuantizedBlock.q5_K)
            case .q6_K: forEachBlock(of: type, bytes, output, QuantizedBlock.q6_K)
            case .iq4_NL: forEachBlock(of: type, bytes, output, QuantizedBlock.iq4_NL)
            case .iq4_XS: forEachBlock(of: type, bytes, output, QuantizedBlock.iq4_XS)
            case .mxfp4: forEachBlock(of: type, bytes, output, QuantizedBlock.mxfp4)
            }
        }
    }

    /// Writes all elements of `bytes` as bfloat16 bit patterns, by way of a piece of float32 that stays in the cache.
    static func toBFloat16(
        _ storage: TensorStorage, _ bytes: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<UInt16>
    ) {
        guard let start = bytes.baseAddress else { return }
        if storage == .plain(.bfloat16) {
            UnsafeMutableRawPointer(output).copyMemory(from: start, byteCount: bytes.count)
            return
        }
        let pieceElements = 2048
        let pieceBytes = pieceElements / storage.block.elements * storage.block.bytes
        withUnsafeTemporaryAllocation(of: Float.self, capacity: pieceElements) { piece in
            guard let floats = piece.baseAddress else { return }
            var destination = output
            for offset in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<min(offset + pieceBytes, bytes.count)])
                toFloat32(storage, part, floats)
                let count = part.count / storage.block.bytes * storage.block.elements
                for i in 0..<count { destination[i] = bfloat16Bits(floats[i]) }
                destination += count
            }
        }
    }

    @inline(__always)
    private static func forEachBlock(
        of type: GGUFQuantization, _ bytes: UnsafeRawBufferPointer, _ output: UnsafeMutablePointer<Float>,
        _ convert: (UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
    ) {
        guard let start = bytes.baseAddress else { return }
        for block in 0..<bytes.count / type.blockBytes {
            convert(start + block * type.blockBytes, UnsafeMutableRawPointer(output + block * type.blockElements))
        }
    }
}

/// The float16 at an address, whatever its alignment. In integer operations, since x86-64 without F16C would call a
/// library function for each.
@inline(__always)
func loadFloat16(_ address: UnsafeRawPointer) -> Float {
    let bits = UInt32(UInt16(littleEndian: address.loadUnaligned(as: UInt16.self)))
    let sign = (bits & 0x8000) << 16
    // Exponent and mantissa at their places in a float32; the exponent's bias goes from 15 to 127.
    let magnitude = (bits & 0x7FFF) << 13
    let normal = magnitude + (127 - 15) << 23
    let infiniteOrNaN = magnitude + (255 - 31) << 23
    // A subnormal's mantissa, put below an exponent of 1, is off by exactly that power of two.
    let one: UInt32 = (127 - 15 + 1) << 23
    let subnormal = (Float(bitPattern: magnitude + one) - Float(bitPattern: one)).bitPattern
    let exponent = magnitude >> 23
    return Float(bitPattern: sign | (exponent == 0 ? subnormal : exponent == 31 ? infiniteOrNaN : normal))
}

/// The bfloat16 at an address, whatever its alignment.
@inline(__always)
func loadBFloat16(_ address: UnsafeRawPointer) -> Float {
    Float(bitPattern: UInt32(UInt16(littleEndian: address.loadUnaligned(as: UInt16.self))) << 16)
}

/// The nearest bfloat16, ties to even; a NaN keeps its sign and becomes quiet.
@inline(__always)
func bfloat16Bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
    let quiet = bits | 0x40_0000
    return UInt16(truncatingIfNeeded: (bits & 0x7FFF_FFFF > 0x7F80_0000 ? quiet : rounded) >> 16)
}
