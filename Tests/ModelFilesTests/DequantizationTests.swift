// The values of every element type, against those of the Python package gguf.

import Foundation
import ModelFiles
import Testing

@Suite struct DequantizationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The first `count` bytes of a fixed sequence in which no float16 is infinite or NaN, wherever it stands.
    private static func storedBytes(_ count: Int) -> [UInt8] {
        var generator = Generator(state: 1)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) & 0xBB }
    }

    /// FNV-1a over the float32 patterns, least significant byte first.
    private static func fingerprint(_ values: [Float]) -> UInt64 {
        values.flatMap(\.bitPattern.bytes).reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Type number, and the fingerprint of gguf 0.19's `dequantize` of 5 rows of 512 elements
    /// (Tests/Conformance/model_files/golden_dequantization.py).
    static let golden: [(type: UInt32, fingerprint: UInt64)] = [
        (0, 0x8027_5F8C_AA47_1DBC),  // F32
        (1, 0x29E3_9FC1_D9E2_4D88),  // F16
        (30, 0xA6B3_D8E6_A98E_36D0),  // BF16
        (2, 0xA0E9_878A_2C81_3C41),  // Q4_0
        (3, 0x58EA_7F63_86DE_D4C8),  // Q4_1
        (6, 0xA335_6048_704D_6494),  // Q5_0
        (7, 0x2338_B3E1_821F_9637),  // Q5_1
        (8, 0x0707_B568_31B3_9CDC),  // Q8_0
        (10, 0x7F0A_1000_1EC5_E877),  // Q2_K
        (11, 0x7CF0_68F0_1E99_8B76),  // Q3_K
        (12, 0x5568_B1F1_38AD_CAD8),  // Q4_K
        (13, 0xDC07_3CAD_56F7_43C9),  // Q5_K
        (14, 0xF124_5FE8_58A8_2DC9),  // Q6_K
        (20, 0x1E43_FA1D_08C5_BD01),  // IQ4_NL
        (23, 0xADC0_6EF7_BF4F_E77F),  // IQ4_XS
        (39, 0xB85B_C9DE_8033_E8FC),  // MXFP4
    ]

    @Test(arguments: golden) func equalsTheReference(_ golden: (type: UInt32, fingerprint: UInt64)) throws {
        let file = try makeFile(type: golden.type)
        var values = [Float](repeating: .nan, count: 5 * 512)
        try values.withUnsafeMutableBufferPointer { try file.dequantize("w", into: $0) }
        #expect(Self.fingerprint(values) == golden.fingerprint)

        var halves = [UInt16](repeating: 0xFFFF, count: values.count)
        try halves.withUnsafeMutableBufferPointer { try file.dequantize("w", into: $0) }
        #expect(halves == values.map(Self.nearestBFloat16))
    }

    @Test func roundsToTheNearestBFloat16TiesToEven() throws {
        let cases: [(bits: UInt32, rounded: UInt16)] = [
            (0x3F80_0000, 0x3F80), (0x3F80_7FFF, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F80_8001, 0x3F81),
            (0x3F81_8000, 0x3F82), (0xBF81_8000, 0xBF82), (0x0000_8000, 0x0000), (0x0001_8000, 0x0002),
            (0x7F7F_FFFF, 0x7F80), (0x7F80_0000, 0x7F80), (0xFF80_0000, 0xFF80), (0x7F80_0001, 0x7FC0),
            (0xFFFF_FFFF, 0xFFFF), (0x8000_0000, 0x8000), (0x0000_0001, 0x0000), (0x4049_0FDB, 0x4049),
        ]
        var builder = GGUFBuilder()
        builder.tensors = [.init(dimensions: [UInt64(cases.count)])]
        builder.data = cases.flatMap(\.bits.bytes)
        let file = try GGUFFile(path: try folder.write(builder.bytes, to: "x.gguf"))
        var halves = [UInt16](repeating: 0, count: cases.count)
        try halves.withUnsafeMutableBufferPointer { try file.dequantize("w", into: $0) }
        #expect(halves == cases.map(\.rounded))
    }

    private func makeFile(type: UInt32) throws -> GGUFFile {
        var builder = GGUFBuilder()
        builder.tensors = [.init(dimensions: [512, 5], type: type)]
        // More bytes than any type needs.
        builder.data = Self.storedBytes(5 * 512 * 4)
        return try GGUFFile(path: try folder.write(builder.bytes, to: "\(type).gguf"))
    }

    /// Of the two bfloat16 around a value, the nearer one, or the even one of two equally near, in exact arithmetic.
    private static func nearestBFloat16(_ value: Float) -> UInt16 {
        let below = UInt16(value.bitPattern >> 16)
        func double(_ bits: UInt16) -> Double { Double(Float(bitPattern: UInt32(bits) << 16)) }
        let toBelow = abs(Double(value) - double(below))
        let toAbove = abs(Double(value) - double(below + 1))
        return toBelow < toAbove || (toBelow == toAbove && below.isMultiple(of: 2)) ? below : below + 1
    }
}
