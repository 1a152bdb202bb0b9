// Between files of named bytes and tensors.

import ModelFiles
import Torch

/// A tensor with the name it has in a file.
public struct NamedTensor {
    public let name: String
    public let tensor: Tensor

    /// A name and a tensor.
    public init(_ name: String, _ tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }

    /// The tensor as a file's writer wants it; bytes are fetched when their turn comes.
    var forFile: SafetensorsWriter.Tensor {
        SafetensorsWriter.Tensor(name: name, type: tensor.dtype.scalarType, shape: tensor.shape) { write in
            try tensor.withBytes(write)
        }
    }
}

extension SafetensorsFile {
    /// A tensor over the mapped file, without a copy; it must not be written to.
    public func tensor(_ name: String) throws -> Tensor {
        guard let entry = entries[name] else {
            throw LanguageModelError.missingTensor(file: file.path, name: name, layer: nil)
        }
        return try withBytes(of: name) { try Tensor.borrowing($0, entry: entry, file: file) }
    }
}

extension SafetensorsDirectory {
    /// A tensor over a mapped shard, without a copy; it must not be written to.
    func tensor(_ name: String) throws -> Tensor {
        guard let entry = entries[name] else {
            throw LanguageModelError.missingTensor(file: path, name: name, layer: nil)
        }
        let file = try file(of: name)
        return try withBytes(of: name) { try Tensor.borrowing($0, entry: entry, file: file) }
    }
}

extension SafetensorsWriter {
    /// Writes tensors, wherever they are, into one file that appears whole or not at all.
    public static func write(to path: String, metadata: [String: String] = [:], tensors: [NamedTensor]) throws {
        try write(to: path, metadata: metadata, tensors: tensors.map(\.forFile))
    }
}

extension Torch.Tensor {
    fileprivate static func borrowing(
        _ bytes: UnsafeRawBufferPointer, entry: TensorEntry, file: MappedFile
    ) throws -> Tensor {
        guard case .plain(let scalar) = entry.storage, let dtype = DType(scalar) else {
            throw LanguageModelError.unsupported(
                file: file.path, what: "the element type of tensor \"\(entry.name)\"",
                supported: DType.allCases.map { "\($0)" }.joined(separator: ", "))
        }
        return try Tensor.borrowing(bytes, shape: entry.shape, dtype: dtype, owner: file)
    }
}

extension DType {
    /// The type of a file's elements; nil for those that no weight has.
    init?(_ scalar: ScalarType) {
        guard let type = DType.allCases.first(where: { $0.scalarType == scalar }) else { return nil }
        self = type
    }

    /// The name of this type in files.
    var scalarType: ScalarType {
        switch self {
        case .float64: .float64
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .int64: .int64
        case .int32: .int32
        case .uint8: .uint8
        case .bool: .bool
        }
    }
}
