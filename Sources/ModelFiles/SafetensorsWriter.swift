// Writes safetensors files: the header first, then each tensor's bytes as they come. Deals in bytes; knows no tensors.

import Basics
import Foundation

/// Writes safetensors files that the reference implementation reads.
public enum SafetensorsWriter {
    /// A tensor to be written.
    public struct Tensor {
        /// Its name in the file.
        public let name: String
        public let type: ScalarType
        /// Row-major, outermost dimension first.
        public let shape: [Int]
        /// Calls its argument with the bytes, in order, in as many pieces as it likes. Called once, when the tensor's
        /// turn has come.
        public let writeBytes: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

        /// A tensor whose bytes are asked for when its turn has come, so that not all need be in memory at once.
        public init(
            name: String, type: ScalarType, shape: [Int],
            writeBytes: @escaping ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
        ) {
            self.name = name
            self.type = type
            self.shape = shape
            self.writeBytes = writeBytes
        }

        /// A tensor whose bytes lie in memory, little-endian, and stay there until it is written.
        public init(name: String, type: ScalarType, shape: [Int], bytes: UnsafeRawBufferPointer) {
            self.init(name: name, type: type, shape: shape) { write in try write(bytes) }
        }
    }

    /// Writes a file, which appears whole or not at all.
    ///
    /// Types with larger elements come first, so that every tensor begins at a multiple of its elements' size.
    public static func write(to path: String, metadata: [String: String] = [:], tensors: [Tensor]) throws {
        let layout = try layout(of: tensors, path: path)
        let header = try header(metadata: metadata, layout: layout, path: path)
        try WholeFile.write(to: path) { file in
            try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.write($0) }
            try header.withUnsafeBytes { try file.write($0) }
            for (tensor, range) in layout {
                var written = 0
                try tensor.writeBytes { bytes in
                    written += bytes.count
                    guard written <= range.count else { return }
                    try file.write(bytes)
                }
                guard written == range.count else {
                    let reason =
                        "\(tensor.type.rawValue) of shape \(tensor.shape) takes \(range.count) bytes, not \(written)"
                    throw ModelFileError.unfitTensor(file: path, tensor: tensor.name, reason: reason)
                }
            }
        }
    }

    private typealias Layout = [(tensor: Tensor, range: Range<Int>)]

    /// The tensors in the order in which they are written, and where their bytes go, counted from the header's end.
    private static func layout(of tensors: [Tensor], path: String) throws(ModelFileError) -> Layout {
        var names: Set<String> = ["__metadata__"]
        var end = 0
        var layout: Layout = []
        // Swift's sort is stable: equals stay in the caller's order.
        for tensor in tensors.sorted(by: { $0.type.byteCount > $1.type.byteCount }) {
            guard names.insert(tensor.name).inserted else {
                throw .unfitTensor(file: path, tensor: tensor.name, reason: "the name is taken")
            }
            do throws(FormatFault) {
                let begin = end
                let overflow: Bool
                (end, overflow) = begin.addingReportingOverflow(
                    try TensorStorage.plain(tensor.type).size(ofShape: tensor.shape).bytes)
                guard !overflow else { throw .shapeOverflow(tensor.shape) }
                layout.append((tensor, begin..<end))
            } catch {
                throw .invalid(file: path, tensor: tensor.name, error)
            }
        }
        return layout
    }

    private static func header(metadata: [String: String], layout: Layout, path: String) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var header = try encoder.encode(Header(metadata: metadata, layout: layout))
        // The data begins at a multiple of eight, as the reference implementation has it.
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        guard header.count <= SafetensorsFile.maximumHeaderByteCount else {
            let count = UInt64(header.count)
            let limit = SafetensorsFile.maximumHeaderByteCount
            throw ModelFileError.invalid(
                file: path, tensor: nil, .overLimit(part: "the header's length", count: count, limit: limit))
        }
        return header
    }

    private struct Header: Encodable {
        let metadata: [String: String]
        let layout: Layout

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(_ name: String) { stringValue = name }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        private struct Description: Encodable {
            let dtype: String
            let shape: [Int]
            let data_offsets: [Int]
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            if !metadata.isEmpty { try container.encode(metadata, forKey: Key("__metadata__")) }
            for (tensor, range) in layout {
                let offsets = [range.lowerBound, range.upperBound]
                let description = Description(dtype: tensor.type.rawValue, shape: tensor.shape, data_offsets: offsets)
                try container.encode(description, forKey: Key(tensor.name))
            }
        }
    }
}
