// Held-out questions find their documents, and those that cannot be asked are told of.

import Foundation
import Store
import Testing

@testable import Distillation

@Suite struct DocumentsHeldOutTests {
    let folder: DocumentsFolder
    let store: RunStore

    init() throws {
        folder = try DocumentsFolder()
        store = try RunStore(directory: folder.url.appending(path: "run"))
    }

    private func read(_ name: String, _ text: String) throws -> HeldOutReader {
        try folder.write(name, text)
        return try HeldOutReader(folder.url.appending(path: name), store: store)
    }

    private func skipped(_ reader: HeldOutReader) -> [String] {
        reader.skipped.map { $0.description.replacing(folder.url.path + "/", with: "") }
    }

    @Test func linesOfEveryShapeAreRead() throws {
        let tower = Document(name: "sights/tower.md", title: "The Tower", text: "10 m.", source: "tower.md")
        let light = Document(name: "light.txt", title: nil, text: "41 m.", source: "light.txt")
        _ = try store.replaceDocuments([tower, light])
        let reader = try read(
            "q.jsonl",
            """
            {"id": "a", "question": "1?", "answers": ["x", " ", "y"], "document": "sights/tower.md"}
            {"id": 2, "question": " 2? ", "answer": "x", "document": "The Tower"}
            {"question": "3?", "golds": [{"text": "x"}], "document": "light"}

            {"question": "5?", "answers": "x", "document": "docs/light.txt"}
            {"question": "6?", "answer": 6}
            """)
        #expect(reader.questions.map(\.name) == ["a", "2", "q.jsonl:3", "q.jsonl:5", "q.jsonl:6"])
        #expect(reader.questions.map(\.question) == ["1?", "2?", "3?", "5?", "6?"])
        #expect(reader.questions.map(\.golds) == [["x", "y"], ["x"], ["x"], ["x"], ["6"]])
        #expect(reader.questions.map(\.document) == [tower.id, tower.id, light.id, light.id, nil])
        #expect(reader.skipped == [])
        try store.replaceHeldOutQuestions(reader.questions)
        #expect(try store.heldOutCount() == 5)
    }

    @Test func whatCannotBeAskedIsNamed() throws {
        let reader = try read(
            "q.jsonl",
            """
            {"question": "1?", "answers": []}
            {"question": "2?"}
            {"answers": ["x"]}
            {"question": "4?", "answers": ["x"], "document": "none"}
            not JSON
            """)
        #expect(reader.questions == [])
        #expect(
            skipped(reader) == [
                "q.jsonl:1: has no answer", "q.jsonl:2: has no answer", "q.jsonl:3: has no text in question",
                "q.jsonl:4: is on \"none\", which is not among the documents", "q.jsonl:5: is not JSON",
            ])
    }

    @Test func filesThatHoldNoQuestionsAreNamed() throws {
        #expect(skipped(try read("a.csv", "x")) == ["a.csv: turn it into JSONL with a text field first"])
        #expect(skipped(try read("a.jsonl", "")) == ["a.jsonl: is empty"])
        #expect(try read("a.json", "[]").skipped.map(\.reason) == [.unknownShape])
        let path = folder.url.appending(path: "none")
        #expect(throws: DocumentError.notFound(path.path)) { try HeldOutReader(path, store: store) }
    }

    @Test func squadsQuestionsFindTheirParagraphs() throws {
        try folder.write("s.json", squad)
        let documents = Array(try DocumentReader(folder.url.appending(path: "s.json")))
        _ = try store.replaceDocuments(documents)
        let reader = try read("s.json", squad)
        #expect(reader.questions.map(\.name) == ["q1", "q3"])
        #expect(reader.questions.map(\.golds) == [["10 m"], ["green"]])
        #expect(reader.questions.map(\.document) == [documents[0].id, documents[1].id])
        #expect(skipped(reader) == ["s.json: The_Tower, paragraph 1, question 2: has no answer"])
    }

    @Test func aQuestionOnALongDocumentFindsItsPassage() throws {
        let texts = [
            "The east pier is of oak.", "The west pier is 400 m long.", "The north pier has a crane from Oslo.",
        ]
        let parts = texts.enumerated().map { part, text in
            Document(name: "manual.md", part: part, title: "Manual", text: text, source: "manual.md")
        }
        _ = try store.replaceDocuments(parts)
        let reader = try read(
            "q.jsonl",
            """
            {"question": "How long is the west pier?", "answers": ["400 M"], "document": "Manual"}
            {"question": "Where does the crane on the north pier come from?", "answers": ["Norway"], "document": "manual"}
            """)
        #expect(reader.questions.map(\.document) == [parts[1].id, parts[2].id])
    }
}
