// Tables as comma-separated values (RFC 4180), as spreadsheets write and read them. Knows rows and fields, not what they mean.

import Foundation

/// A CSV file's rows.
package struct CSV {
    /// A row and where it begins.
    package struct Row: Equatable {
        /// The line, from 1; a quoted field may span several.
        package let line: Int
        package let fields: [String]
    }

    /// Why a text is no CSV.
    package enum Problem: Error, Equatable {
        /// The quote that a line opens is never closed.
        case unclosedQuote(line: Int)
        /// Something follows a closing quote in its field.
        case textAfterQuote(line: Int)

        package var line: Int {
            switch self {
            case .unclosedQuote(let line), .textAfterQuote(let line): line
            }
        }

        /// What is wrong in the line.
        package var reason: String {
            switch self {
            case .unclosedQuote: "the quote that opens here is never closed"
            case .textAfterQuote: "something follows a closing quote; double it within a text"
            }
        }
    }

    /// Rows that hold anything.
    package let rows: [Row]

    /// Reads a text: commas, semicolons or tabs between the fields, whichever the first row has most of, as spreadsheets of
    /// different countries write them; any line ends; a byte-order mark or none; and Excel's "sep=;" as a first line.
    package init(_ text: String) throws(Problem) {
        // Scalars, since Swift takes a quote and a combining mark after it for one character.
        var scalars = Array(text.cleaned.unicodeScalars)[...]
        var firstLine = 1
        var separator = Self.separator(in: scalars)
        if scalars.count > 4, String(String.UnicodeScalarView(scalars.prefix(4))).lowercased() == "sep=" {
            separator = scalars[scalars.startIndex + 4]
            scalars = scalars.drop { $0 != "\n" }.dropFirst()
            firstLine = 2
        }
        var reader = Reader(rest: scalars, separator: separator, line: firstLine)
        var rows: [Row] = []
        while let row = try reader.next() {
            if row.fields.contains(where: { !$0.isEmpty }) { rows.append(row) }
        }
        self.rows = rows
    }

    private static func separator(in scalars: ArraySlice<Unicode.Scalar>) -> Unicode.Scalar {
        var counts: [Unicode.Scalar: Int] = [:]
        var isQuoted = false
        for scalar in scalars {
            if scalar == "\"" { isQuoted.toggle() }
            if !isQuoted, scalar == "\n" { break }
            if !isQuoted { counts[scalar, default: 0] += 1 }
        }
        let separators: [Unicode.Scalar] = [",", ";", "\t"]
        return separators.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? ","
    }

    private struct Reader {
        var rest: ArraySlice<Unicode.Scalar>
        let separator: Unicode.Scalar
        var line: Int

        /// The next row, or nil after the last.
        mutating func next() throws(Problem) -> Row? {
            guard !rest.isEmpty else { return nil }
            let start = line
            var fields: [String] = []
            while true {
                fields.append(rest.first == "\"" ? try quoted() : plain())
                guard let end = rest.popFirst(), end == separator else { break }
                if rest.isEmpty {
                    fields.append("")
                    break
                }
            }
            line += 1
            return Row(line: start, fields: fields)
        }

        /// A field up to the separator or the end of the line, which is left to be read.
        private mutating func plain() -> String {
            let field = rest.prefix { $0 != separator && $0 != "\n" }
            rest = rest.dropFirst(field.count)
            return String(String.UnicodeScalarView(field))
        }

        /// A field in quotes, in which two of them stand for one.
        private mutating func quoted() throws(Problem) -> String {
            let start = line
            var field = String.UnicodeScalarView()
            rest.removeFirst()
            while let scalar = rest.popFirst() {
                if scalar == "\"" {
                    guard rest.first == "\"" else {
                        guard plain().allSatisfy(\.isWhitespace) else { throw .textAfterQuote(line: line) }
                        return String(field)
                    }
                    rest.removeFirst()
                }
                if scalar == "\n" { line += 1 }
                field.append(scalar)
            }
            throw .unclosedQuote(line: start)
        }
    }

    /// A table as text, with a byte-order mark, without which Excel takes UTF-8 for another encoding. Any of the separators
    /// that are read quotes a field, since nobody knows which of them a spreadsheet takes the table to have.
    package static func text(_ rows: [[String]]) -> String {
        "\u{FEFF}" + rows.map { CSVRow.line($0, separators: ",;\t") }.joined()
    }
}
