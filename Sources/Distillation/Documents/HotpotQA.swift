// HotpotQA's rows (Yang et al. 2018) in the distractor setting: a question, its answer, and ten paragraphs, of which two
// hold what the answer takes and eight distract. Every paragraph is a document to learn, as in the paper (section 4.7),
// whose training questions are on one paragraph each; the oracle of a question reads all ten.
//
// Two forms: the authors' own, {"_id", "context": [[title, [sentence, …]], …], "supporting_facts": [[title, index], …]},
// and that of data sets' libraries, {"id", "context": {"title": […], "sentences": [[…], …]}, "supporting_facts":
// {"title": […], …}}; as a JSON list or as JSONL.

import Algorithms
import Basics
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

    private static func paragraphs(_ fields: JSONFields) -> [Paragraph]? {
        if let pairs = fields.elements("context") {
            // [title, sentences]
            let paragraphs = pairs.compactMap { pair -> Paragraph? in
                guard case .array(let pair) = pair, pair.count == 2, let title = pair[0].asText,
                    let sentences = pair[1].asTexts
                else { return nil }
                return Paragraph(title: trimmed(title), text: text(sentences))
            }
            return paragraphs.count == pairs.count ? paragraphs : nil
        }
        guard let columns = fields.object("context"),
            let sentences = columns.elements("sentences")?.compactMap(\.asTexts)
        else { return nil }
        let titles = columns.strings(["title"])
        guard titles.count == sentences.count else { return nil }
        return zip(titles, sentences).map { Paragraph(title: trimmed($0), text: text($1)) }
    }

    private static func supporting(_ fields: JSONFields) -> Set<String> {
        let titles =
            fields.object("supporting_facts")?.strings(["title"])
            // [title, sentence's index]
            ?? fields.elements("supporting_facts")?.compactMap { fact -> String? in
                if case .array(let fact) = fact { fact.first?.asText } else { nil }
            } ?? []
        return Set(titles.map(trimmed))
    }

    /// Sentences as they come, most of them with the space that parts them from the one before.
    private static func text(_ sentences: [String]) -> String {
        let joined = sentences.reduce("") { text, sentence in
            let isApart = text.isEmpty || text.last?.isWhitespace == true || sentence.first?.isWhitespace != false
            return text + (isApart ? "" : " ") + sentence
        }
        return trimmed(joined)
    }

    private static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}
