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

    /// macOS writes accents in file names apart from their letters.
    @Test func documentsAreNamedAsTheyRead() throws {
        let apart = Document(name: "Ta\u{301}rn.txt", title: nil, text: "1 m.", source: "a")
        let titled = Document(name: "b.md", title: "The\u{A0}Mole", text: "2 m.", source: "b")
        _ = try store.replaceDocuments([apart, titled])
        let reader = try read(
            "q.jsonl",
            """
            {"question": "1?", "answer": "x", "document": "T\u{E1}rn"}
            {"question": "2?", "answer": "x", "document": "The Mole"}
            """)
        #expect(reader.questions.map(\.document) == [apart.id, titled.id])
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
        #expect(skipped(try read("a.txt", "x")) == ["a.txt: .txt is not read; rename it to .txt or .md if it is text"])
        #expect(skipped(try read("a.csv", "x")) == ["a.csv: is empty"])
        #expect(skipped(try read("a.jsonl", "")) == ["a.jsonl: is empty"])
        #expect(try read("a.json", "[]").skipped.map(\.reason) == [.empty])
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
        #expect(skipped(reader) == ["s.json: 1 of its questions, which the data mark as having no answer"])
    }

    @Test func goldsOfEveryTypeAreRead() throws {
        let reader = try read(
            "q.jsonl",
            """
            {"question": "1?", "answer": 3.5}
            {"question": "2?", "answers": [2, "two"]}
            {"question": "3?", "answer": true}
            {"question": "4?", "answer": {"value": "the Brask", "aliases": ["Brask", "River Brask"], "type": "x"}}
            {"question": "5?", "answers": [{"text": "x"}, {"text": "y"}]}
            {"question": "6?", "short_answers": [{"text": ["x"], "start_token": [3]}], "answer": null}
            {"question": "7?", "answers": {"text": ["x", "y"], "answer_start": [1, 2]}}
            {"question": "8?", "answers": {"spans": ["x", "y"]}}
            """)
        let wanted = [
            ["3.5"], ["2", "two"], ["true", "yes"], ["the Brask", "Brask", "River Brask"], ["x", "y"], ["x"],
            ["x", "y"],
            ["x", "y"],
        ]
        #expect(reader.questions.map(\.golds) == wanted)
        #expect(reader.skipped == [])
    }

    @Test func goldsOfNoKnownTypeAreNamedByTheirType() throws {
        let reader = try read(
            "q.jsonl",
            """
            {"question": "1?", "answer": {"start": 3, "end": 5}}
            {"question": ["2?"], "answer": "x"}
            {"question": "3?", "answers": [{"url": "x"}]}
            {"question": "4?", "answer": null}
            """)
        #expect(reader.questions == [])
        #expect(
            skipped(reader) == [
                "q.jsonl:1: has an object of end, start in answer, which is to hold text",
                "q.jsonl:2: has a list in question, which is to hold text",
                "q.jsonl:3: has a list with more than texts in it in answers, which is to hold text",
                "q.jsonl:4: has no answer",
            ])
    }

    @Test func unanswerableRowsAreCounted() throws {
        let reader = try read(
            "q.jsonl",
            """
            {"question": "1?", "answers": {"text": [], "answer_start": []}}
            {"question": "2?", "answers": {"text": ["x"], "answer_start": [1]}}
            {"question": "3?", "answers": [], "is_impossible": true}
            """)
        #expect(reader.questions.map(\.question) == ["2?"])
        #expect(skipped(reader) == ["q.jsonl: 2 of its questions, which the data mark as having no answer"])
    }

    @Test(arguments: ["q.jsonl", "q.csv"])
    func rowsFindTheDocumentOfTheirContext(name: String) throws {
        let mole = Document(name: "Old_Mole", title: "Old Mole", text: "It is of stone.", source: "rows")
        let light = Document(name: "rows.jsonl:4", title: nil, text: "A light\nshines.", source: "rows")
        let tower = Document(
            name: "tower.md", title: "The Tower", text: "# The Tower\n\nIt is old and high.", source: "f")
        _ = try store.replaceDocuments([mole, light, tower])
        let reader = try read(
            name,
            name == "q.csv"
                ? """
                title,context,question,answers
                Old_Mole,It is of stone.,1?,"{'text': array(['stone', ""mole's""], dtype=object), 'answer_start': array([9])}"
                ,"A light\r\nshines.",2?,"['light', 'a ""light""']"
                The_Tower,It is old,3?,[old]
                ,Not there.,4?,x
                Unknown,Not there.,5?,x
                """
                : #"""
                {"title": "Old_Mole", "context": "It is of stone.", "question": "1?", "answers": {"text": ["stone", "mole's"]}}
                {"context": "A light\r\nshines.", "question": "2?", "answers": {"text": ["light", "a \"light\""]}}
                {"title": "The_Tower", "context": "It is old", "question": "3?", "answers": {"text": ["old"]}}
                {"context": "Not there.", "question": "4?", "answer": "x"}
                {"title": "Unknown", "context": "Not there.", "question": "5?", "answer": "x"}
                """#)
        #expect(reader.questions.map(\.document) == [mole.id, light.id, tower.id, nil])
        #expect(reader.questions.map(\.golds) == [["stone", "mole's"], ["light", "a \"light\""], ["old"], ["x"]])
        #expect(reader.skipped.map(\.reason) == [.unknownDocument("Unknown")])
    }

    @Test func trainingQuestionsAreReadInTheSameForms() throws {
        let mole = Document(name: "Old_Mole", title: "Old Mole", text: "It is of stone.", source: "rows")
        _ = try store.replaceDocuments([mole])
        for (name, text) in [
            ("t.jsonl", #"{"title": "Old_Mole", "context": "It is of stone.", "question": "Of what is it?\r\n"}"#),
            ("t.csv", "document;question\r\nOld Mole;Of what is it?\r\n"),
            (
                "t.json",
                #"{"data": [{"title": "Old_Mole", "paragraphs": [{"context": "It is of stone.", "qas": [{"question": "Of what is it?"}]}]}]}"#
            ),
        ] {
            try folder.write(name, text)
            let read = try UserQuestions(folder.url.appending(path: name), store: store)
            #expect(
                read.rows(on: mole.id, recipe: mole.id).map(\.text) == ["Of what is it?"], "\(name): \(read.skipped)")
        }
    }

    @Test func trainingLeavesUnanswerableQuestionsOut() throws {
        let mole = Document(name: "mole.md", title: "Mole", text: "It is of stone.", source: "mole.md")
        _ = try store.replaceDocuments([mole])
        let path = folder.url.appending(path: "t.jsonl")
        try folder.write(
            "t.jsonl",
            """
            {"document": "Mole", "question": "Who painted it?", "is_impossible": true}
            {"document": "Mole", "question": "Of what is it?", "answers": {"text": ["stone"]}}
            """)
        let read = try UserQuestions(path, store: store)
        #expect(read.rows(on: mole.id, recipe: mole.id).map(\.text) == ["Of what is it?"])
        #expect(read.skipped == [SkippedDocument(path.path, .unanswerable(1))])
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
