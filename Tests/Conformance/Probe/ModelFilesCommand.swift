// Lets the Python side of the conformance tests see what ModelFiles reads and writes. Compares nothing itself.

import Foundation
import ModelFiles

/// `gguf FILE FLOAT32 BFLOAT16`: prints the metadata and the tensors as JSON, and writes all values, dequantised, one
/// tensor after another in the order of their names.
/// `safetensors PATH OUT`: reads a file or a folder of shards, and writes everything again.
/// `adapter IN OUT`: reads a PEFT adapter and writes it again.
enum ModelFilesProbe {
    static func run(arguments: [String]) throws {
        switch (arguments.first, arguments.dropFirst().count) {
        case ("gguf", 3): try gguf(arguments[1], float32: arguments[2], bfloat16: arguments[3])
        case ("safetensors", 2): try safetensors(arguments[1], to: arguments[2])
        case ("adapter", 2): try adapter(arguments[1], to: arguments[2])
        default: throw Usage()
        }
    }

    private struct Usage: Error, CustomStringConvertible {
        let description = "usage: gguf FILE FLOAT32 BFLOAT16 | safetensors PATH OUT | adapter IN OUT"
    }

    private static func gguf(_ path: String, float32: String, bfloat16: String) throws {
        let file = try GGUFFile(path: path)
        let entries = file.entries.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        try write(entries, to: float32, 0 as Float) { try file.dequantize($0, into: $1) }
        try write(entries, to: bfloat16, 0 as UInt16) { try file.dequantize($0, into: $1) }
        let tensors = entries.map {
            ["name": $0.name, "shape": $0.shape, "type": $0.storage.description] as [String: Any]
        }
        let json: [String: Any] = ["metadata": file.metadata.mapValues(\.json), "tensors": tensors]
        FileHandle.standardOutput.write(try JSONSerialization.data(withJSONObject: json))
    }

    private static func safetensors(_ path: String, to output: String) throws {
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        if isDirectory.boolValue {
            let directory = try SafetensorsDirectory(path: path)
            let tensors = copies(of: directory.entries) { try directory.withBytes(of: $0, body: $1) }
            try SafetensorsWriter.write(to: output, tensors: tensors)
        } else {
            let file = try SafetensorsFile(path: path)
            let tensors = copies(of: file.entries) { try file.withBytes(of: $0, body: $1) }
            try SafetensorsWriter.write(to: output, metadata: file.metadata, tensors: tensors)
        }
    }

    private static func adapter(_ directory: String, to output: String) throws {
        let (configuration, file) = try PEFTAdapterFile.read(directory: directory)
        let tensors = copies(of: file.entries) { try file.withBytes(of: $0, body: $1) }
        let metadata = [PEFTAdapterFile.baseFingerprintKey: "0123456789abcdef"]
        try PEFTAdapterFile.write(directory: output, configuration: configuration, tensors: tensors, metadata: metadata)
    }

    private static func copies(
        of entries: [String: TensorEntry],
        _ withBytes: @escaping (String, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) -> [SafetensorsWriter.Tensor] {
        entries.values.compactMap { entry in
            guard case .plain(let type) = entry.storage else { return nil }
            return SafetensorsWriter.Tensor(name: entry.name, type: type, shape: entry.shape) { write in
                try withBytes(entry.name, write)
            }
        }
    }

    private static func write<T>(
        _ entries: [TensorEntry], to path: String, _ zero: T,
        _ dequantize: (String, UnsafeMutableBufferPointer<T>) throws -> Void
    ) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        for entry in entries {
            var values = [T](repeating: zero, count: entry.elementCount)
            try values.withUnsafeMutableBufferPointer { try dequantize(entry.name, $0) }
            try values.withUnsafeBytes { try output.write(contentsOf: $0) }
        }
        try output.close()
    }
}

extension GGUFValue {
    /// The value as JSONSerialization takes it. JSON has no infinities; they become text.
    fileprivate var json: Any {
        switch self {
        case .integer(let value): value
        case .largeInteger(let value): value
        case .number(let value): value.isFinite ? value : "\(value)"
        case .boolean(let value): value
        case .text(let value): value
        case .array(let values): values.map(\.json)
        }
    }
}
