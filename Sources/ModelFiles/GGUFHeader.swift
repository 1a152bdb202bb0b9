// Parses what stands before the tensors' bytes in a GGUF file: counts, metadata, tensor descriptions.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Every length is checked against the bytes that are
// left before anything of that length is made.

/// The parsed front of a GGUF file.
struct GGUFHeader {
    /// A tensor's description. The offset is counted from the start of the data.
    struct Tensor {
        let name: String
        let shape: [Int]
        let storage: TensorStorage
        let byteCount: Int
        let offset: UInt64
    }

    private(set) var metadata: [String: GGUFValue] = [:]
    private(set) var tensors: [Tensor] = []
    /// Bytes from the start of the file to the end of the last description.
    private(set) var endOffset = 0

    /// The alignment of files that name none.
    static let defaultAlignment = 32
    /// A key's length, its value's type and a value of one byte.
    private static let leastEntryBytes = 8 + 4 + 1
    /// A name's length, the number of dimensions, one dimension, type and offset.
    private static let leastTensorBytes = 8 + 4 + 8 + 4 + 8

    init(of bytes: UnsafeRawBufferPointer, file: String) throws(ModelFileError) {
        var reader = GGUFReader(bytes: bytes)
        do throws(FormatFault) {
            try Self.checkMagic(&reader)
            let tensorCount = try reader.integer("the number of tensors", UInt64.self)
            let entryCount = try reader.count("the number of metadata entries", ofAtLeast: Self.leastEntryBytes)
            try readMetadata(&reader, count: entryCount)
            try reader.check(tensorCount, "the number of tensors", ofAtLeast: Self.leastTensorBytes)
            tensors.reserveCapacity(Int(tensorCount))
            for _ in 0..<Int(tensorCount) { try readTensor(&reader) }
        } catch {
            throw .invalid(file: file, tensor: reader.tensor, error)
        }
        endOffset = reader.offset
    }

    private static func checkMagic(_ reader: inout GGUFReader) throws(FormatFault) {
        guard reader.bytes.prefix(4).elementsEqual("GGUF".utf8) else { throw .notFormat("GGUF") }
        _ = try reader.integer("the magic number", UInt32.self)
        let version = try reader.integer("the version", UInt32.self)
        guard version & 0xFFFF != 0 || version == 0 else { throw .bigEndian }
        guard version == 2 || version == 3 else { throw .unsupportedVersion(version) }
    }

    private mutating func readMetadata(_ reader: inout GGUFReader, count: Int) throws(FormatFault) {
        for _ in 0..<count {
            let key = try reader.string("a metadata key")
            let type = try reader.integer("the type of \(key)", UInt32.self)
            let value = try reader.value(type: type, key: key)
            guard metadata.updateValue(value, forKey: key) == nil else { throw .duplicate(part: "metadata key \(key)") }
        }
    }

    private mutating func readTensor(_ reader: inout GGUFReader) throws(FormatFault) {
        let name = try reader.string("a tensor's name")
        reader.tensor = name
        let dimensionCount = try reader.integer("the number of dimensions", UInt32.self)
        guard 1...4 ~= dimensionCount else { throw .dimensionCount(dimensionCount) }
        var dimensions: [UInt64] = []
        for _ in 0..<dimensionCount { dimensions.append(try reader.integer("a dimension", UInt64.self)) }
        // GGUF lists the innermost dimension first.
        let shape = dimensions.reversed().compactMap { $0 == 0 ? nil : Int(exactly: $0) }
        guard shape.count == dimensions.count else { throw .dimensions(dimensions) }
        let storage = try TensorStorage(ggmlType: try reader.integer("the element type", UInt32.self))
        tensors.append(
            Tensor(
                name: name, shape: shape, storage: storage, byteCount: try storage.size(ofShape: shape).bytes,
                offset: try reader.integer("the offset", UInt64.self)))
        reader.tensor = nil
    }
}

