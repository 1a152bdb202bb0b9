// GGUF files, good and hostile.

import Foundation
import ModelFiles
import Testing

@Suite struct GGUFTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ builder: GGUFBuilder) throws -> GGUFFile {
        try GGUFFile(path: try folder.write(builder.bytes, to: "x.gguf"))
    }

    @Test(arguments: [2, 3] as [UInt32]) func readsTensors(_ version: UInt32) throws {
        var builder = GGUFBuilder()
        builder.version = version.bytes
        builder.add("general.architecture", type: 8, GGUFBuilder.string("llama"))
        builder.tensors = [
            .init(name: "a", dimensions: [4, 2], type: 0, offset: 0),
            .init(name: "b", dimensions: [32, 3], type: 8, offset: 32),
        ]
        let floats: [Float] = [0, 1, -2, 0.5, .infinity, 3, 4, 5]
        builder.data = floats.flatMap(\.bitPattern.bytes)
        // Scale 0.5 (float16 0x3800) and the integers of each row.
        for row in 0..<3 { builder.data += [0x00, 0x38] + (0..<32).map { UInt8(bitPattern: Int8($0 - 16 - row)) } }
        let file = try open(builder)
        #expect(file.architecture == "llama")
        #expect(file.alignment == 32)
        #expect(file.entries.mapValues(\.shape) == ["a": [2, 4], "b": [3, 32]])
        #expect(file.entries["b"]?.storage == .quantized(.q8_0))
        #expect(try values(file, "a") == floats)
        let expected = (0..<3).flatMap { row in (0..<32).map { Float($0 - 16 - row) / 2 } }
        #expect(try values(file, "b") == expected)
        var none: [Float] = []
        #expect(throws: ModelFileError.noTensor(file: file.file.path, tensor: "c")) {
            try none.withUnsafeMutableBufferPointer { try file.dequantize("c", into: $0) }
        }
    }

    private func values(_ file: GGUFFile, _ name: String) throws -> [Float] {
        var values = [Float](repeating: .nan, count: file.entries[name]?.elementCount ?? 0)
        try values.withUnsafeMutableBufferPointer { try file.dequantize(name, into: $0) }
        return values
    }

    @Test func readsEveryTypeOfMetadata() throws {
        var builder = GGUFBuilder()
        builder.add("u8", type: 0, [255])
        builder.add("i8", type: 1, [255])
        builder.add("u16", type: 2, UInt16.max.bytes)
        builder.add("i16", type: 3, Int16.min.bytes)
        builder.add("u32", type: 4, UInt32.max.bytes)
        builder.add("i32", type: 5, Int32.min.bytes)
        builder.add("f32", type: 6, Float(1e-5).bitPattern.bytes)
        builder.add("true", type: 7, [1])
        builder.add("text", type: 8, GGUFBuilder.string("Ġü\0🌍"))
        builder.add("strings", type: 9, GGUFBuilder.array(type: 8, ["a", ""].map { GGUFBuilder.string($0) }))
        builder.add("ints", type: 9, GGUFBuilder.array(type: 5, [Int32(-1).bytes, Int32(7).bytes]))
        builder.add("bools", type: 9, GGUFBuilder.array(type: 7, [[1], [0]]))
        builder.add("none", type: 9, GGUFBuilder.array(type: 6, []))
        builder.add("nested", type: 9, GGUFBuilder.array(type: 9, [GGUFBuilder.array(type: 0, [[3]])]))
        builder.add("u64", type: 10, UInt64.max.bytes)
        builder.add("i64", type: 11, Int64.min.bytes)
        builder.add("f64", type: 12, (1.0 / 3).bitPattern.bytes)
        let metadata = try open(builder).metadata
        let integers = ["u8", "i8", "u16", "i16", "u32", "i32", "i64"].map { metadata[$0]?.int }
        #expect(integers == [255, -1, 65535, -32768, 4_294_967_295, -2_147_483_648, Int.min])
        #expect(metadata["u64"] == .largeInteger(.max))
        #expect(metadata["u64"]?.int == nil && metadata["u64"]?.double == 0x1p64)
        #expect(metadata["f32"]?.double == Double(Float(1e-5)))
        #expect(metadata["f64"]?.double == 1.0 / 3)
        #expect(metadata["u8"]?.double == 255)
        #expect(metadata["true"]?.bool == true)
        #expect(metadata["text"]?.string == "Ġü\0🌍")
        #expect(metadata["strings"]?.strings == ["a", ""])
        #expect(metadata["strings"]?.ints == nil && metadata["text"]?.strings == nil)
        #expect(metadata["ints"]?.ints == [-1, 7])
        #expect(metadata["ints"]?.doubles == [-1, 7])
        #expect(metadata["bools"]?.array?.map(\.bool) == [true, false])
        #expect(metadata["none"]?.doubles == [])
        #expect(metadata["nested"] == .array([.array([.integer(3)])]))
    }

    @Test func everyCutIsRefused() throws {
        var builder = GGUFBuilder.small
        builder.add("a", type: 9, GGUFBuilder.array(type: 8, [GGUFBuilder.string("xyz")]))
        let whole = builder.bytes
        _ = try open(builder)
        for count in 0..<whole.count {
            let path = try folder.write(Array(whole[..<count]), to: "cut")
            #expect(throws: ModelFileError.self, "cut to \(count) bytes") { try GGUFFile(path: path) }
        }
    }

    @Test func moreArrayElementsThanAnyVocabularyHasAreRefused() throws {
        var builder = GGUFBuilder()
        builder.add("a", type: 9, GGUFBuilder.array(type: 0, [], count: 1 << 25))
        let path = try folder.write(builder.header, to: "sparse.gguf")
        try #require(truncate(path, 1 << 26) == 0)
        let error = try #require(throws: ModelFileError.self) { try GGUFFile(path: path) }
        #expect(error.description.contains("is 33554432; more than 16777216 is refused"), "\(error)")
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let builder: GGUFBuilder
        let tensor: String?
        let says: String

        /// A valid file, changed.
        init(_ name: String, tensor: String? = nil, says: String, _ change: (inout GGUFBuilder) -> Void) {
            testDescription = name
            self.tensor = tensor
            self.says = says
            var builder = GGUFBuilder.small
            change(&builder)
            self.builder = builder
        }
    }

    static let hostile: [Hostile] = [
        Hostile("another format", says: "not a GGUF file") { $0.magic = Array("GGML".utf8) },
        Hostile("version 0", says: "version 0 of GGUF") { $0.version = UInt32(0).bytes },
        Hostile("version 1", says: "version 1 of GGUF is not supported") { $0.version = UInt32(1).bytes },
        Hostile("version 4", says: "version 4 of GGUF is not supported") { $0.version = UInt32(4).bytes },
        Hostile("big-endian", says: "big-endian GGUF") { $0.version = UInt32(3).bigEndian.bytes },
        Hostile("2^60 keys", says: "metadata entries is 1152921504606846976") { $0.entryCount = 1 << 60 },
        Hostile("2^60 tensors", says: "tensors is 1152921504606846976") { $0.tensorCount = 1 << 60 },
        Hostile("2^64 - 1 tensors", says: "tensors is 18446744073709551615") { $0.tensorCount = .max },
        Hostile("key of 2^60 bytes", says: "a metadata key takes 1152921504606846976 bytes") {
            $0.entries = [UInt64(1 << 60).bytes + [97, 0, 0, 0, 0, 0]]
        },
        Hostile("key of 2^64 - 1 bytes", says: "a metadata key takes 18446744073709551615 bytes") {
            $0.entries = [UInt64.max.bytes + [97, 0, 0, 0, 0, 0]]
        },
        Hostile("invalid UTF-8 in a key", says: "a metadata key is not valid UTF-8") {
            $0.entries = [GGUFBuilder.string([0xC3, 0x28]) + UInt32(0).bytes + [1]]
        },
        Hostile("invalid UTF-8 in a value", says: "k is not valid UTF-8") {
            $0.add("k", type: 8, GGUFBuilder.string([0xFF]))
        },
        Hostile("text past the end", says: "k takes 9999 bytes") { $0.add("k", type: 8, UInt64(9999).bytes + [97]) },
        Hostile("key twice", says: "metadata key k occurs twice") {
            $0.add("k", type: 0, [1])
            $0.add("k", type: 0, [2])
        },
        Hostile("unknown type of value", says: "the type of k has the invalid value 13") { $0.add("k", type: 13, [1]) },
        Hostile("truth value of 2", says: "k has the invalid value 2") { $0.add("k", type: 7, [2]) },
        Hostile("array of 2^60", says: "elements of k is 1152921504606846976") {
            $0.add("k", type: 9, GGUFBuilder.array(type: 0, [], count: 1 << 60))
        },
        Hostile("array longer than the file", says: "the number of elements of k is 500") {
            $0.add("k", type: 9, GGUFBuilder.array(type: 8, [], count: 500))
        },
        Hostile("array of an unknown type", says: "the type of k has the invalid value 77") {
            $0.add("k", type: 9, GGUFBuilder.array(type: 77, [[1]]))
        },
        Hostile("deep arrays", says: "k nests arrays more than 4 deep") {
            let array = (0..<10_000).reduce([] as [UInt8]) { inner, _ in UInt32(9).bytes + UInt64(1).bytes + inner }
            $0.add("k", type: 9, array)
        },
        Hostile("alignment 0", says: "alignment 0 is not a power of two") {
            $0.add("general.alignment", type: 4, UInt32(0).bytes)
        },
        Hostile("alignment 48", says: "alignment 48 is not a power of two") {
            $0.add("general.alignment", type: 4, UInt32(48).bytes)
        },
        Hostile("alignment 2^62", says: "is not a power of two") {
            $0.add("general.alignment", type: 10, UInt64(1 << 62).bytes)
        },
        Hostile("negative alignment", says: "is not a power of two") {
            $0.add("general.alignment", type: 5, Int32(-32).bytes)
        },
        Hostile("alignment in words", says: "is not a power of two") {
            $0.add("general.alignment", type: 8, GGUFBuilder.string("32"))
        },
        Hostile("one part of three", says: "one of 3 parts") { $0.add("split.count", type: 2, UInt16(3).bytes) },
        Hostile("no dimensions", tensor: "w", says: "dimensions is 0; one to four") { $0.tensors[0].dimensions = [] },
        Hostile("five dimensions", tensor: "w", says: "dimensions is 5; one to four") {
            $0.tensors[0].dimensions = [8, 1, 1, 1, 1]
        },
        Hostile("2^32 - 1 dimensions", tensor: "w", says: "dimensions is 4294967295; one to four") {
            $0.tensors[0].dimensionCount = .max
        },
        Hostile("empty dimension", tensor: "w", says: "[0, 8]; none may be zero") {
            $0.tensors[0].dimensions = [0, 8]
        },
        Hostile("dimension of 2^63", tensor: "w", says: "or above 2^63 - 1") { $0.tensors[0].dimensions = [1 << 63] },
        Hostile("elements overflow", tensor: "w", says: "more elements than can be counted") {
            $0.tensors[0].dimensions = [1 << 32, 1 << 32]
        },
        Hostile("bytes overflow", tensor: "w", says: "more elements than can be counted") {
            $0.tensors[0].dimensions = [1 << 62]
        },
        Hostile("half a block", tensor: "w", says: "rows have 48 elements, not a multiple of the 32 in a block of Q4_0")
        {
            $0.tensors[0].dimensions = [48, 2]
            $0.tensors[0].type = 2
        },
        Hostile("unsupported type", tensor: "w", says: "TQ1_0 is not supported. Take") { $0.tensors[0].type = 34 },
        Hostile("removed type", tensor: "w", says: "number 4 is not supported") { $0.tensors[0].type = 4 },
        Hostile("unknown type", tensor: "w", says: "number 4294967295 is not supported") { $0.tensors[0].type = .max },
        Hostile("misaligned", tensor: "w", says: "offset 4 is not a multiple of 32") { $0.tensors[0].offset = 4 },
        Hostile("past the end", tensor: "w", says: "past the end of the 32 bytes") { $0.tensors[0].offset = 32 },
        Hostile("longer than the file", tensor: "w", says: "past the end of the 32 bytes") {
            $0.tensors[0].dimensions = [1 << 40]
        },
        Hostile("offset of 2^64 - 32", tensor: "w", says: "past the end of the 32 bytes") {
            $0.tensors[0].offset = .max - 31
        },
        Hostile("tensor twice", says: "tensor w occurs twice") { $0.tensors.append($0.tensors[0]) },
        Hostile("overlap", tensor: "x", says: "overlap those of tensor w") {
            $0.tensors = [.init(name: "w", dimensions: [16]), .init(name: "x", dimensions: [8], offset: 32)]
            $0.data = Array(0..<64)
        },
        Hostile("tensor name past the end", says: "a tensor's name takes 18446744073709551615 bytes") {
            $0.tensors = []
            $0.tensorCount = 1
            $0.data = [UInt8](repeating: 0xFF, count: 64)
            $0.alignment = 1
        },
    ]

    @Test(arguments: hostile) func hostileFilesAreRefused(_ hostile: Hostile) throws {
        let path = try folder.write(hostile.builder.bytes, to: "hostile.gguf")
        let error = try #require(throws: ModelFileError.self) { try GGUFFile(path: path) }
        #expect(error.description.contains(hostile.says), "\(error)")
        guard case .invalid(path, hostile.tensor, _) = error else {
            Issue.record("\(error)")
            return
        }
    }
}
