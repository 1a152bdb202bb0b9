// A run in a folder of its own that goes when the test ends, and rows to put into it.

import Basics
import Foundation
import Store

/// A temporary folder, removed with the value.
final class TemporaryFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "instill-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

/// `count` documents, "doc0" and so on, each with words of its own.
func makeDocuments(_ count: Int) -> some Sequence<Document> {
    (0..<count).lazy.map { makeDocument("doc\($0)", text: "The tower number \($0) is \($0 + 10) metres high.") }
}

func makeDocument(_ name: String, part: Int = 0, title: String? = nil, text: String) -> Document {
    Document(name: name, part: part, title: title, text: text, source: "docs/\(name)")
}

/// `count` questions on a document.
func makeQuestions(_ count: Int, on document: Document, recipe: ContentKey) -> [Question] {
    (0..<count).map { index in
        Question(
            document: document.id, recipe: recipe, position: index, text: "Question \(index) on \(document.name)?",
            anchor: Question.Anchor(index: index, text: "A sentence."), call: "\(index).0")
    }
}

/// One answer a question, with tokens up to the ends of the range.
func makeAnswers(to questions: [Question], recipe: ContentKey) -> [Answer] {
    questions.map { question in
        Answer(
            question: question.id, recipe: recipe, tokens: [0, 1, -1, .max, .min], text: "Ten.", isFinished: true,
            seed: UInt64.max)
    }
}
