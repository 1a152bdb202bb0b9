// Comma-separated values as RFC 4180 has them. Knows no report.

import Foundation

/// A table under construction; the first row names the columns.
struct CSV {
    private(set) var data = Data()
    private let columns: Int

    init(columns: [String]) {
        self.columns = columns.count
        append(columns)
    }

    /// Adds a row; absent values are empty fields.
    mutating func append(_ fields: [String?]) {
        precondition(fields.count == columns, "a row of \(fields.count) fields in a table of \(columns)")
        data += Data((fields.map { Self.field($0 ?? "") }.joined(separator: ",") + "\r\n").utf8)
    }

    /// Fields with commas, quotes or line breaks are quoted, their quotes doubled. By scalars, since a character may be a
    /// quote together with an accent.
    private static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        let parts = text.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false).map { String($0) }
        return "\"\(parts.joined(separator: "\"\""))\""
    }
}
