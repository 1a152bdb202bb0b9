// What the safetensors writer writes, and what it leaves when it cannot.

import Basics
import Foundation
import ModelFiles
import Testing

@Suite struct SafetensorsWriterTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/x.safetensors"
    }

    /// A tensor of these bytes, handed over in pieces of three.
    private func tensor(_ name: String, _ type: ScalarType, _ shape: [Int], _ bytes: [UInt8])
        -> SafetensorsWriter.Tensor
    {
        .init(name: name, type: type, shape: shape) { write in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                try bytes[start..<min(start + 3, bytes.count)].withUnsafeBytes { try write($0) }
            }
        }
    }

    @Test func readsBackEqualAndAligned() throws {
        let tensors = [
            tensor("u8", .uint8, [3], [1, 2, 3]), tensor("f64", .float64, [1], Array(0..<8)),
            tensor("bf16", .bfloat16, [2, 1], [9, 8, 7, 6]), tensor("empty", .int32, [0], []),
            tensor("awkward \" / \\ ü 🌍 \n", .float32, [], [1, 1, 2, 2]),
        ]
        let metadata = ["format": "pt", "ü\"": "\u{1}\\/"]
        try SafetensorsWriter.write(to: path, metadata: metadata, tensors: tensors)
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == metadata)
        #expect(file.entries.count == tensors.count)
        for tensor in tensors {
            let entry = try #require(file.entries[tensor.name])
            #expect(entry.shape == tensor.shape && entry.storage == .plain(tensor.type))
            #expect(entry.byteRange.lowerBound.isMultiple(of: tensor.type.byteCount), "\(tensor.name)")
            var bytes: [UInt8] = []
            try tensor.writeBytes { bytes += $0 }
            #expect(try file.withBytes(of: tensor.name) { Array($0) } == bytes)
        }
        #expect(try folder.names == ["x.safetensors"])
    }

    @Test func equalInputGivesEqualBytes() throws {
        let tensors = ["b", "a", "c"].map { tensor($0, .uint8, [1], Array($0.utf8)) }
        let metadata = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key \($0)", "\($0)") })
        try SafetensorsWriter.write(to: path, metadata: metadata, tensors: tensors)
        let first = try Data(contentsOf: URL(fileURLWithPath: path))
        try SafetensorsWriter.write(to: path, metadata: metadata, tensors: tensors)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
    }

    @Test func aMappedFileKeepsItsContentsWhenItIsReplaced() throws {
        try SafetensorsWriter.write(to: path, tensors: [tensor("w", .uint8, [2], [1, 2])])
        let old = try SafetensorsFile(path: path)
        try SafetensorsWriter.write(to: path, tensors: [tensor("w", .uint8, [1], [3])])
        #expect(try old.withBytes(of: "w") { Array($0) } == [1, 2])
        #expect(try SafetensorsFile(path: path).withBytes(of: "w") { Array($0) } == [3])
    }

    struct Stopped: Error {}

    @Test(arguments: [false, true]) func aFailedWriteLeavesOnlyWhatWasThere(_ replacing: Bool) throws {
        let before = tensor("w", .uint8, [1], [7])
        if replacing { try SafetensorsWriter.write(to: path, tensors: [before]) }
        let failing = SafetensorsWriter.Tensor(name: "w", type: .uint8, shape: [4]) { write in
            try [1, 2].withUnsafeBytes { try write($0) }
            throw Stopped()
        }
        #expect(throws: Stopped.self) {
            try SafetensorsWriter.write(to: path, tensors: [before.renamed("v"), failing])
        }
        #expect(try folder.names == (replacing ? ["x.safetensors"] : []))
        if replacing { #expect(try SafetensorsFile(path: path).withBytes(of: "w") { Array($0) } == [7]) }
    }

    @Test(arguments: [0, 3, 5, 1000]) func theWrongNumberOfBytesIsRefused(_ count: Int) throws {
        let error = try #require(throws: ModelFileError.self) {
            let bytes = [UInt8](repeating: 1, count: count)
            try SafetensorsWriter.write(to: path, tensors: [tensor("w", .bfloat16, [2], bytes)])
        }
        let reason = "BF16 of shape [2] takes 4 bytes, not \(count)"
        #expect(error == .unfitTensor(file: path, tensor: "w", reason: reason))
        #expect(try folder.names == [])
    }

    @Test func badNamesAndShapesAreRefused() throws {
        let twice = [tensor("w", .uint8, [1], [1]), tensor("w", .uint8, [1], [1])]
        #expect(throws: ModelFileError.unfitTensor(file: path, tensor: "w", reason: "the name is taken")) {
            try SafetensorsWriter.write(to: path, tensors: twice)
        }
        #expect(throws: ModelFileError.self) {
            try SafetensorsWriter.write(to: path, tensors: [tensor("__metadata__", .uint8, [1], [1])])
        }
        for shape in [[-1], [.max, .max], [.max / 4]] {
            #expect(throws: ModelFileError.invalid(file: path, tensor: "w", .shapeOverflow(shape))) {
                try SafetensorsWriter.write(to: path, tensors: [tensor("w", .float64, shape, [])])
            }
        }
        #expect(try folder.names == [])
    }

    @Test func aMissingFolderIsNamed() throws {
        let missing = folder.path + "/missing/x.safetensors"
        #expect(throws: FileError.system(operation: "written", file: missing, code: ENOENT)) {
            try SafetensorsWriter.write(to: missing, tensors: [])
        }
    }
}

extension SafetensorsWriter.Tensor {
    fileprivate func renamed(_ name: String) -> Self {
        .init(name: name, type: type, shape: shape, writeBytes: writeBytes)
    }
}
