// A table of comma-separated values, row by row. Knows no report, nor how a field is written.

import Basics
import Foundation

/// A table under construction; the first row names the columns.
struct CSVTable {
    private(set) var data = Data()
    private let columns: Int

    init(columns: [String]) {
        self.columns = columns.count
        append(columns)
    }

    /// Adds a row; absent values are empty fields.
    mutating func append(_ fields: [String?]) {
        precondition(fields.count == columns, "a row of \(fields.count) fields in a table of \(columns)")
        data += Data(CSVRow.line(fields.map { $0 ?? "" }, separators: ",").utf8)
    }
}