/// Steps through GGUF's numbers, strings and arrays.
private struct GGUFReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0
    /// The tensor being described, for the error message.
    var tensor: String?
    /// Array elements that may still come: a bound on memory, since each takes far more of it than its byte in the file.
    private var arrayBudget = 1 << 24
    private static let maximumArrayDepth = 4

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private var remaining: Int { bytes.count - offset }

    mutating func integer<T: FixedWidthInteger>(_ part: @autoclosure () -> String, _: T.Type) throws(FormatFault) -> T {
        let size = MemoryLayout<T>.size
        guard remaining >= size else { throw .truncated(part: part(), byteCount: UInt64(size), available: remaining) }
        defer { offset += size }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// Reads a number of things, each of which takes at least so many bytes.
    mutating func count(_ part: @autoclosure () -> String, ofAtLeast size: Int) throws(FormatFault) -> Int {
        let count = try integer(part(), UInt64.self)
        try check(count, part(), ofAtLeast: size)
        return Int(count)
    }

    func check(_ count: UInt64, _ part: @autoclosure () -> String, ofAtLeast size: Int) throws(FormatFault) {
        guard count <= remaining / size else { throw .overLimit(part: part(), count: count, limit: remaining / size) }
    }

    mutating func string(_ part: @autoclosure () -> String) throws(FormatFault) -> String {
        let length = try integer(part(), UInt64.self)
        guard length <= remaining else { throw .truncated(part: part(), byteCount: length, available: remaining) }
        let text = bytes[offset..<offset + Int(length)]
        guard let string = String(validating: text, as: UTF8.self) else { throw .invalidUTF8(part: part()) }
        offset += Int(length)
        return string
    }

    mutating func value(type: UInt32, key: String, depth: Int = 0) throws(FormatFault) -> GGUFValue {
        switch type {
        case 0: return .integer(Int(try integer(key, UInt8.self)))
        case 1: return .integer(Int(try integer(key, Int8.self)))
        case 2: return .integer(Int(try integer(key, UInt16.self)))
        case 3: return .integer(Int(try integer(key, Int16.self)))
        case 4: return .integer(Int(try integer(key, UInt32.self)))
        case 5: return .integer(Int(try integer(key, Int32.self)))
        case 6: return .number(Double(Float(bitPattern: try integer(key, UInt32.self))))
        case 7:
            let byte = try integer(key, UInt8.self)
            guard byte < 2 else { throw .invalidValue(part: key, value: UInt64(byte)) }
            return .boolean(byte == 1)
        case 8: return .text(try string(key))
        case 9: return try array(key: key, depth: depth)
        case 10:
            let value = try integer(key, UInt64.self)
            return Int(exactly: value).map(GGUFValue.integer) ?? .largeInteger(value)
        case 11: return .integer(Int(try integer(key, Int64.self)))
        case 12: return .number(Double(bitPattern: try integer(key, UInt64.self)))
        default: throw .invalidValue(part: "the type of \(key)", value: UInt64(type))
        }
    }

    private mutating func array(key: String, depth: Int) throws(FormatFault) -> GGUFValue {
        guard depth < Self.maximumArrayDepth else { throw .nestedTooDeeply(part: key, limit: Self.maximumArrayDepth) }
        let type = try integer(key, UInt32.self)
        let count = try count("the number of elements of \(key)", ofAtLeast: Self.leastBytes(ofType: type))
        guard count <= arrayBudget else {
            throw .overLimit(part: "the number of array elements", count: UInt64(count), limit: arrayBudget)
        }
        arrayBudget -= count
        var values: [GGUFValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try value(type: type, key: key, depth: depth + 1)) }
        return .array(values)
    }

    private static func leastBytes(ofType type: UInt32) -> Int {
        switch type {
        case 2, 3: 2
        case 4, 5, 6: 4
        case 8, 10, 11, 12: 8
        case 9: 12
        default: 1
        }
    }
}
