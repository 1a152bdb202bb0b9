// Thousands of damaged files: each is refused, or read to its last value; none stops the process.

import Foundation
import ModelFiles
import Testing

@Suite struct MutationTests {
    private static let mutationCount = 4000

    /// Small changes as a failing disk or a hostile author makes them: flipped bits, bytes at their extremes, a piece
    /// copied over another, a cut, an insertion.
    private static func mutate(_ bytes: [UInt8], with generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, 0x22].randomElement(using: &generator) ?? 0
            case 3:
                let count = min(Int.random(in: 1...16, using: &generator), bytes.count - place)
                let source = Int.random(in: 0...bytes.count - count, using: &generator)
                bytes.replaceSubrange(place..<place + count, with: Array(bytes[source..<source + count]))
            case 4: bytes.removeLast(min(bytes.count, Int.random(in: 1...40, using: &generator)))
            default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            }
        }
        return bytes
    }

    /// Writes every mutant and reads it; counts those refused and those that were still valid.
    private func run(
        _ original: [UInt8], seed: UInt64, _ read: (String) throws(ModelFileError) -> Void
    ) throws -> (refused: Int, valid: Int) {
        let folder = try TemporaryFolder()
        try read(try folder.write(original, to: "mutant"))
        var generator = Generator(state: seed)
        var counts = (refused: 0, valid: 0)
        for _ in 0..<Self.mutationCount {
            let path = try folder.write(Self.mutate(original, with: &generator), to: "mutant")
            do throws(ModelFileError) {
                try read(path)
                counts.valid += 1
            } catch {
                #expect(error.description.contains(path))
                counts.refused += 1
            }
        }
        return counts
    }

    @Test func safetensors() throws {
        let header = """
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
            "b\\u00fc":{"dtype":"BF16","shape":[],"data_offsets":[24,26]},"c":{"dtype":"U8","shape":[0],\
            "data_offsets":[26,26]},"d":{"dtype":"I8","shape":[7],"data_offsets":[26,33]}}
            """
        let original = ModelFilesTests.safetensors(header, data: Array(0..<33))
        let counts = try run(original, seed: 1) { path throws(ModelFileError) in
            let file = try SafetensorsFile(path: path)
            for entry in file.entries.values {
                let sum = file.file.withUnsafeBytes { $0[entry.byteRange].reduce(0 as UInt64) { $0 + UInt64($1) } }
                #expect(sum <= 255 * UInt64(entry.byteRange.count))
            }
        }
        #expect(counts.refused > 1000 && counts.valid > 100, "\(counts)")
    }

    @Test func gguf() throws {
        var builder = GGUFBuilder()
        builder.add("general.architecture", type: 8, GGUFBuilder.string("llama"))
        builder.add("general.alignment", type: 4, UInt32(32).bytes)
        builder.add("tokens", type: 9, GGUFBuilder.array(type: 8, ["a", "bc"].map { GGUFBuilder.string($0) }))
        builder.add("nested", type: 9, GGUFBuilder.array(type: 9, [GGUFBuilder.array(type: 5, [Int32(-1).bytes])]))
        var offset: UInt64 = 0
        let types: [(type: UInt32, bytes: Int)] = [
            (0, 1024), (1, 512), (30, 512), (2, 144), (3, 160), (6, 176), (7, 192), (8, 272), (12, 144), (13, 176),
            (14, 210),
        ]
        for (type, bytes) in types {
            builder.tensors.append(.init(name: "t\(type)", dimensions: [256, 1], type: type, offset: offset))
            let padded = (bytes + 31) / 32 * 32
            builder.data += (0..<padded).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            offset += UInt64(padded)
        }
        let counts = try run(builder.bytes, seed: 2) { path throws(ModelFileError) in
            let file = try GGUFFile(path: path)
            for entry in file.entries.values {
                let values = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: entry.elementCount)
                defer { values.deallocate() }
                try file.dequantize(entry.name, into: values)
            }
        }
        #expect(counts.refused > 1000 && counts.valid > 100, "\(counts)")
    }

    @Test func adapterConfiguration() throws {
        let configuration = PEFTAdapterConfiguration(
            baseModelNameOrPath: "base", r: 1, loraAlpha: 2, targetModules: ["m"], rankPattern: ["n": 3],
            alphaPattern: ["m": 1.5])
        let folder = try TemporaryFolder()
        let adapter = folder.path + "/adapter"
        let shapes = [(PEFTAdapterFile.Matrix.a, [1, 2]), (.b, [2, 1])]
        let tensors = shapes.map { matrix, shape in
            SafetensorsWriter.Tensor(
                name: PEFTAdapterFile.tensorName(module: "m", matrix), type: .float32, shape: shape
            ) {
                try [UInt8](repeating: 0, count: 8).withUnsafeBytes($0)
            }
        }
        try PEFTAdapterFile.write(directory: adapter, configuration: configuration, tensors: tensors, metadata: [:])
        let file = adapter + "/adapter_config.json"
        let original = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        var generator = Generator(state: 3)
        var counts = (refused: 0, valid: 0)
        for _ in 0..<1000 {
            try Data(Self.mutate(original, with: &generator)).write(to: URL(fileURLWithPath: file))
            do throws(ModelFileError) {
                _ = try PEFTAdapterFile.read(directory: adapter)
                counts.valid += 1
            } catch {
                #expect(error.description.contains(adapter))
                counts.refused += 1
            }
        }
        #expect(counts.refused > 200 && counts.valid > 50, "\(counts)")
    }
}
