// Documents out of files and folders: text, Markdown, rows of JSONL or a table, SQuAD's JSON and HotpotQA's. One document in
// memory at a time, and a reason for everything that is not taken. Knows nothing of tokens or models.

import Basics
import Foundation
import Store

/// A path that leads nowhere.
public enum DocumentError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is nothing at the path.
    case notFound(String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .notFound(let path): "There is no file or folder \(path). Check the path."
        }
    }
}

/// The documents at a path, in the order of file names and lines.
///
/// ```swift
/// let reader = try DocumentReader(folder)
/// let changes = try store.replaceDocuments(reader)
/// for skipped in reader.skipped { print(skipped) }
/// ```
///
/// - `.txt`: one document, its title the file's name.
/// - `.md`, `.markdown`: one document, its title the first heading; front matter is taken off.
/// - `.jsonl`, `.csv`, `.tsv`, and `.json` with a list: one document a row, from the fields `text`, `content` or `body`;
///   `title` or `name`; `id`. Of rows with a question on a `context` (SQuAD's as data sets' libraries have them), each context
///   once.
/// - `.json`: SQuAD's format, one document a paragraph, its title the article's; or HotpotQA's (also as JSONL), one document
///   a paragraph, however many questions share it.
///
/// UTF-8, or UTF-16 with a byte-order mark. A class, because reading goes on where it stopped, whoever asks.
public final class DocumentReader: Sequence, IteratorProtocol {
    /// The most bytes of one document, unless told otherwise.
    public static let defaultMaximumBytes = 10_000_000
    /// The most bytes of a `.json` file, which is parsed whole.
    static let maximumJSONBytes = 1_000_000_000
    static let textFields = ["text", "content", "body"]

    /// What was found so far and not taken.
    public private(set) var skipped: [SkippedDocument] = []

    private let maximumBytes: Int
    private var files: FileListing
    private var rows: (reader: JSONRows, url: URL, name: String)?
    private var paragraphs: ArraySlice<Document> = []
    /// Where each text was first seen.
    private var sources: [ContentKey: String] = [:]
    /// How many paragraphs of a title there were in rows.
    private var parts: [String: Int] = [:]

    /// A reader of a file, or of all files below a folder. Documents of more than `maximumBytes` are skipped.
    public init(_ path: URL, maximumBytes: Int = defaultMaximumBytes) throws(DocumentError) {
        guard FileManager.default.fileExists(atPath: path.path) else { throw .notFound(path.path) }
        self.maximumBytes = maximumBytes
        files = FileListing(path)
    }

    /// The next document, or nil after the last.
    public func next() -> Document? {
        while true {
            if let document = paragraphs.popFirst() {
                if isNew(document) { return document }
            } else if rows != nil {
                if let document = nextRow(), isNew(document) { return document }
            } else {
                switch files.next() {
                case nil: return nil
                case .skipped(let entry): skipped.append(entry)
                case .file(let url, let name): open(url, name: name)
                }
            }
        }
    }

    private func skip(_ source: String, _ reason: SkippedDocument.Reason) {
        skipped.append(SkippedDocument(source, reason))
    }

    /// Whether a document has text, not too much, and not that of an earlier one. Says so if not.
    private func isNew(_ document: Document) -> Bool {
        let bytes = document.text.utf8.count
        guard bytes > 0 else {
            skip(document.source, .empty)
            return false
        }
        guard bytes <= maximumBytes else {
            skip(document.source, .tooLarge(bytes: bytes, maximum: maximumBytes))
            return false
        }
        if let first = sources[Self.key(document)] {
            skip(document.source, .duplicate(of: first))
            return false
        }
        sources[Self.key(document)] = document.source
        return true
    }

    private static func key(_ document: Document) -> ContentKey { ContentKey(of: document.text.foldedForComparison) }

    // MARK: - Files

