// Code points in UTF-8 bytes, and the few questions that cutting text asks of them. Knows no tokens.

/// The code point at `position` of valid UTF-8, and its length in bytes.
func decodeScalar(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let first = UInt32(text[position])
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard length > 1, position + length <= text.count else { return (Unicode.Scalar(UInt8(first & 0x7F)), 1) }
    var value = first & (0x7F >> UInt32(length))
    for offset in 1..<length { value = value << 6 | UInt32(text[position + offset] & 0x3F) }
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
}

/// The code point that ends before `position` of valid UTF-8, and its length in bytes.
func decodeScalar(_ text: UnsafeBufferPointer<UInt8>, before position: Int) -> (scalar: Unicode.Scalar, length: Int) {
    var start = position - 1
    while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
    return decodeScalar(text, at: start)
}

extension Unicode.Scalar {
    /// Whether it is a number of any kind (general category N), as Rust's `char::is_numeric` says.
    var isNumber: Bool {
        if value < 0x80 { return (0x30...0x39).contains(value) }
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: return true
        default: return false
        }
    }

    /// Whether `\w` matches it (Unicode Technical Standard 18, annex C).
    var isWordCharacter: Bool {
        if properties.isAlphabetic || properties.isJoinControl { return true }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }
}
