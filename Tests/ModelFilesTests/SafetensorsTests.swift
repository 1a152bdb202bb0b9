// Safetensors files, good and hostile.

import Foundation
import ModelFiles
import Testing

@Suite struct SafetensorsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func readsEntriesMetadataAndBytes() throws {
        let header = """
            {"__metadata__": {"format": "pt", "a\\"b": "\\u00fc\\ud83c\\udf0d\\n"},
             "x": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
             "scalar": {"data_offsets": [8, 16], "shape": [], "dtype": "I64"},
             "empty": {"dtype": "BF16", "shape": [3, 0], "data_offsets": [16, 16]} }   \n
            """
        let path = try folder.write(safetensors(header, data: Array(0..<16)), to: "x.safetensors")
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == ["format": "pt", "a\"b": "ü🌍\n"])
        #expect(file.entries.mapValues(\.shape) == ["x": [1, 2], "scalar": [], "empty": [3, 0]])
        #expect(file.entries["x"]?.storage == .plain(.float32))
        #expect(file.entries["scalar"]?.elementCount == 1)
        #expect(file.entries["empty"]?.elementCount == 0)
        #expect(try file.withBytes(of: "scalar") { Array($0) } == Array(8..<16))
        #expect(try file.withBytes(of: "empty") { $0.count } == 0)
        let entry = try #require(file.entries["x"])
        #expect(file.file.withUnsafeBytes { Array($0[entry.byteRange]) } == Array(0..<8))
        #expect(throws: ModelFileError.noTensor(file: path, tensor: "y")) { try file.withBytes(of: "y") { _ in } }
    }

    @Test func readsAFileWithoutTensors() throws {
        let file = try SafetensorsFile(path: try folder.write(safetensors("{}"), to: "none.safetensors"))
        #expect(file.entries.isEmpty && file.metadata.isEmpty)
    }

    @Test func everyCutIsRefused() throws {
        let whole = safetensors(#"{"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}"#, data: Array(0..<9))
        for count in 0..<whole.count {
            let path = try folder.write(Array(whole[..<count]), to: "cut")
            #expect(throws: ModelFileError.self, "cut to \(count) bytes") { try SafetensorsFile(path: path) }
        }
    }

    @Test func whatIsNoFileIsRefused() throws {
        #expect(throws: ModelFileError.notAFile(file: folder.path)) { try SafetensorsFile(path: folder.path) }
        let missing = folder.path + "/missing"
        #expect(throws: ModelFileError.system(operation: "opened", file: missing, code: ENOENT)) {
            try SafetensorsFile(path: missing)
        }
        let pipe = folder.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(throws: ModelFileError.notAFile(file: pipe)) { try SafetensorsFile(path: pipe) }
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let tensor: String?
        let says: String

        init(_ name: String, _ bytes: [UInt8], tensor: String? = nil, says: String) {
            testDescription = name
            self.bytes = bytes
            self.tensor = tensor
            self.says = says
        }

        /// A tensor named "w" with this description, and 8 bytes of data.
        init(_ name: String, w description: String, says: String) {
            let header = "{\"w\":{\(description)}}"
            self.init(name, safetensors(header, data: Array(0..<8)), tensor: "w", says: says)
        }

        /// A header that is not as the format wants it.
        init(_ name: String, header: String, says: String) {
            self.init(name, safetensors(header, data: Array(0..<8)), says: says)
        }
    }

    private static let two = #"{"dtype":"U8","shape":[4],"data_offsets":"#

    static let hostile: [Hostile] = [
        Hostile("empty", [], says: "only 0 are left"),
        Hostile("seven bytes", [1, 2, 3, 4, 5, 6, 7], says: "only 7 are left"),
        Hostile("header of 2^64 - 1", UInt64.max.bytes, says: "more than 100000000 is refused"),
        Hostile("header of gigabytes", UInt64(5_000_000_000).bytes, says: "5000000000; more than 100000000"),
        Hostile("header past the end", UInt64(100_000_000).bytes + [123], says: "takes 100000000 bytes, but only 1"),
        Hostile("no header", UInt64(0).bytes, says: "should have {"),
        Hostile("space before the header", header: " {}", says: "should have { at byte 0"),
        Hostile("a list", header: "[]", says: "should have { at byte 0"),
        Hostile("cut header", header: #"{"w":{"dtype":"F32""#, says: "should have }"),
        Hostile("text after the header", header: "{} x", says: "should have its end at byte 3"),
        Hostile("trailing comma", header: #"{"__metadata__":{},}"#, says: "should have \""),
        Hostile("deep nesting", header: String(repeating: #"{"a":"#, count: 100_000), says: "instead of a"),
        Hostile("metadata of numbers", header: #"{"__metadata__":{"a":1}}"#, says: "should have \""),
        Hostile("invalid UTF-8", safetensors(Array("{\"\u{7f}".utf8) + [0xFF, 34]), says: "not valid UTF-8"),
        Hostile("control character", header: "{\"a\nb\":1}", says: "no control character"),
        Hostile("unknown escape", header: #"{"\x41":1}"#, says: "an escape sequence"),
        Hostile("half a surrogate pair", header: #"{"\ud800":1}"#, says: "a pair of surrogates"),
        Hostile("second half of a pair alone", header: #"{"\udc00":1}"#, says: "a pair of surrogates"),
        Hostile("digits that are none", header: #"{"\u00+1":1}"#, says: "four hexadecimal digits"),
        Hostile("tensor twice", header: "{\"w\":\(two)[0,4]},\"w\":\(two)[4,8]}}", says: "tensor w occurs twice"),
        Hostile(
            "tensor twice, once in escapes", header: "{\"w\":\(two)[0,4]},\"\\u0077\":\(two)[4,8]}}",
            says: "tensor w occurs twice"),
        Hostile("metadata key twice", header: #"{"__metadata__":{"a":"1","a":"2"}}"#, says: "key a occurs twice"),
        Hostile("metadata twice", header: #"{"__metadata__":{},"__metadata__":{}}"#, says: "__metadata__ occurs twice"),
        Hostile("dtype twice", header: #"{"w":{"dtype":"F32","dtype":"F64"}}"#, says: "dtype of tensor w occurs twice"),
        Hostile("no shape", header: #"{"w":{"dtype":"F32","data_offsets":[0,8]}}"#, says: "shape and two data_offsets"),
        Hostile("three offsets", header: "{\"w\":\(two)[0,4,8]}}", says: "two data_offsets of tensor w"),
        Hostile("negative offset", header: "{\"w\":\(two)[-1,3]}}", says: "a whole number"),
        Hostile("fraction", header: "{\"w\":\(two)[0,4.0]}}", says: "should have ]"),
        Hostile("exponent", header: "{\"w\":\(two)[0,4e0]}}", says: "should have ]"),
        Hostile("leading zero", header: "{\"w\":\(two)[00,4]}}", says: "a whole number"),
        Hostile("number of 2^63", header: "{\"w\":\(two)[0,9223372036854775808]}}", says: "a number below 2^63"),
        Hostile("shape in a shape", header: #"{"w":{"dtype":"F32","shape":[[2]]}}"#, says: "a whole number"),
        Hostile(
            "8-bit float", w: #""dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]"#, says: "F8_E4M3 is not supported"),
        Hostile("unknown type", w: #""dtype":"f32","shape":[2],"data_offsets":[0,8]"#, says: "f32 is not supported"),
        Hostile(
            "shape overflows", w: #""dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,8]"#,
            says: "more elements than can be counted"),
        Hostile(
            "shape overflows beside a zero", w: #""dtype":"U8","shape":[4294967296,0,4294967296],"data_offsets":[0,0]"#,
            says: "more elements than can be counted"),
        Hostile(
            "bytes overflow", w: #""dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,8]"#,
            says: "more elements than can be counted"),
        Hostile("too few bytes", w: #""dtype":"F32","shape":[3],"data_offsets":[0,8]"#, says: "takes 12 bytes"),
        Hostile("too many bytes", w: #""dtype":"F32","shape":[],"data_offsets":[0,8]"#, says: "takes 4 bytes"),
        Hostile("reversed", w: #""dtype":"F32","shape":[2],"data_offsets":[8,0]"#, says: "before they begin"),
        Hostile("past the end", w: #""dtype":"F32","shape":[3],"data_offsets":[0,12]"#, says: "past the end of the 8"),
        Hostile(
            "far past the end",
            w: #""dtype":"U8","shape":[8],"data_offsets":[9223372036854775799,9223372036854775807]"#,
            says: "past the end of the 8"),
        Hostile("hole in front", w: #""dtype":"U8","shape":[4],"data_offsets":[4,8]"#, says: "4 bytes belong to no"),
        Hostile("bytes left over", header: "{\"w\":\(two)[0,4]}}", says: "4 bytes belong to no tensor"),
        Hostile(
            "overlap", safetensors("{\"v\":\(two)[0,4]},\"w\":\(two)[3,7]}}", data: Array(0..<7)), tensor: "w",
            says: "overlap those of tensor v"),
        Hostile(
            "same bytes", safetensors("{\"v\":\(two)[0,4]},\"w\":\(two)[0,4]}}", data: Array(0..<4)), tensor: nil,
            says: "overlap those of tensor"),
    ]

    @Test(arguments: hostile) func hostileFilesAreRefused(_ hostile: Hostile) throws {
        let path = try folder.write(hostile.bytes, to: "hostile.safetensors")
        let error = try #require(throws: ModelFileError.self) { try SafetensorsFile(path: path) }
        #expect(error.description.contains(hostile.says), "\(error)")
        #expect(error.description.hasPrefix(path + ": "), "\(error)")
        guard case .invalid(path, let tensor, _) = error else {
            Issue.record("\(error)")
            return
        }
        if let expected = hostile.tensor { #expect(tensor == expected) }
    }
}
