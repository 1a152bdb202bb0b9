// SQuAD's paragraphs and their questions, versions 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), which many data sets share: in
// the authors' form, a file of articles with paragraphs with questions, and as rows, each a question with the paragraph it is
// about, as the libraries of data sets have it. Shape only.

import Foundation
import Store

enum SQuAD {
    /// Where a row has the paragraph.
    static let contextFields = ["context", "passage"]

    /// A paragraph with the questions on it.
    struct Paragraph {
        let document: Document
        let questions: [JSONFields]
    }

    /// The paragraphs of a file of articles, whose names are the documents' titles; nil for a file in another form.
    static func paragraphs(_ file: JSONFields, source: String) -> [Paragraph]? {
        guard let articles = file.objects("data") else { return nil }
        var found: [Paragraph] = []
        for (number, article) in articles.enumerated() {
            guard let paragraphs = article.objects("paragraphs") else { return nil }
            let title = article.string(["title"])
            let name = title ?? "article \(number + 1)"
            for (part, paragraph) in paragraphs.enumerated() {
                guard let text = paragraph.string(contextFields) else { return nil }
                let document = document(
                    text, name: name, part: part, title: title, source: "\(source): \(name), paragraph \(part + 1)")
                found.append(Paragraph(document: document, questions: paragraph.objects("qas") ?? []))
            }
        }
        return found
    }

    /// The paragraph that a row brings along, if it does.
    /// - Parameter name: what it is called where it has no title.
    static func paragraph(of row: JSONFields, name: String, source: String) -> Document? {
        let title = row.string(["title"])
        return row.string(contextFields).map { document($0, name: title ?? name, title: title, source: source) }
    }

    private static func document(_ text: String, name: String, part: Int = 0, title: String?, source: String)
        -> Document
    {
        DocumentReader.document(
            name: name, part: part, title: title?.replacing("_", with: " "), text: text, source: source)
    }

    /// Whether the answer to a row's question is not in its paragraph, as of a third of SQuAD 2.0.
    static func isUnanswerable(_ row: JSONFields) -> Bool {
        row.isTrue("is_impossible")
            || row.object("answers").map { $0.has("text") && $0.strings(["text"]).isEmpty } ?? false
    }
}

/// A question of a file, in whatever form the file has it.
struct AskedRow {
    let fields: JSONFields
    /// The paragraph that it is about, where the file has it too.
    let paragraph: Document?
    /// What the question is called where it has no id.
    let name: String
    /// Where it is, for messages.
    let source: String
}

/// The questions of a file of rows, or of SQuAD's articles.
struct AskedRows {
    private var rows: JSONRows?
    private var nested: ArraySlice<AskedRow> = []
    private let file: String

    /// Opens a file; throws where it cannot hold questions.
    init(_ url: URL) throws(SkipReason) {
        file = url.lastPathComponent
        let kind = url.pathExtension.lowercased()
        guard JSONRows.kinds.contains(kind) else { throw SkipReason(.unknownKind(kind)) }
        if kind == "json", let whole = try JSONRows.object(in: url),
            let paragraphs = SQuAD.paragraphs(whole, source: url.path)
        {
            nested =
                paragraphs.flatMap { paragraph in
                    paragraph.questions.enumerated().map { number, fields in
                        let place = "\(paragraph.document.source), question \(number + 1)"
                        return AskedRow(fields: fields, paragraph: paragraph.document, name: place, source: place)
                    }
                }[...]
        } else {
            rows = try JSONRows(url)
        }
    }

    /// The next question, or why there is none in its place.
    mutating func next() -> (source: String, content: Result<AskedRow, SkipReason>)? {
        if let asked = nested.popFirst() { return (asked.source, .success(asked)) }
        guard let row = rows?.next() else { return nil }
        let name = "\(file):\(row.number)"
        return (
            row.source,
            row.content.map {
                AskedRow(
                    fields: $0, paragraph: SQuAD.paragraph(of: $0, name: name, source: row.source), name: name,
                    source: row.source)
            }
        )
    }
}
