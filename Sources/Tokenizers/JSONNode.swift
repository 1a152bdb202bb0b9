// Reading JSON whose keys are tokens. Foundation's readers make a dictionary of an object, in which canonically
// equivalent keys fall together; a vocabulary may hold both. Here an object stays a list, in the file's order.
// Knows no tokenizers. Source: RFC 8259.

enum JSONNode: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONNode])
    case object([Member])

    /// A key and its value.
    struct Member: Sendable {
        var key: String
        var value: JSONNode
    }

    /// The value of `key`; nil if this is no object, lacks it, or has null there.
    subscript(key: String) -> JSONNode? {
        guard case .object(let members) = self, let member = members.last(where: { $0.key == key }) else { return nil }
        if case .null = member.value { return nil }
        return member.value
    }

    /// The text, if this is a string.
    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The truth value, if this is one.
    var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number, if this is a whole one.
    var integer: Int? {
        if case .number(let value) = self { Int(exactly: value) } else { nil }
    }

    /// The elements, if this is an array.
    var array: [JSONNode]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if this is an object.
    var object: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// Reads a whole text; `source` is the file that an error names.
    init(_ text: [UInt8], source: String) throws(TokenizerError) {
        var reader = JSONReader(text, source: source)
        self = try reader.readDocument()
    }
}

/// A reader's place in a text.
private struct JSONReader {
    private let text: [UInt8]
    private let source: String
    private var position = 0
    /// Deeper nesting than any tokenizer's file has.
    private let depthLimit = 64

    init(_ text: [UInt8], source: String) {
        self.text = text
        self.source = source
    }

    mutating func readDocument() throws(TokenizerError) -> JSONNode {
        let value = try readValue(depth: 0)
        skipWhitespace()
        guard position == text.count else { throw failure("something follows the value") }
        return value
    }

    private mutating func readValue(depth: Int) throws(TokenizerError) -> JSONNode {
        guard depth < depthLimit else { throw failure("values are nested too deeply") }
        skipWhitespace()
        guard position < text.count else { throw failure("the text ends too early") }
        switch text[position] {
        case UInt8(ascii: "{"): return try readObject(depth: depth)
        case UInt8(ascii: "["): return try readArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", as: .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", as: .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", as: .null)
        default: return .number(try readNumber())
        }
    }

    private mutating func readObject(depth: Int) throws(TokenizerError) -> JSONNode {
        position += 1
        var members: [JSONNode.Member] = []
        if skip("}") { return .object(members) }
        repeat {
            skipWhitespace()
            let key = try readString()
            guard skip(":") else { throw failure("a colon is missing") }
            members.append(JSONNode.Member(key: key, value: try readValue(depth: depth + 1)))
        } while skip(",")
        guard skip("}") else { throw failure("a comma or a closing brace is missing") }
        return .object(members)
    }

    private mutating func readArray(depth: Int) throws(TokenizerError) -> JSONNode {
        position += 1
        var elements: [JSONNode] = []
        if skip("]") { return .array(elements) }
        repeat { elements.append(try readValue(depth: depth + 1)) } while skip(",")
        guard skip("]") else { throw failure("a comma or a closing bracket is missing") }
        return .array(elements)
    }

    private mutating func readWord(_ word: StaticString, as value: JSONNode) throws(TokenizerError) -> JSONNode {
        let end = position + word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { end <= text.count && text[position..<end].elementsEqual($0) }
        guard matches else { throw failure("an unknown word") }
        position = end
        return value
    }

    private mutating func readNumber() throws(TokenizerError) -> Double {
        let start = position
        let signs = "+-.eE".utf8
        while position < text.count, isDigit(text[position]) || signs.contains(text[position]) { position += 1 }
        let digits = text[start..<position]
        if !digits.isEmpty, digits.count < 16, digits.allSatisfy(isDigit) {
            return Double(digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
        }
        guard let value = Double(String(decoding: digits, as: UTF8.self)) else { throw failure("a value is missing") }
        return value
    }

    private mutating func readString() throws(TokenizerError) -> String {
        guard position < text.count, text[position] == UInt8(ascii: "\"") else { throw failure("a string is missing") }
        position += 1
        let start = position
        while position < text.count, text[position] != UInt8(ascii: "\""), text[position] != UInt8(ascii: "\\") {
            guard text[position] >= 0x20 else { throw failure("a control character in a string") }
            position += 1
        }
        guard position < text.count else { throw failure("a string does not end") }
        if text[position] == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try validated(text[start..<position])
        }
        return try readEscapedString(Array(text[start..<position]))
    }

    /// Goes on with a string at its first escape; `bytes` is what came before it.
    private mutating func readEscapedString(_ bytes: [UInt8]) throws(TokenizerError) -> String {
        var bytes = bytes
        while position < text.count {
            let byte = text[position]
            guard byte >= 0x20 else { throw failure("a control character in a string") }
            position += 1
            if byte == UInt8(ascii: "\"") { return try validated(bytes[...]) }
            if byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: try readEscape().utf8)
            } else {
                bytes.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    private mutating func readEscape() throws(TokenizerError) -> Unicode.Scalar {
        guard position < text.count else { throw failure("a string does not end") }
        defer { position += 1 }
        switch text[position] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try readCodePoint()
        default: throw failure("an unknown escape")
        }
    }

    /// Reads the digits behind `\u`, and a second escape behind half of a surrogate pair; ends on the last digit.
    private mutating func readCodePoint() throws(TokenizerError) -> Unicode.Scalar {
        let unit = try readHexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let isPair =
            unit < 0xDC00 && position + 2 < text.count && text[position + 1] == UInt8(ascii: "\\")
            && text[position + 2] == UInt8(ascii: "u")
        guard isPair else { throw failure("half a surrogate pair") }
        position += 2
        let second = try readHexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure("half a surrogate pair") }
        return scalar
    }

    private mutating func readHexadecimal() throws(TokenizerError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            guard position < text.count, let digit = Character(Unicode.Scalar(text[position])).hexDigitValue else {
                throw failure("four hexadecimal digits are missing")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private func validated(_ bytes: ArraySlice<UInt8>) throws(TokenizerError) -> String {
        guard let string = String(validating: bytes, as: UTF8.self) else { throw failure("a string is not UTF-8") }
        return string
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func failure(_ reason: String) -> TokenizerError {
        .invalidJSON(source: source, offset: position, reason: reason)
    }
}
