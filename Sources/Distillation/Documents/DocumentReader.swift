// Documents out of files and folders: text, Markdown, JSONL, SQuAD's JSON and HotpotQA's. One document in memory at a time,
// and a reason for everything that is not taken. Knows nothing of tokens or models.

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
/// - `.jsonl`: one document a line, from the fields `text`, `content` or `body`; `title` or `name`; `id`.
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
    private var lines: (reader: LineReader, path: String, name: String)?
    private var paragraphs: ArraySlice<Document> = []
    /// Where each text was first seen.
    private var sources: [ContentKey: String] = [:]

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
            } else if lines != nil {
                if let document = nextLine(), isNew(document) { return document }
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
        guard !document.text.utf8.contains(0) else {
            skip(document.source, .binary)
            return false
        }
        let key = ContentKey(of: document.text)
        if let first = sources[key] {
            skip(document.source, .duplicate(of: first))
            return false
        }
        sources[key] = document.source
        return true
    }

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
        case "jsonl", "ndjson": openLines(url, name: name)
        case "json": openSQuAD(url)
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

    private func openSQuAD(_ url: URL) {
        switch TextFile.bytes(of: url, maximumBytes: Self.maximumJSONBytes) {
        case .failure(let error): skip(url.path, error.reason)
        case .success(let data):
            guard let file = try? JSONDecoder().decode(SQuAD.self, from: data) else {
                let isJSON = (try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) != nil
                return skip(url.path, data.isEmpty ? .empty : isJSON ? .unknownShape : .notJSON)
            }
            let documents = Self.documents(in: file, source: url.path)
            if documents.isEmpty { skip(url.path, .empty) }
            paragraphs = documents[...]
        }
    }

    /// The paragraphs of a SQuAD file; the articles' names are their titles.
    static func documents(in file: SQuAD, source: String) -> [Document] {
        file.data.enumerated().flatMap { number, article in
            article.paragraphs.enumerated().map { part, paragraph in
                let name = article.title ?? "article \(number + 1)"
                return document(
                    name: name, part: part, title: article.title?.replacing("_", with: " "), text: paragraph.context,
                    source: "\(source): \(name), paragraph \(part + 1)")
            }
        }
    }

    // MARK: - Lines

    /// Opens a file of lines. Its size is not bounded, only that of each line.
    private func openLines(_ url: URL, name: String) {
        switch TextFile.size(of: url) {
        case .failure(let error): skip(url.path, error.reason)
        case .success(0): skip(url.path, .empty)
        case .success:
            do {
                lines = (try LineReader(url, maximumBytes: maximumBytes), url.path, name)
            } catch {
                skip(url.path, .unreadable(TextFile.explain(error)))
            }
        }
    }

    private func nextLine() -> Document? {
        guard let line = lines?.reader.next(), let (reader, path, name) = lines else {
            lines = nil
            return nil
        }
        let source = "\(path):\(reader.number)"
        switch line {
        case .unreadable(let reason): skip(source, .unreadable(reason))
        case .tooLong: skip(source, .tooLarge(bytes: nil, maximum: maximumBytes))
        case .bytes(let bytes):
            guard let fields = try? JSONDecoder().decode(JSONFields.self, from: bytes) else {
                skip(source, String(validating: bytes, as: UTF8.self) == nil ? .notUTF8 : .notJSON)
                return nil
            }
            return document(fields, name: "\(name):\(reader.number)", source: source)
        }
        return nil
    }

    private func document(_ fields: JSONFields, name: String, source: String) -> Document? {
        if let text = fields.string(Self.textFields) {
            return Self.document(
                name: fields.string(["id"]) ?? name, title: fields.string(["title", "name"]), text: text,
                source: source)
        }
        if fields.has("question") {
            // The rest of the file will be no better, and a line for each of its lines would bury the others.
            skip(lines?.path ?? source, .questions)
            lines = nil
        } else {
            skip(source, .missingField(Self.textFields))
        }
        return nil
    }

    private static func document(name: String, part: Int = 0, title: String?, text: String, source: String) -> Document
    {
        let title = title?.trimmingCharacters(in: .whitespacesAndNewlines)
        return Document(
            name: name, part: part, title: title?.isEmpty == true ? nil : title,
            text: text.trimmingCharacters(in: .whitespacesAndNewlines), source: source)
    }
}
