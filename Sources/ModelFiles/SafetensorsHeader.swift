// Scans the JSON header of a safetensors file: an object of tensors, each an object of dtype, shape and data_offsets, and
// beside them `__metadata__`, an object of strings. Nothing else is let through, and nothing nests deeper. A scanner of
// its own because JSONDecoder keeps one of two equal keys in silence. Knows nothing of the data behind the header.

/// The header's contents, as written; nothing is checked against the data yet.
struct SafetensorsHeader {
    /// One tensor's description. The bytes are counted from the end of the header.
    struct Tensor {
        let name: String
        let type: String
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    private(set) var tensors: [Tensor] = []
    private(set) var metadata: [String: String] = [:]

    init(json: UnsafeRawBufferPointer) throws(FormatFault) {
        var scanner = HeaderScanner(bytes: json)
        var names: Set<String> = []
        var hasMetadata = false
        guard json.first == UInt8(ascii: "{") else { throw .headerSyntax(expected: "{", offset: 0) }
        try scanner.object { scanner, key throws(FormatFault) in
            if key == "__metadata__" {
                guard !hasMetadata else { throw .duplicate(part: "__metadata__") }
                hasMetadata = true
                metadata = try Self.metadata(&scanner)
            } else {
                guard names.insert(key).inserted else { throw .duplicate(part: "tensor \(key)") }
                tensors.append(try Self.tensor(&scanner, name: key))
            }
        }
        try scanner.end()
    }

    private static func metadata(_ scanner: inout HeaderScanner) throws(FormatFault) -> [String: String] {
        var metadata: [String: String] = [:]
        try scanner.object { scanner, key throws(FormatFault) in
            guard metadata.updateValue(try scanner.string(), forKey: key) == nil else {
                throw .duplicate(part: "metadata key \(key)")
            }
        }
        return metadata
    }

    private static func tensor(_ scanner: inout HeaderScanner, name: String) throws(FormatFault) -> Tensor {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { scanner, key throws(FormatFault) in
            switch key {
            case "dtype" where type == nil: type = try scanner.string()
            case "shape" where shape == nil: shape = try scanner.integers()
            case "data_offsets" where offsets == nil: offsets = try scanner.integers()
            case "dtype", "shape", "data_offsets": throw .duplicate(part: "\(key) of tensor \(name)")
            default:
                throw .headerSyntax(expected: "dtype, shape or data_offsets instead of \(key)", offset: scanner.offset)
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw .headerSyntax(expected: "dtype, shape and two data_offsets of tensor \(name)", offset: scanner.offset)
        }
        return Tensor(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    }
}

/// Steps through JSON text; every method skips the white space before what it reads.
private struct HeaderScanner {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reads `{ key: value, … }`; `member` reads each value.
    mutating func object(
        _ member: (inout HeaderScanner, String) throws(FormatFault) -> Void
    ) throws(FormatFault) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while take(",")
        try expect("}")
    }

    /// Reads `[ 1, 2, … ]`.
    mutating func integers() throws(FormatFault) -> [Int] {
        try expect("[")
        if take("]") { return [] }
        var values: [Int] = []
        repeat { values.append(try integer()) } while take(",")
        try expect("]")
        return values
    }

    /// Reads a whole number that is not negative.
    mutating func integer() throws(FormatFault) -> Int {
        skipSpace()
        let start = offset
        var value = 0
        while offset < bytes.count, case let digit = bytes[offset] &- UInt8(ascii: "0"), digit < 10 {
            let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(Int(digit))
            guard !productOverflow, !sumOverflow else {
                throw .headerSyntax(expected: "a number below 2^63", offset: start)
            }
            value = sum
            offset += 1
        }
        let digits = offset - start
        guard digits == 1 || (digits > 1 && bytes[start] != UInt8(ascii: "0")) else {
            throw .headerSyntax(expected: "a whole number", offset: start)
        }
        return value
    }

    /// Reads a quoted string.
    mutating func string() throws(FormatFault) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while true {
            switch try next() {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw .invalidUTF8(part: "the header")
                }
                return string
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case ..<0x20: throw .headerSyntax(expected: "no control character", offset: offset - 1)
            case let byte: text.append(byte)
            }
        }
    }

    /// Reads what follows a backslash.
    private mutating func appendEscape(to text: inout [UInt8]) throws(FormatFault) {
        switch try next() {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try unicodeScalar()).utf8)
        case let byte where "\"\\/".utf8.contains(byte): text.append(byte)
        default: throw .headerSyntax(expected: "an escape sequence", offset: offset - 1)
        }
    }

    /// Reads the four digits of `\uXXXX`, and a second such escape where the first is half of a surrogate pair.
    private mutating func unicodeScalar() throws(FormatFault) -> Unicode.Scalar {
        let start = offset
        var value = try fourHexDigits()
        if 0xD800..<0xDC00 ~= value {
            guard try next() == UInt8(ascii: "\\"), try next() == UInt8(ascii: "u"),
                case let low = try fourHexDigits(), 0xDC00..<0xE000 ~= low
            else { throw .headerSyntax(expected: "a pair of surrogates", offset: start) }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw .headerSyntax(expected: "a pair of surrogates", offset: start)
        }
        return scalar
    }

    private mutating func fourHexDigits() throws(FormatFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try next())).hexDigitValue else {
                throw .headerSyntax(expected: "four hexadecimal digits", offset: offset - 1)
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Checks that only white space is left.
    mutating func end() throws(FormatFault) {
        skipSpace()
        guard offset == bytes.count else { throw .headerSyntax(expected: "its end", offset: offset) }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(FormatFault) {
        guard take(character) else { throw .headerSyntax(expected: String(character), offset: offset) }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func next() throws(FormatFault) -> UInt8 {
        guard offset < bytes.count else { throw .headerSyntax(expected: "the end of a string", offset: offset) }
        defer { offset += 1 }
        return bytes[offset]
    }

    private mutating func skipSpace() {
        while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
    }
}
