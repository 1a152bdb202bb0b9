// The layout of one block of each quantised type of GGUF (ggml-common.h) and how its elements come out of it
// (ggml-quants.c). d and m are a block's scale and offset, q an element's small integer. The order of the operations is
// ggml's, so that the results have the same bits.

/// One function a type: reads one block and writes its elements as float32.
enum QuantizedBlock {
    /// d · (q - 8). Layout: d, 16 bytes of two q each: element i in the low half of byte i, element i + 16 in the high one.
    @inline(__always)
    static func q4_0(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block)
        let q = load16(block + 2)
        store((widen(q & 15) - 8) * d, output)
        store((widen(q &>> 4) - 8) * d, output + 64)
    }

    /// d · q + m. Layout: d, m, q as in Q4_0.
    @inline(__always)
    static func q4_1(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block)
        let m = loadFloat16(block + 2)
        let q = load16(block + 4)
        store(widen(q & 15) * d + m, output)
        store(widen(q &>> 4) * d + m, output + 64)
    }

    /// d · (q - 16). Layout: d, four bytes with the fifth bit of each q, the other bits as in Q4_0.
    @inline(__always)
    static func q5_0(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block)
        let q = load16(block + 6)
        store((widen(q & 15 | fifthBits(block + 2)) - 16) * d, output)
        store((widen(q &>> 4 | fifthBits(block + 4)) - 16) * d, output + 64)
    }

    /// d · q + m. Layout: d, m, then as in Q5_0.
    @inline(__always)
    static func q5_1(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block)
        let m = loadFloat16(block + 2)
        let q = load16(block + 8)
        store(widen(q & 15 | fifthBits(block + 4)) * d + m, output)
        store(widen(q &>> 4 | fifthBits(block + 6)) * d + m, output + 64)
    }

    /// d · q. Layout: d, 32 signed bytes.
    @inline(__always)
    static func q8_0(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block)
        for half in 0..<2 {
            let q = SIMD16<Int8>(truncatingIfNeeded: load16(block + 2 + 16 * half))
            store(SIMD16<Float>(q) * d, output + 64 * half)
        }
    }

    /// d · q - m in 16 groups of 16, two bits a q. Layout: 16 bytes of a group's scale and, in the high half, its offset;
    /// 32 bytes for each eight groups, bit pair p of which holds groups 2p and 2p + 1; d, m.
    @inline(__always)
    static func q2_K(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block + 80)
        let m = loadFloat16(block + 82)
        for group in 0..<16 {
            let scale = (block + group).load(as: UInt8.self)
            let q = bitPairs(block + 16, group)
            store(widen(q) * (d * Float(scale & 15)) - m * Float(scale >> 4), output + 64 * group)
        }
    }

    /// d · (q - 4) in 16 groups of 16, three bits a q. Layout: 32 bytes of which bit g is the third of q in groups 2g and
    /// 2g + 1, the lower two bits as in Q2_K, 12 bytes of group scales, d.
    @inline(__always)
    static func q3_K(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block + 108)
        func scaleByte(_ index: Int) -> UInt8 { (block + 96 + index).load(as: UInt8.self) }
        for group in 0..<16 {
            // Six bits: four in a half of the first eight bytes, two in the last four.
            let low = group < 8 ? scaleByte(group) & 15 : scaleByte(group - 8) >> 4
            let high = scaleByte(8 + group % 4) >> UInt8(2 * (group / 4)) & 3
            let scale = d * Float(Int(low | high << 4) - 32)
            let third = (load16(block + 16 * (group % 2)) &>> UInt8(group / 2) & 1) &<< 2
            store((widen(bitPairs(block + 32, group) | third) - 4) * scale, output + 64 * group)
        }
    }

    /// d · q - m in eight groups of 32. Layout: d, m, 12 bytes of group scales, 32 bytes for each two groups: the first
    /// one's q in the low halves.
    @inline(__always)
    static func q4_K(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        for group in 0..<8 {
            let (d, m) = groupScale(block, group)
            for half in 0..<2 {
                let q = load16(block + 16 + 32 * (group / 2) + 16 * half)
                let low = group.isMultiple(of: 2) ? q & 15 : q &>> 4
                store(widen(low) * d - m, output + 128 * group + 64 * half)
            }
        }
    }

    /// d · q - m in eight groups of 32. Layout: d, m, 12 bytes of group scales, 32 bytes whose bit g is the fifth of q in
    /// group g, the other bits as in Q4_K.
    @inline(__always)
    static func q5_K(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        for group in 0..<8 {
            let (d, m) = groupScale(block, group)
            for half in 0..<2 {
                let q = load16(block + 48 + 32 * (group / 2) + 16 * half)
                let low = group.isMultiple(of: 2) ? q & 15 : q &>> 4
                let high = (load16(block + 16 + 16 * half) &>> UInt8(group) & 1) &<< 4
                store(widen(low | high) * d - m, output + 128 * group + 64 * half)
            }
        }
    }

    /// d · (q - 32) in eight groups of 32, each half a group with its own scale. Layout: 64 bytes of low halves for each
    /// four groups, 32 bytes of upper bit pairs for each four groups, 16 signed scales, d.
    @inline(__always)
    static func q6_K(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block + 208)
        for group in 0..<8 {
            let (quarter, place) = group.quotientAndRemainder(dividingBy: 4)
            for half in 0..<2 {
                let scale = d * Float((block + 192 + 2 * group + half).load(as: Int8.self))
                let q = load16(block + 64 * quarter + 32 * (place % 2) + 16 * half)
                let low = place < 2 ? q & 15 : q &>> 4
                let high = (load16(block + 128 + 32 * quarter + 16 * half) &>> UInt8(2 * place) & 3) &<< 4
                store((widen(low | high) - 32) * scale, output + 128 * group + 64 * half)
            }
        }
    }

    /// d · value of q. Layout as in Q4_0.
    @inline(__always)
    static func iq4_NL(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        storeNibbles(block + 2, nonLinearValues, loadFloat16(block), output)
    }

    /// d · value of q in eight groups of 32, values and the order of the q in a group as in IQ4_NL. Layout: d, eight bit
    /// pairs and eight halves of bytes with the upper and lower bits of group scales, 16 bytes a group.
    @inline(__always)
    static func iq4_XS(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let d = loadFloat16(block)
        let high = UInt16(littleEndian: (block + 2).loadUnaligned(as: UInt16.self))
        for group in 0..<8 {
            let low = (block + 4 + group / 2).load(as: UInt8.self) >> UInt8(4 * (group % 2)) & 15
            let scale = Int(low) | Int(high >> UInt16(2 * group) & 3) << 4
            storeNibbles(block + 8 + 16 * group, nonLinearValues, d * Float(scale - 32), output + 128 * group)
        }
    }

    /// 2^(e - 128) · value of q. Layout: e, then q as in Q4_0. Source: OCP Microscaling Formats 1.0, E2M1 with its values
    /// doubled to whole numbers and the scale halved.
    @inline(__always)
    static func mxfp4(_ block: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
        let exponent = UInt32(block.load(as: UInt8.self))
        // The two smallest powers are subnormal.
        let d = Float(bitPattern: exponent < 2 ? 0x20_0000 << exponent : (exponent - 1) << 23)
        storeNibbles(block + 1, microscalingValues, d, output)
    }

    private static let nonLinearValues = SIMD16<Float>(
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)

    private static let microscalingValues = SIMD16<Float>(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)

    /// 32 elements of four bits, in the order of Q4_0, each of which numbers one of 16 values.
    @inline(__always)
    private static func storeNibbles(
        _ address: UnsafeRawPointer, _ values: SIMD16<Float>, _ d: Float, _ output: UnsafeMutableRawPointer
    ) {
        let q = load16(address)
        store(chosen(values, q & 15) * d, output)
        store(chosen(values, q &>> 4) * d, output + 64)
    }

    @inline(__always)
    private static func chosen(_ values: SIMD16<Float>, _ numbers: SIMD16<UInt8>) -> SIMD16<Float> {
        var chosen = SIMD16<Float>()
        for index in 0..<16 { chosen[index] = values[Int(numbers[index])] }
        return chosen
    }

    /// The two-bit numbers of a group in the order of Q2_K.
    @inline(__always)
    private static func bitPairs(_ address: UnsafeRawPointer, _ group: Int) -> SIMD16<UInt8> {
        load16(address + 32 * (group / 8) + 16 * (group % 2)) &>> UInt8(2 * (group / 2 % 4)) & 3
    }

    /// Scale and offset of a group in a block of Q4_K or Q5_K: the block's, times six bits each of the 12 bytes after
    /// them. Groups 0…3 have theirs whole in bytes 0…3 and 4…7; those of groups 4…7 are shared out over a half of a byte
    /// in 8…11 and the two upper bits of the earlier bytes.
    @inline(__always)
    private static func groupScale(_ block: UnsafeRawPointer, _ group: Int) -> (d: Float, m: Float) {
        func byte(_ index: Int) -> UInt8 { (block + 4 + index).load(as: UInt8.self) }
        let place = group % 4
        let scale: UInt8
        let offset: UInt8
        if group < 4 {
            scale = byte(place) & 0x3F
            offset = byte(4 + place) & 0x3F
        } else {
            scale = byte(8 + place) & 0x0F | byte(place) >> 2 & 0x30
            offset = byte(8 + place) >> 4 | byte(4 + place) >> 2 & 0x30
        }
        return (loadFloat16(block) * Float(scale), loadFloat16(block + 2) * Float(offset))
    }

    /// Sixteen bits, the lowest first, each as the fifth bit of a byte.
    @inline(__always)
    private static func fifthBits(_ address: UnsafeRawPointer) -> SIMD16<UInt8> {
        let bytes = SIMD16<UInt8>(
            lowHalf: SIMD8(repeating: address.load(as: UInt8.self)),
            highHalf: SIMD8(repeating: (address + 1).load(as: UInt8.self)))
        let masks = SIMD16<UInt8>(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128)
        return SIMD16<UInt8>(repeating: 0).replacing(with: 16, where: bytes & masks .!= 0)
    }

    @inline(__always)
    private static func load16(_ address: UnsafeRawPointer) -> SIMD16<UInt8> {
        address.loadUnaligned(as: SIMD16<UInt8>.self)
    }

    @inline(__always)
    private static func widen(_ bytes: SIMD16<UInt8>) -> SIMD16<Float> { SIMD16<Float>(bytes) }

    @inline(__always)
    private static func store(_ values: SIMD16<Float>, _ address: UnsafeMutableRawPointer) {
        address.storeBytes(of: values, as: SIMD16<Float>.self)
    }
}
