// Training questions out of and into JSONL, so that people can bring their own and edit the generated ones. One object a
// line: {"document": name, "question": text}. Knows rows, not models.

import Foundation
import Store

/// Questions that a user wrote or edited.
public struct UserQuestions {
    private static let maximumLineBytes = 1_000_000

    /// The questions by the document that they are about, in the order of the file.
    public private(set) var byDocument: [ContentKey: [String]] = [:]
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
        guard let document = HeldOutReader.likeliest(of: try store.passages(of: reference), question: text, golds: [])
        else { return skipped.append(SkippedDocument(source, .unknownDocument(reference))) }
        byDocument[document.id, default: []].append(text)
    }

    /// A document's questions as rows of a recipe, each once.
    public func rows(on document: ContentKey, recipe: ContentKey) -> [Question] {
        var seen: Set<String> = []
        let texts = (byDocument[document] ?? []).filter { seen.insert($0).inserted }
        return texts.enumerated().map { position, text in
            Question(document: document, recipe: recipe, position: position, text: text, origin: .user)
        }
    }

    /// One line of the file.
    struct Line: Codable {
        let document: String
        let question: String
    }

    /// Questions as JSONL, ready to be edited and read back.
    public static func lines(_ questions: [Question], on document: Document) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try questions.map { question in
            let line = Line(document: document.name, question: question.text)
            return String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
        }.joined()
    }
}
