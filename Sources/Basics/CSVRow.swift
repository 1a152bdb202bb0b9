// Rows of comma-separated values as text (RFC 4180), of which no spreadsheet computes a field. Knows fields, not what they mean.

public enum CSVRow {
    /// A row with commas between its fields and RFC 4180's line end. Fields with one of `separators`, quotes or line breaks
    /// are quoted, their quotes doubled; what a spreadsheet would compute in one gets an apostrophe before it. By scalars,
    /// since a character may be a quote together with an accent.
    public static func line(_ fields: [String], separators: String) -> String {
        let special = Set((separators + "\"\r\n").unicodeScalars)
        let written = fields.map { field in
            let field = marked(field)
            guard field.unicodeScalars.contains(where: special.contains) else { return field }
            let parts = field.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false).map { String($0) }
            return "\"\(parts.joined(separator: "\"\""))\""
        }
        return written.joined(separator: ",") + "\r\n"
    }

    /// A field of such a row as it was before it was written.
    public static func original(_ field: String) -> String {
        joined(field) { part, isFirstOfLines in
            guard part.first == "'" else { return part }
            let rest = part.dropFirst()
            return isComputed(rest, isFirstOfLines) ? rest : part
        }
    }

    /// A field with an apostrophe before each part that a spreadsheet would compute. Programs that read with a semicolon or a
    /// tab between cells, as spreadsheets of many languages do, begin a cell inside the field.
    private static func marked(_ field: String) -> String {
        joined(field) { part, isFirstOfLines in isComputed(part, isFirstOfLines) ? ["'"] + part : part }
    }

    /// A field whose parts between semicolons, tabs and line ends are changed.
    /// - Parameter change: of a part's characters, and whether the part is the field's first with a tab or a line end behind it.
    private static func joined(
        _ field: String, _ change: (ArraySlice<Unicode.Scalar>, Bool) -> ArraySlice<Unicode.Scalar>
    ) -> String {
        let scalars = Array(field.unicodeScalars)
        var written = String.UnicodeScalarView()
        var start = 0
        for end in 0...scalars.count where end == scalars.count || ";\t\r\n".unicodeScalars.contains(scalars[end]) {
            written += change(scalars[start..<end], start == 0 && end < scalars.count && scalars[end] != ";")
            written += scalars[end..<min(end + 1, scalars.count)]
            start = end + 1
        }
        return String(written)
    }

    /// Whether a spreadsheet would take a part of a field for a formula (OWASP, "CSV Injection"): one that begins with = + - or
    /// @, narrow or wide, whatever white space and quotes stand before it; or a field that begins with a tab or a line end. A
    /// negative number is none. An apostrophe before it changes nothing, so that one more can be taken off again.
    private static func isComputed(_ part: ArraySlice<Unicode.Scalar>, _ isFirstOfLines: Bool) -> Bool {
        if isFirstOfLines, part.allSatisfy({ $0 == "'" }) { return true }
        let start = part.first { scalar in
            let isQuote = "\"'`´“”„‘’‚«»".unicodeScalars.contains(scalar)
            return !(isQuote || scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint)
        }
        guard let start, "=+-@＝＋－＠".unicodeScalars.contains(start) else { return false }
        var text = String.UnicodeScalarView()
        text += part
        return String(text).wholeMatch(of: /-[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) == nil
    }
}
