// Changes in the weights of a folder that a test has written: what a broken download or conversion does, and further tensors.

import Foundation
import ModelFiles

/// A tensor's elements, of float32 unless a test says otherwise.
public struct ChangedTensor {
    public var type: ScalarType
    public var shape: [Int]
    public var bytes: Data

    public init(_ shape: [Int], _ values: [Float]) {
        (type, self.shape, bytes) = (.float32, shape, values.withUnsafeBytes { Data($0) })
    }

    public init(_ type: ScalarType, _ shape: [Int], bytes: Data) {
        (self.type, self.shape, self.bytes) = (type, shape, bytes)
    }

    /// The element at a place, of float32.
    public subscript(place: Int) -> Float {
        get { bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * place, as: Float.self) } }
        set { bytes.withUnsafeMutableBytes { $0.storeBytes(of: newValue, toByteOffset: 4 * place, as: Float.self) } }
    }
}

/// Writes a safetensors file anew with what a body makes of its tensors.
public func changeWeights(
    of file: URL, _ body: (inout [String: ChangedTensor]) throws -> Void
) throws {
    let old = try SafetensorsFile(path: file.path)
    var tensors: [String: ChangedTensor] = [:]
    for (name, entry) in old.entries {
        guard case .plain(let type) = entry.storage else { continue }
        tensors[name] = ChangedTensor(type, entry.shape, bytes: try old.withBytes(of: name) { Data($0) })
    }
    try body(&tensors)
    try SafetensorsWriter.write(
        to: file.path, metadata: old.metadata,
        tensors: tensors.sorted { $0.key < $1.key }.map { name, tensor in
            SafetensorsWriter.Tensor(name: name, type: tensor.type, shape: tensor.shape) { write in
                try tensor.bytes.withUnsafeBytes(write)
            }
        })
}
