// Held-out questions out of JSONL, SQuAD's JSON and HotpotQA's, each led to the document of the run that answers it. Knows
// nothing of how they are asked or graded.

import Algorithms
import Foundation
import Store

/// Reads the questions that the proof is asked.
///
/// A line of JSONL has `question`; its golds in `answers`, `answer` or `golds` (text, a list of texts, or SQuAD's list of
/// objects); and, if it likes, `document` (a document's id, title, or file name) and `id`. A question whose document the
/// run does not have is skipped and told of: without it there is no oracle to compare with.
public struct HeldOutReader {
    /// The most bytes of one question's line.
    private static let maximumLineBytes = 10_000_000

    /// The questions, in the order of the file.
    public private(set) var questions: [HeldOutQuestion] = []
    /// What was found and not taken.
    public private(set) var skipped: [SkippedDocument] = []

    private let store: RunStore

    /// Reads the held-out questions in a `.jsonl` file, or a `.json` file of SQuAD or HotpotQA, on the documents that `store`
    /// has.
    public init(_ path: URL, store: RunStore) throws {
        self.store = store
        guard FileManager.default.fileExists(atPath: path.path) else { throw DocumentError.notFound(path.path) }
        if let (rows, broken) = HotpotQA.read(path) {
            skipped += broken
            try readHotpotQA(rows)
            return
        }
        switch (path.pathExtension.lowercased(), TextFile.size(of: path)) {
        case (_, .failure(let error)): skip(path.path, error.reason)
        case (_, .success(0)): skip(path.path, .empty)
        case ("jsonl", _), ("ndjson", _): try readLines(path)
        case ("json", _): try readSQuAD(path)
        case (let kind, _): skip(path.path, .unknownKind(kind))
        }
    }

    private mutating func skip(_ source: String, _ reason: SkippedDocument.Reason) {
        skipped.append(SkippedDocument(source, reason))
    }

    // MARK: - JSONL

    private mutating func readLines(_ path: URL) throws {
        var reader: LineReader
        do {
            reader = try LineReader(path, maximumBytes: Self.maximumLineBytes)
        } catch {
            return skip(path.path, .unreadable(TextFile.explain(error)))
        }
        while let line = reader.next() {
            let source = "\(path.path):\(reader.number)"
            switch line {
            case .unreadable(let reason): skip(source, .unreadable(reason))
            case .tooLong: skip(source, .tooLarge(bytes: nil, maximum: Self.maximumLineBytes))
            case .bytes(let bytes):
                if let fields = try? JSONDecoder().decode(JSONFields.self, from: bytes) {
                    try read(fields, place: "\(path.lastPathComponent):\(reader.number)", source: source)
                } else {
                    skip(source, .notJSON)
                }
            }
        }
    }

    private mutating func read(_ fields: JSONFields, place: String, source: String) throws {
        guard let question = Self.text(fields.string(["question"])) else {
            return skip(source, .missingField(["question"]))
        }
        let golds = fields.strings(["answers", "answer", "golds"]).compactMap(Self.text)
        guard !golds.isEmpty else { return skip(source, .noAnswer) }
        var document: Document?
        if let reference = Self.text(fields.string(["document"])) {
            let passages = try store.passages(of: reference)
            guard !passages.isEmpty else { return skip(source, .unknownDocument(reference)) }
            document = Self.likeliest(of: passages, question: question, golds: golds)
        }
        questions.append(
            HeldOutQuestion(
                name: fields.string(["id"]) ?? place, document: document?.id, question: question, golds: golds,
                source: source))
    }

    // MARK: - SQuAD

    private mutating func readSQuAD(_ path: URL) throws {
        switch TextFile.bytes(of: path, maximumBytes: DocumentReader.maximumJSONBytes) {
        case .failure(let error): skip(path.path, error.reason)
        case .success(let data):
            guard let file = try? JSONDecoder().decode(SQuAD.self, from: data) else {
                return skip(path.path, .unknownShape)
            }
            let paragraphs = file.data.flatMap(\.paragraphs)
            for (document, paragraph) in zip(DocumentReader.documents(in: file, source: path.path), paragraphs) {
                for (index, item) in (paragraph.qas ?? []).enumerated() {
                    try read(item, on: document, place: "\(document.source), question \(index + 1)")
                }
            }
        }
    }

    private mutating func read(_ item: SQuAD.Item, on document: Document, place: String) throws {
        guard let question = Self.text(item.question) else { return skip(place, .missingField(["question"])) }
        let golds = (item.answers ?? []).compactMap { Self.text($0.text) }
        guard !golds.isEmpty else { return skip(place, .noAnswer) }
        guard let passage = try passage(document, question: question, golds: golds) else {
            return skip(place, .unknownDocument(document.name))
        }
        questions.append(
            HeldOutQuestion(
                name: item.id ?? place, document: passage.id, question: question, golds: Array(golds.uniqued()),
                source: place))
    }

    /// The paragraph in the store, or where it was too long, that of its passages which answers.
    private func passage(_ paragraph: Document, question: String, golds: [String]) throws -> Document? {
        let passages = try passages(of: paragraph, named: paragraph.name)
        return Self.likeliest(of: passages, question: question, golds: golds)
    }

    /// The paragraph in the store, or where it was too long, its passages.
    private func passages(of paragraph: Document, named name: String) throws -> [Document] {
        let passages = try store.documents(named: name)
        if let same = passages.first(where: { $0.text == paragraph.text }) { return [same] }
        return passages.filter { paragraph.text.contains($0.text) }
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
            let passages = try passages(of: paragraph, named: names[paragraph.text] ?? paragraph.name)
            guard !passages.isEmpty else { return skip(row.source, .unknownDocument(paragraph.name)) }
            all += passages
            if row.supporting.contains(paragraph.name) { supporting += passages }
        }
        let document = Self.likeliest(of: supporting.isEmpty ? all : supporting, question: question, golds: [gold])
        questions.append(
            HeldOutQuestion(
                name: row.id ?? row.source, document: document?.id, context: all.map(\.id), question: question,
                golds: [gold], source: row.source))
    }

    // MARK: - Choosing

    /// Of several passages of one document, the one that shares the most words with the question and the golds; one that
    /// holds a gold answer goes before all that hold none.
    static func likeliest(of passages: [Document], question: String, golds: [String]) -> Document? {
        guard passages.count > 1 else { return passages.first }
        let holding = passages.filter { AnswerMatch.contains($0.text, anyOf: golds) }
        let candidates = holding.isEmpty ? passages : holding
        let wanted = words(question + " " + golds.joined(separator: " "))
        var best = (document: candidates.first, shared: -1)
        for candidate in candidates {
            let shared = words(candidate.text).intersection(wanted).count
            if shared > best.shared { best = (candidate, shared) }
        }
        return best.document
    }

    private static func words(_ text: String) -> Set<Substring> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber })
    }

    /// A text without white space around it; nil if nothing is left.
    private static func text(_ text: String?) -> String? {
        let trimmed = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return trimmed.isEmpty ? nil : trimmed
    }
}

extension RunStore {
    /// The passages of the document that a user's reference means: its name or title, or its file's name with or without
    /// the extension or the folders before it.
    func passages(of reference: String) throws -> [Document] {
        let file = reference.split(separator: "/").last.map(String.init) ?? reference
        for name in [reference, "\(reference).md", "\(reference).txt", "\(reference).markdown", file] {
            let passages = try documents(named: name)
            if !passages.isEmpty { return passages }
        }
        return []
    }
}
