// The name of a row: a hash of what the row is made of, so that the same content always has the same name and making a
// row twice makes it once. Knows nothing of the database.

import Foundation

/// A 128-bit name derived from content: the first half of a SHA-256 digest.
///
/// Written as 32 lower-case hexadecimal digits. Two different contents share a name with probability 2⁻¹²⁸; a store of
/// a billion rows is some 10⁻²¹ likely to hold such a pair.
public struct ContentKey: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// The key of a list of fields. Each field's length enters the hash, so `("ab", "c")` and `("a", "bc")` differ.
    public init(of fields: String...) {
        var hash = SHA256()
        for field in fields {
            Self.update(&hash, with: UInt64(field.utf8.count))
            hash.update(field)
        }
        self.init(digest: hash.finalize())
    }

    /// The key of a name and a list of keys in their order: that of the name and the keys' digits with spaces between, of
    /// which not all are in memory at a time.
    public init(of name: String, keys: some Collection<ContentKey>) {
        var hash = SHA256()
        Self.update(&hash, with: UInt64(name.utf8.count))
        hash.update(name)
        Self.update(&hash, with: UInt64(max(0, 33 * keys.count - 1)))
        var separator = ""
        for key in keys {
            hash.update("\(separator)\(key)")
            separator = " "
        }
        self.init(digest: hash.finalize())
    }

    private init(digest: [UInt8]) {
        let words = Self.words(digest)
        (high, low) = (words[0], words[1])
    }

    /// A seed for everything random about the row with this key.
    ///
    /// It depends on the run's seed and on the key only, so a resumed run makes the row that the first one would have
    /// made, whatever the order of work.
    public func seed(run: UInt64) -> UInt64 {
        var hash = SHA256()
        for word in [run, high, low] { Self.update(&hash, with: word) }
        return Self.words(hash.finalize())[0]
    }

    private static func update(_ hash: inout SHA256, with word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { hash.update($0) }
    }

    /// The digest as four big-endian 64-bit words.
    private static func words(_ digest: [UInt8]) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: 4)
        for (position, byte) in digest.enumerated() {
            words[position / 8] = words[position / 8] << 8 | UInt64(byte)
        }
        return words
    }
}

extension ContentKey: LosslessStringConvertible {
    /// Reads 32 hexadecimal digits; `nil` for anything else.
    public init?(_ description: String) {
        let digits = description.utf8
        guard digits.count == 32, digits.allSatisfy({ UInt8(ascii: "+") != $0 && UInt8(ascii: "-") != $0 }),
            let high = UInt64(description.prefix(16), radix: 16), let low = UInt64(description.suffix(16), radix: 16)
        else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension ContentKey: Comparable {
    /// The order of the hexadecimal digits.
    public static func < (left: ContentKey, right: ContentKey) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ContentKey: Codable {
    /// Reads the key from a string of 32 hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let key = ContentKey(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is not a key of 32 hexadecimal digits")
        }
        self = key
    }

    /// Writes the key as a string of 32 hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