    private func open(_ url: URL, name: String) {
        if let (rows, broken) = HotpotQA.read(url) {
            skipped += broken
            paragraphs = HotpotQA.documents(rows)[...]
            return
        }
        switch url.pathExtension.lowercased() {
        case "txt", "text": openText(url, name: name) { (nil, $0) }
        case "md", "markdown": openText(url, name: name, parse: Markdown.parse)
        case "json": openJSON(url, name: name)
        case let kind where JSONRows.kinds.contains(kind): openRows(url, name: name)
        case let kind: skip(url.path, .unknownKind(kind))
        }
    }

    private func openText(_ url: URL, name: String, parse: (String) -> (title: String?, text: String)) {
        switch TextFile.read(url, maximumBytes: maximumBytes) {
        case .failure(let error): skip(url.path, error.reason)
        case .success(let content):
            let (title, text) = parse(content)
            let fileName = url.deletingPathExtension().lastPathComponent.replacing("_", with: " ")
            paragraphs = [Self.document(name: name, title: title ?? fileName, text: text, source: url.path)]
        }
    }

    private func openJSON(_ url: URL, name: String) {
        do throws(SkipReason) {
            guard let file = try JSONRows.object(in: url) else { return openRows(url, name: name) }
            if let found = SQuAD.paragraphs(file, source: url.path) {
                if found.isEmpty { skip(url.path, .empty) }
                paragraphs = found.map(\.document)[...]
            } else if file.objects("data") != nil || file.string(Self.textFields) != nil {
                openRows(url, name: name)
            } else {
                skip(url.path, .unknownShape)
            }
        } catch {
            skip(url.path, error.reason)
        }
    }

    // MARK: - Rows

    /// Opens a file of rows. The size of a file of lines is not bounded, only that of each line.
    private func openRows(_ url: URL, name: String) {
        do throws(SkipReason) {
            rows = (try JSONRows(url, maximumLineBytes: maximumBytes), url, name)
        } catch {
            skip(url.path, error.reason)
        }
    }

    private func nextRow() -> Document? {
        guard let row = rows?.reader.next(), let (_, _, name) = rows else {
            rows = nil
            return nil
        }
        switch row.content {
        case .failure(let error): skip(row.source, error.reason)
        case .success(let fields): return document(fields, name: "\(name):\(row.number)", source: row.source)
        }
        return nil
    }

    private func document(_ fields: JSONFields, name: String, source: String) -> Document? {
        if let text = fields.string(Self.textFields) {
            return Self.document(
                name: fields.string(["id"]) ?? name, title: fields.string(["title", "name"]), text: text,
                source: source)
        }
        if let paragraph = SQuAD.paragraph(of: fields, name: name, source: source) {
            // Most questions share their paragraph with others, so there is no word about it.
            guard !fields.has("question") || sources[Self.key(paragraph)] == nil else { return nil }
            let part = paragraph.title.map { parts[$0, default: 0] } ?? 0
            if let title = paragraph.title { parts[title] = part + 1 }
            return Document(
                name: paragraph.name, part: part, title: paragraph.title, text: paragraph.text, source: source)
        }
        if fields.has("question"), !fields.has(SQuAD.contextFields) {
            endFile(source, .questions)
        } else if JSONRows.isTable(rows?.url), !fields.has(Self.textFields + SQuAD.contextFields) {
            endFile(source, .missingField(Self.textFields + SQuAD.contextFields))
        } else {
            skip(source, fields.reasonForNoText(in: Self.textFields + SQuAD.contextFields))
        }
        return nil
    }

    /// Leaves the rest of a file, which will be no better: a line for each of its lines would bury the others.
    private func endFile(_ source: String, _ reason: SkippedDocument.Reason) {
        skip(rows?.url.path ?? source, reason)
        rows = nil
    }

    static func document(name: String, part: Int = 0, title: String?, text: String, source: String) -> Document {
        let title = title?.trimmingCharacters(in: .whitespacesAndNewlines)
        return Document(
            name: name, part: part, title: title?.isEmpty == true ? nil : title,
            text: text.trimmingCharacters(in: .whitespacesAndNewlines), source: source)
    }
}
