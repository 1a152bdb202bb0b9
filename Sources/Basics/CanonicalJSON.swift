// Values as JSON text that is the same whenever the value is: for keys, for lines of files, and for files that people read.

import Foundation

extension Encodable {
    /// Keys sorted, no white space, one line.
    public func canonicalJSON() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

extension Sequence where Element: Encodable {
    /// Each element on a line of its own (JSONL).
    public func canonicalJSONLines() throws -> Data {
        try reduce(into: Data()) { $0 += try $1.canonicalJSON() + Data("\n".utf8) }
    }
}

extension WholeFile {
    /// Writes a value as indented JSON with sorted keys.
    public static func write(json value: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try write(encoder.encode(value) + Data("\n".utf8), to: path)
    }
}
