// Held-out questions out of JSONL, tables, SQuAD's JSON and HotpotQA's, each led to the document of the run that answers it.
// Knows nothing of how they are asked or graded.

import Algorithms
import Foundation
import Store

/// Reads the questions that the proof is asked.
///
/// A row (of JSONL, a JSON list, CSV or TSV) has `question`; its golds in one of `goldFields` (text, a number, true or false,
/// a list of these, or SQuAD's, TriviaQA's or Natural Questions' objects); and, if it likes, `document` (a document's id,
/// title, or file name) or SQuAD's `context`, and `id`. A question whose document the run does not have is skipped and told
/// of: without it there is no oracle to compare with. Those that SQuAD 2.0 has without an answer are counted.
public struct HeldOutReader {
    static let goldFields = ["answers", "answer", "golds", "gold", "short_answers"]

    /// The questions, in the order of the file.
    public private(set) var questions: [HeldOutQuestion] = []
    /// What was found and not taken.
    public private(set) var skipped: [SkippedDocument] = []

    private var finder: PassageFinder
    private var unanswerable = 0

    /// Reads the held-out questions of a file on the documents that `store` has.
    public init(_ path: URL, store: RunStore) throws {
        finder = PassageFinder(store)
        guard FileManager.default.fileExists(atPath: path.path) else { throw DocumentError.notFound(path.path) }
        if let (rows, broken) = HotpotQA.read(path) {
            skipped += broken
            try readHotpotQA(rows)
        } else {
            try readRows(path)
        }
        if questions.isEmpty, skipped.isEmpty { skip(path.path, .empty) }
    }

    private mutating func skip(_ source: String, _ reason: SkippedDocument.Reason) {
        skipped.append(SkippedDocument(source, reason))
    }

    // MARK: - Rows

    private mutating func readRows(_ path: URL) throws {
        do {
            var rows = try AskedRows(path)
            while let row = rows.next() {
                do {
                    try read(row.content.get())
                } catch let error as SkipReason {
                    skip(row.source, error.reason)
                }
            }
        } catch let error as SkipReason {
            skip(path.path, error.reason)
        }
        if unanswerable > 0 { skip(path.path, .unanswerable(unanswerable)) }
    }

    private mutating func read(_ row: AskedRow) throws {
        guard let question = Self.text(row.fields.string(["question"])) else {
            throw SkipReason(row.fields.reasonForNoText(in: ["question"]))
        }
        if SQuAD.isUnanswerable(row.fields) { return unanswerable += 1 }
        var golds = try row.fields.golds(Self.goldFields).compactMap(Self.text)
        guard !golds.isEmpty else { throw SkipReason(.noAnswer) }
        // SQuAD has one answer several times, as several people gave it.
        if row.paragraph != nil { golds = Array(golds.uniqued()) }
        let passages = try passages(for: row)
        questions.append(
            HeldOutQuestion(
                name: row.fields.string(["id"]) ?? row.name,
                document: PassageFinder.likeliest(of: passages, question: question, golds: golds)?.id,
                question: question, golds: golds, source: row.source))
    }

    /// What a row says that it is about; none where it says nothing, or brings along a nameless paragraph that the run does
    /// not have.
    private mutating func passages(for row: AskedRow) throws -> [Document] {
        let reference = Self.text(row.fields.string(["document"]))
        guard let name = reference ?? row.paragraph?.title else {
            return try row.paragraph.map { try finder.passages(of: $0) } ?? []
        }
        let passages =
            try reference.map { try finder.passages(of: $0) } ?? row.paragraph.map { try finder.passages(of: $0) } ?? []
        guard !passages.isEmpty else { throw SkipReason(.unknownDocument(name)) }
        return passages
    }

    // MARK: - HotpotQA

    private mutating func readHotpotQA(_ rows: [HotpotQA]) throws {
        // A text that stands under two titles is a document under the first.
        let names = Dictionary(HotpotQA.documents(rows).map { ($0.text, $0.name) }) { first, _ in first }
        for row in rows { try read(row, names: names) }
    }

    private mutating func read(_ row: HotpotQA, names: [String: String]) throws {
        guard let question = Self.text(row.question) else { return skip(row.source, .missingField(["question"])) }
        guard let gold = Self.text(row.answer) else { return skip(row.source, .noAnswer) }
        var (all, supporting): ([Document], [Document]) = ([], [])
        for paragraph in row.paragraphs where !paragraph.text.isEmpty {
            let passages = try finder.passages(of: paragraph, named: names[paragraph.text] ?? paragraph.name)
            guard !passages.isEmpty else { return skip(row.source, .unknownDocument(paragraph.name)) }
            all += passages
            if row.supporting.contains(paragraph.name) { supporting += passages }
        }
        let document = PassageFinder.likeliest(
            of: supporting.isEmpty ? all : supporting, question: question, golds: [gold])
        questions.append(
            HeldOutQuestion(
                name: row.id ?? row.source, document: document?.id, context: all.map(\.id), question: question,
                golds: [gold], source: row.source))
    }

    /// A text without white space around it; nil if nothing is left.
    private static func text(_ text: String?) -> String? {
        let trimmed = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return trimmed.isEmpty ? nil : trimmed
    }
}
