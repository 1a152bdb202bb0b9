// Rows of comma-separated values as text (RFC 4180), of which no spreadsheet computes a field. Knows fields, not what they mean.

public enum CSVRow {
    /// A row with commas between its fields and RFC 4180's line end. Fields with one of `separators`, quotes or line breaks
    /// are quoted, their quotes doubled; fields that a spreadsheet would compute get an apostrophe before them. By scalars,
    /// since a character may be a quote together with an accent.
    public static func line(_ fields: [String], separators: String) -> String {
        let special = Set((separators + "\"\r\n").unicodeScalars)
        let written = fields.map { field in
            let field = isComputed(field) ? "'" + field : field
            guard field.unicodeScalars.contains(where: special.contains) else { return field }
            let parts = field.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false).map { String($0) }
            return "\"\(parts.joined(separator: "\"\""))\""
        }
        return written.joined(separator: ",") + "\r\n"
    }

    /// A field of such a row as it was before it was written.
    public static func original(_ field: String) -> String {
        guard field.unicodeScalars.first == "'" else { return field }
        let rest = String(field.unicodeScalars.dropFirst())
        return isComputed(rest) ? rest : field
    }

    /// Whether a spreadsheet would take the field for a formula (OWASP, "CSV Injection"): one that begins with = + - or @,
    /// narrow or wide, whatever white space and quotes stand before it, or with a tab or a line end. A negative number is
    /// none.
    private static func isComputed(_ field: String) -> Bool {
        let scalars = field.unicodeScalars
        guard let first = scalars.first else { return false }
        if "\t\r\n".unicodeScalars.contains(first) { return true }
        let start = scalars.first { scalar in
            let isQuote = "\"'`´“”„‘’‚«»".unicodeScalars.contains(scalar)
            return !(isQuote || scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint)
        }
        guard let start, "=+-@＝＋－＠".unicodeScalars.contains(start) else { return false }
        return field.wholeMatch(of: /-[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) == nil
    }
}
