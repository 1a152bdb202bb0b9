// The byte-level alphabet of GPT-2's vocabulary files: every byte as one printable character, so that any text can be
// written in JSON. Knows bytes and characters, no tokens.
// Source: openai/gpt-2, src/encoder.py, bytes_to_unicode.

/// The correspondence between bytes and the characters that stand for them in vocabulary files.
enum ByteLevelAlphabet {
    /// The character that stands for each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 256
        return (0...255).map { (byte: UInt8) in
            if isPrintable(byte) { return Unicode.Scalar(byte) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? Unicode.Scalar(byte)
        }
    }()

    /// The byte that each character below U+0144 stands for, or nil.
    private static let bytes: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = UInt8(byte) }
        return table
    }()

    private static func isPrintable(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
    }

    /// Appends the bytes that `text` stands for, or returns false and appends none if it has a character of no byte.
    static func appendBytes(of text: String, to output: inout [UInt8]) -> Bool {
        let start = output.count
        for scalar in text.unicodeScalars {
            guard scalar.value < bytes.count, let byte = bytes[Int(scalar.value)] else {
                output.removeLast(output.count - start)
                return false
            }
            output.append(byte)
        }
        return true
    }
}
