// Rows of a data file: one JSON object a line, the objects of a JSON list, or the lines of a table in CSV or TSV. Whatever the
// extension says of JSON, the first character decides. Knows nothing of what the rows mean.

import Basics
import Foundation

/// A file none of whose rows can be used.
public enum DataFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// - Parameters:
    ///   - path: the file.
    ///   - wanted: what it was to hold, and in which forms.
    ///   - first: the first thing that was wrong; nil where there was nothing at all.
    case nothingUsable(path: String, wanted: String, first: SkippedDocument?)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .nothingUsable(let path, let wanted, let first):
            "There is nothing in \(path) that can be used; it is to hold \(wanted)."
                + (first.map { " The first trouble: \($0)." } ?? "")
        }
    }
}

/// The rows of a file in order. Of JSONL one row is in memory at a time; a JSON list and a table are parsed whole.
package struct JSONRows {
    /// A row, or why there is none in its place.
    package struct Row {
        /// Where it is, for messages.
        package let source: String
        /// Its line or its place in the list, from 1.
        package let number: Int
        package let content: Result<JSONFields, SkipReason>
    }

    /// The most bytes of a row of JSONL.
    package static let maximumLineBytes = 10_000_000

    /// An element of a list that may be anything.
    private struct Element: Decodable {
        let fields: JSONFields?

        init(from decoder: any Decoder) { fields = try? JSONFields(from: decoder) }
    }

    private let path: String
    private let maximumLineBytes: Int
    private var lines: LineReader?
    private var parsed: ArraySlice<Row> = []

    /// The kinds of files, by their extensions.
    static let kinds = ["json", "jsonl", "ndjson", "csv", "tsv"]

    static func isTable(_ url: URL?) -> Bool { ["csv", "tsv"].contains(url?.pathExtension.lowercased()) }

    /// Opens a file; throws where it cannot hold rows.
    package init(_ url: URL, maximumLineBytes: Int = JSONRows.maximumLineBytes) throws(SkipReason) {
        path = url.path
        self.maximumLineBytes = maximumLineBytes
        guard try TextFile.size(of: url).get() > 0 else { throw SkipReason(.empty) }
        let kind = url.pathExtension.lowercased()
        let beginning = try JSONRows.beginning(of: url)
        if beginning.starts(with: Data("PAR1".utf8)) { throw SkipReason(.parquet) }
        if JSONRows.isTable(url) {
            parsed = try JSONRows.table(url)[...]
        } else if beginning.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
            parsed = try JSONRows.list(url)[...]
        } else if kind == "json", let file = try JSONRows.object(in: url) {
            let rows = file.objects("data") ?? [file]
            parsed = JSONRows.rows(rows.map { .success($0) }, of: url)[...]
        } else {
            lines = try JSONRows.lines(url, maximumLineBytes)
            // Broken JSON over many lines: no use in a word about each of them.
            if kind == "json", try !JSONRows.beginsWithRow(url) { throw SkipReason(.notJSON) }
        }
    }

    /// The first bytes of a file, without a byte-order mark.
    private static func beginning(of url: URL) throws(SkipReason) -> Data {
        do {
            return TextFile.utf8(try FileHandle(forReadingFrom: url).read(upToCount: 64) ?? Data())
        } catch {
            throw SkipReason(.unreadable(TextFile.explain(error)))
        }
    }

    private static func beginsWithRow(_ url: URL) throws(SkipReason) -> Bool {
        var reader = try lines(url, maximumLineBytes)
        guard case .bytes(let first)? = reader.next() else { return false }
        return (try? JSONDecoder().decode(JSONFields.self, from: first)) != nil
    }

    private static func lines(_ url: URL, _ maximumBytes: Int) throws(SkipReason) -> LineReader {
        do {
            return try LineReader(url, maximumBytes: maximumBytes)
        } catch {
            throw SkipReason(.unreadable(TextFile.explain(error)))
        }
    }

    private static func rows(_ contents: [Result<JSONFields, SkipReason>], of url: URL) -> [Row] {
        contents.enumerated().map {
            Row(source: "\(url.path), row \($0 + 1)", number: $0 + 1, content: $1)
        }
    }

    private static func bytes(_ url: URL) throws(SkipReason) -> Data {
        TextFile.utf8(try TextFile.bytes(of: url, maximumBytes: DocumentReader.maximumJSONBytes).get())
    }

    /// The one object that a file is; nil where it is something else.
    static func object(in url: URL) throws(SkipReason) -> JSONFields? {
        let data = try bytes(url)
        return try? JSONDecoder().decode(JSONFields.self, from: data)
    }

    private static func list(_ url: URL) throws(SkipReason) -> [Row] {
        let data = try bytes(url)
        guard let elements = try? JSONDecoder().decode([Element].self, from: data) else {
            throw SkipReason(.notJSON)
        }
        return rows(elements.map { $0.fields.map { .success($0) } ?? .failure(SkipReason(.unknownForm)) }, of: url)
    }

    /// The lines of a table whose first names the columns, each known by its line's number.
    private static func table(_ url: URL) throws(SkipReason) -> [Row] {
        let text = try TextFile.read(url, maximumBytes: DocumentReader.maximumJSONBytes).get()
        let table: CSV
        do throws(CSV.Problem) {
            table = try CSV(text)
        } catch {
            throw SkipReason(.brokenTable(line: error.line, error.reason))
        }
        let columns = table.rows.first?.fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() } ?? []
        guard table.rows.count > 1 else { throw SkipReason(.empty) }
        return table.rows.dropFirst().map { row in
            Row(
                source: "\(url.path):\(row.line)", number: row.line,
                content: .success(JSONFields(columns: columns, cells: row.fields)))
        }
    }

    /// The next row, or nil after the last.
    package mutating func next() -> Row? {
        guard let line = lines?.next(), let number = lines?.number else { return parsed.popFirst() }
        return Row(source: "\(path):\(number)", number: number, content: content(line))
    }

    private func content(_ line: LineReader.Line) -> Result<JSONFields, SkipReason> {
        switch line {
        case .unreadable(let reason): .failure(SkipReason(.unreadable(reason)))
        case .tooLong: .failure(SkipReason(.tooLarge(bytes: nil, maximum: maximumLineBytes)))
        case .bytes(let bytes):
            (try? JSONDecoder().decode(JSONFields.self, from: bytes)).map { .success($0) }
                ?? .failure(SkipReason(String(validating: bytes, as: UTF8.self) == nil ? .notUTF8 : .notJSON))
        }
    }
}
