// Training questions out of and into JSONL, so that people can bring their own and edit the generated ones. One object a
// line: {"document": name, "question": text}, and "second_document" where the answer needs two. Knows rows, not models.

import Basics
import Foundation
import Store

/// Questions that a user wrote or edited.
public struct UserQuestions {
    private static let maximumLineBytes = 1_000_000

    private struct Asked: Hashable {
        let text: String
        let second: ContentKey?
    }

    /// The questions by the document that they are about, in the order of the file.
    private var byDocument: [ContentKey: [Asked]] = [:]
    /// Lines that were not taken.
    public private(set) var skipped: [SkippedDocument] = []

    /// Reads a JSONL file of questions on documents of the store.
    public init(_ path: URL, store: RunStore) throws {
        guard FileManager.default.fileExists(atPath: path.path) else { throw DocumentError.notFound(path.path) }
        var reader = try LineReader(path, maximumBytes: UserQuestions.maximumLineBytes)
        while let line = reader.next() {
            let source = "\(path.path):\(reader.number)"
            switch line {
            case .unreadable(let reason): skipped.append(SkippedDocument(source, .unreadable(reason)))
            case .tooLong:
                skipped.append(
                    SkippedDocument(source, .tooLarge(bytes: nil, maximum: UserQuestions.maximumLineBytes)))
            case .bytes(let bytes): try read(bytes, source, store)
            }
        }
    }

    private mutating func read(_ line: Data, _ source: String, _ store: RunStore) throws {
        guard let fields = try? JSONDecoder().decode(JSONFields.self, from: line) else {
            return skipped.append(SkippedDocument(source, .notJSON))
        }
        let text = fields.string(["question"])?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !text.isEmpty else { return skipped.append(SkippedDocument(source, .missingField(["question"]))) }
        guard let reference = fields.string(["document"]) else {
            return skipped.append(SkippedDocument(source, .missingField(["document"])))
        }
        func passage(_ reference: String) throws -> ContentKey? {
            let passages = try store.passages(of: reference)
            guard let found = HeldOutReader.likeliest(of: passages, question: text, golds: []) else {
                skipped.append(SkippedDocument(source, .unknownDocument(reference)))
                return nil
            }
            return found.id
        }
        guard let document = try passage(reference) else { return }
        var second: ContentKey?
        if let reference = fields.string(["second_document"]) {
            second = try passage(reference)
            guard second != nil else { return }
        }
        byDocument[document, default: []].append(Asked(text: text, second: second))
    }

    /// A document's questions as rows of a recipe, each once.
    public func rows(on document: ContentKey, recipe: ContentKey) -> [Question] {
        var seen: Set<Asked> = []
        let asked = (byDocument[document] ?? []).filter { seen.insert($0).inserted }
        return asked.enumerated().map { position, asked in
            Question(
                document: document, recipe: recipe, position: position, text: asked.text, origin: .user,
                secondDocument: asked.second)
        }
    }

    /// One line of the file.
    struct Line: Codable {
        let document: String
        let question: String
        let second_document: String?
    }

    /// Questions as JSONL, ready to be edited and read back.
    /// - Parameter name: what the document with a key is called.
    public static func lines(
        _ questions: [Question], on document: Document, name: (ContentKey) throws -> String?
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try questions.map { question in
            let second = try question.secondDocument.flatMap(name)
            let line = Line(document: document.name, question: question.text, second_document: second)
            return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
        }.joined()
    }
}
