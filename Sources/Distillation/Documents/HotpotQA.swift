// HotpotQA's rows (Yang et al. 2018) in the distractor setting: a question, its answer, and ten paragraphs, of which two
// hold what the answer takes and eight distract. Every paragraph is a document to learn, as in the paper (section 4.7),
// whose training questions are on one paragraph each; the oracle of a question reads all ten.
//
// Two forms: the authors' own, {"_id", "context": [[title, [sentence, …]], …], "supporting_facts": [[title, index], …]},
// and that of data sets' libraries, {"id", "context": {"title": […], "sentences": [[…], …]}, "supporting_facts":
// {"title": […], …}}; as a JSON list or as JSONL.

import Algorithms
import Foundation
import Store

/// A question of HotpotQA's and its paragraphs.
struct HotpotQA {
    /// A paragraph of a Wikipedia article; its name is the article's title, so that a paragraph of many questions is one.
    private struct Paragraph {
        let title: String
        let text: String
    }

    let id: String?
    let question: String?
    let answer: String?
    /// The paragraphs as documents, in order.
    let paragraphs: [Document]
    /// Titles of the paragraphs that the answer takes.
    let supporting: Set<String>
    /// Where the row is, for messages.
    let source: String

    /// Reads a row; nil for one without paragraphs.
    init?(_ fields: JSONFields, source: String) {
        guard let context = HotpotQA.paragraphs(fields), !context.isEmpty else { return nil }
        id = fields.string(["_id", "id"])
        question = fields.string(["question"])
        answer = fields.string(["answer"])
        paragraphs = context.enumerated().map { number, paragraph in
            Document(
                name: paragraph.title, title: paragraph.title, text: paragraph.text,
                source: "\(source), paragraph \(number + 1)")
        }
        supporting = HotpotQA.supporting(fields)
        self.source = source
    }

    /// A file without such a row among so many first ones holds something else.
    private static let rowsToTell = 10

    /// The rows of a file, and what is none; nil for a file in another format.
    static func read(_ url: URL) -> (rows: [HotpotQA], skipped: [SkippedDocument])? {
        guard ["json", "jsonl", "ndjson"].contains(url.pathExtension.lowercased()), var rows = try? JSONRows(url) else {
            return nil
        }
        var (questions, skipped): ([HotpotQA], [SkippedDocument]) = ([], [])
        while let row = rows.next() {
            switch row.content {
            case .failure(let error): skipped.append(SkippedDocument(row.source, error.reason))
            case .success(let fields):
                if let question = HotpotQA(fields, source: row.source) {
                    questions.append(question)
                } else {
                    skipped.append(SkippedDocument(row.source, .missingField(["context"])))
                }
            }
            if questions.isEmpty, skipped.count == rowsToTell { return nil }
        }
        return questions.isEmpty ? nil : (questions, skipped)
    }

    /// The paragraphs of all questions, each text once.
    static func documents(_ questions: [HotpotQA]) -> [Document] {
        Array(questions.flatMap(\.paragraphs).uniqued(on: \.text))
    }

    // MARK: - The two forms

    private struct Columns: Decodable {
        let title: [String]
        let sentences: [[String]]
    }

    private struct Titles: Decodable {
        let title: [String]
    }

    /// [title, sentences], a list of unlike things.
    private struct Pair: Decodable {
        let title: String
        let sentences: [String]

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            title = try list.decode(String.self)
            sentences = try list.decode([String].self)
        }
    }

    /// [title, sentence's index], of which the title is read.
    private struct Fact: Decodable {
        let title: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            title = try list.decode(String.self)
        }
    }

    private static func paragraphs(_ fields: JSONFields) -> [Paragraph]? {
        if let pairs = fields.value("context", as: [Pair].self) {
            return pairs.map { Paragraph(title: clean($0.title), text: text($0.sentences)) }
        }
        guard let columns = fields.value("context", as: Columns.self), columns.title.count == columns.sentences.count
        else { return nil }
        return zip(columns.title, columns.sentences).map { Paragraph(title: clean($0), text: text($1)) }
    }

    private static func supporting(_ fields: JSONFields) -> Set<String> {
        let titles =
            fields.value("supporting_facts", as: [Fact].self)?.map(\.title)
            ?? fields.value("supporting_facts", as: Titles.self)?.title ?? []
        return Set(titles.map(clean))
    }

    /// Sentences as they come, most of them with the space that parts them from the one before.
    private static func text(_ sentences: [String]) -> String {
        let joined = sentences.reduce("") { text, sentence in
            let isApart = text.isEmpty || text.last?.isWhitespace == true || sentence.first?.isWhitespace != false
            return text + (isApart ? "" : " ") + sentence
        }
        return clean(joined)
    }

    private static func clean(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}
