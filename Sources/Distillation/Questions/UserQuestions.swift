// Training questions out of data files, and into JSONL, so that people can bring their own and edit the generated ones. One
// object a line: {"document": name, "question": text}, and "second_document" where the answer needs two; or any form in which
// held-out questions are read. Knows rows, not models.

import Basics
import Foundation
import Store

/// Questions that a user wrote or edited.
public struct UserQuestions {
    private struct Asked: Hashable {
        let text: String
        let second: ContentKey?
    }

    /// The questions by the document that they are about, in the order of the file.
    private var byDocument: [ContentKey: [Asked]] = [:]
    /// Lines that were not taken.
    public private(set) var skipped: [SkippedDocument] = []

    private var unanswerable = 0

    /// Reads a file of questions on documents of the store.
    public init(_ path: URL, store: RunStore) throws {
        guard FileManager.default.fileExists(atPath: path.path) else { throw DocumentError.notFound(path.path) }
        var finder = PassageFinder(store)
        do {
            var rows = try AskedRows(path)
            while let row = rows.next() {
                do {
                    try read(row.content.get(), &finder)
                } catch let error as SkipReason {
                    skipped.append(SkippedDocument(row.source, error.reason))
                }
            }
        } catch let error as SkipReason {
            skipped.append(SkippedDocument(path.path, error.reason))
        }
        if unanswerable > 0 { skipped.append(SkippedDocument(path.path, .unanswerable(unanswerable))) }
    }

    private mutating func read(_ row: AskedRow, _ finder: inout PassageFinder) throws {
        let text = row.fields.string(["question"])?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !text.isEmpty else { throw SkipReason(row.fields.reasonForNoText(in: ["question"])) }
        if SQuAD.isUnanswerable(row.fields) { return unanswerable += 1 }
        let reference = row.fields.string(["document"])
        guard let name = reference ?? row.paragraph?.name else {
            throw SkipReason(row.fields.reasonForNoText(in: ["document"]))
        }
        let passages =
            try reference.map { try finder.passages(of: $0) } ?? row.paragraph.map { try finder.passages(of: $0) } ?? []
        guard let document = PassageFinder.likeliest(of: passages, question: text, golds: []) else {
            throw SkipReason(.unknownDocument(name))
        }
        var second: Document?
        if let reference = row.fields.string(["second_document"]) {
            second = PassageFinder.likeliest(of: try finder.passages(of: reference), question: text, golds: [])
            guard second != nil else { throw SkipReason(.unknownDocument(reference)) }
        }
        byDocument[document.id, default: []].append(Asked(text: text, second: second?.id))
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
