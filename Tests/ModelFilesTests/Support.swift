// Temporary folders, and small files of both formats built byte by byte, so that any part of them can be wrong.

import Foundation
import ModelFiles

/// A folder that is removed with its last reference.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "model-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Everything in the folder, hidden names too.
    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }
}

extension FixedWidthInteger {
    var bytes: [UInt8] { withUnsafeBytes(of: littleEndian, Array.init) }
}

/// A safetensors file of this header and data.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] { safetensors(Array(header.utf8), data: data) }

func safetensors(_ header: [UInt8], data: [UInt8] = []) -> [UInt8] { UInt64(header.count).bytes + header + data }

/// A GGUF file, all of whose parts may be set to anything.
struct GGUFBuilder {
    struct Tensor {
        var name = "w"
        var dimensionCount: UInt32?
        var dimensions: [UInt64] = [8]
        var type: UInt32 = 0
        var offset: UInt64 = 0
    }

    var magic = Array("GGUF".utf8)
    var version: [UInt8] = UInt32(3).bytes
    var tensorCount: UInt64?
    var entryCount: UInt64?
    var entries: [[UInt8]] = []
    var tensors: [Tensor] = []
    var data: [UInt8] = []
    var alignment = 32

    /// One tensor of eight float32.
    static var small: GGUFBuilder {
        var builder = GGUFBuilder()
        builder.tensors = [Tensor()]
        builder.data = Array(0..<32)
        return builder
    }

    static func string(_ text: [UInt8]) -> [UInt8] { UInt64(text.count).bytes + text }

    static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

    static func array(type: UInt32, _ elements: [[UInt8]], count: UInt64? = nil) -> [UInt8] {
        type.bytes + (count ?? UInt64(elements.count)).bytes + elements.joined()
    }

    mutating func add(_ key: String, type: UInt32, _ value: [UInt8]) {
        entries.append(Self.string(key) + type.bytes + value)
    }

    /// All bytes up to the tensors' data, without padding.
    var header: [UInt8] {
        var bytes = magic + version
        bytes += (tensorCount ?? UInt64(tensors.count)).bytes + (entryCount ?? UInt64(entries.count)).bytes
        bytes += entries.joined()
        for tensor in tensors {
            bytes += Self.string(tensor.name)
            bytes += (tensor.dimensionCount ?? UInt32(tensor.dimensions.count)).bytes
            bytes += tensor.dimensions.flatMap(\.bytes) + tensor.type.bytes + tensor.offset.bytes
        }
        return bytes
    }

    var bytes: [UInt8] {
        let header = header
        return header + [UInt8](repeating: 0, count: (alignment - header.count % alignment) % alignment) + data
    }
}

/// SplitMix64: the same numbers on every machine.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
