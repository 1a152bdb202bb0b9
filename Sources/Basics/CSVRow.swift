// Rows of comma-separated values as text (RFC 4180). Knows fields, not what they mean.

public enum CSVRow {
    /// A row with commas between its fields and RFC 4180's line end. Fields with one of `separators`, quotes or line breaks
    /// are quoted, their quotes doubled. By scalars, since a character may be a quote together with an accent.
    public static func line(_ fields: [String], separators: String) -> String {
        let special = Set((separators + "\"\r\n").unicodeScalars)
        let written = fields.map { field in
            guard field.unicodeScalars.contains(where: special.contains) else { return field }
            let parts = field.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false).map { String($0) }
            return "\"\(parts.joined(separator: "\"\""))\""
        }
        return written.joined(separator: ",") + "\r\n"
    }
}
