// Rows of a data file: one JSON object a line, or the objects of a JSON list. Whatever the extension says, the first
// character decides. Knows nothing of what the objects mean.

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

/// The rows of a file in order. Of JSONL one row is in memory at a time; a JSON list is parsed whole.
package struct JSONRows {
    /// A row, or why there is none in its place.
    package struct Row {
        /// Where it is, for messages.
        package let source: String
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
    private var lines: LineReader?
    private var elements: ArraySlice<Element> = []
    private var number = 0

    /// Opens a file; throws where it cannot hold rows.
    package init(_ url: URL) throws(SkipReason) {
        path = url.path
        guard try TextFile.size(of: url).get() > 0 else { throw SkipReason(.empty) }
        let beginning = try JSONRows.beginning(of: url)
        if beginning.starts(with: Data("PAR1".utf8)) { throw SkipReason(.parquet) }
        if beginning.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
            elements = try JSONRows.list(url)
        } else {
            // One object over many lines, most likely: no use in a word about each of them.
            if url.pathExtension == "json", try !JSONRows.beginsWithRow(url) { throw SkipReason(.notRows) }
            lines = try JSONRows.lines(url)
        }
    }

    /// The first bytes of a file, without a byte-order mark.
    private static func beginning(of url: URL) throws(SkipReason) -> Data {
        do {
            let bytes = try FileHandle(forReadingFrom: url).read(upToCount: 64) ?? Data()
            return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
        } catch {
            throw SkipReason(.unreadable(TextFile.explain(error)))
        }
    }

    private static func beginsWithRow(_ url: URL) throws(SkipReason) -> Bool {
        var reader = try lines(url)
        guard case .bytes(let first)? = reader.next() else { return false }
        return (try? JSONDecoder().decode(JSONFields.self, from: first)) != nil
    }

    private static func lines(_ url: URL) throws(SkipReason) -> LineReader {
        do {
            return try LineReader(url, maximumBytes: maximumLineBytes)
        } catch {
            throw SkipReason(.unreadable(TextFile.explain(error)))
        }
    }

    private static func list(_ url: URL) throws(SkipReason) -> ArraySlice<Element> {
        let data = try TextFile.bytes(of: url, maximumBytes: DocumentReader.maximumJSONBytes).get()
        do {
            return try JSONDecoder().decode([Element].self, from: data)[...]
        } catch {
            throw SkipReason(.notJSON)
        }
    }

    /// The next row, or nil after the last.
    package mutating func next() -> Row? {
        if let line = lines?.next(), let reader = lines {
            return Row(source: "\(path):\(reader.number)", content: JSONRows.content(line))
        }
        guard let element = elements.popFirst() else { return nil }
        number += 1
        return Row(
            source: "\(path), row \(number)",
            content: element.fields.map { .success($0) } ?? .failure(SkipReason(.unknownForm)))
    }

    private static func content(_ line: LineReader.Line) -> Result<JSONFields, SkipReason> {
        switch line {
        case .unreadable(let reason): .failure(SkipReason(.unreadable(reason)))
        case .tooLong: .failure(SkipReason(.tooLarge(bytes: nil, maximum: maximumLineBytes)))
        case .bytes(let bytes):
            (try? JSONDecoder().decode(JSONFields.self, from: bytes)).map { .success($0) }
                ?? .failure(SkipReason(.notJSON))
        }
    }
}
