// TensorBoard's event files, for scalars: TFRecord frames (tensorflow/core/lib/io/record_writer.h), each with an Event
// message (tensorflow/core/util/event.proto) in protobuf's wire format. Knows no stores and no files.

import Foundation

enum EventFile {
    /// One point of a curve.
    struct Scalar: Equatable {
        /// The curve; what stands before the first "/" groups curves on TensorBoard's page.
        var tag: String
        var step: Int
        var value: Double
        /// Seconds since 1970.
        var time: Double
    }

    /// The bytes of a file with these points.
    static func data(_ scalars: [Scalar], startedAt: Double) -> Data {
        // Readers take the format from the first event.
        let version = event(time: startedAt, step: nil, field: 3, content: Data("brain.Event:2".utf8))
        return scalars.reduce(into: frame(version)) { data, scalar in
            // Summary { repeated Value value = 1; }, Value { string tag = 1; float simple_value = 2; }
            let value = delimited(1, Data(scalar.tag.utf8)) + fixed(2, Float(scalar.value).bitPattern)
            data += frame(event(time: scalar.time, step: scalar.step, field: 5, content: delimited(1, value)))
        }
    }

    /// Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
    private static func event(time: Double, step: Int?, field: UInt8, content: Data) -> Data {
        fixed(1, time.bitPattern) + (step.map { Data([2 << 3]) + varint(UInt64(bitPattern: Int64($0))) } ?? Data())
            + delimited(field, content)
    }

    // MARK: - Protobuf: a field's number and wire type in one byte, then its value

    private static func fixed(_ field: UInt8, _ bits: some FixedWidthInteger) -> Data {
        let wireType: UInt8 = bits.bitWidth == 64 ? 1 : 5
        return Data([field << 3 | wireType]) + littleEndian(bits)
    }

    private static func delimited(_ field: UInt8, _ content: Data) -> Data {
        Data([field << 3 | 2]) + varint(UInt64(content.count)) + content
    }

    private static func varint(_ value: UInt64) -> Data {
        var (rest, data) = (value, Data())
        while rest >= 0x80 {
            data.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        data.append(UInt8(rest))
        return data
    }

    // MARK: - TFRecord: length, its checksum, content, its checksum

    private static func frame(_ content: Data) -> Data {
        let length = littleEndian(UInt64(content.count))
        return length + littleEndian(masked(length)) + content + littleEndian(masked(content))
    }

    /// Checksums of data that holds checksums are weak, so they are kept turned and shifted.
    private static func masked(_ data: Data) -> UInt32 {
        let sum = CRC32C.checksum(data)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> Data {
        withUnsafeBytes(of: value.littleEndian) { Data($0) }
    }
}
