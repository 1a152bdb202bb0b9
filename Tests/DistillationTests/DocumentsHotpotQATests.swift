// HotpotQA's two forms give the same documents and questions; a question's oracle reads all its paragraphs.

import Foundation
import Store
import TestSupport
import Testing

@testable import Distillation

@Suite struct DocumentsHotpotQATests {
    let folder: DocumentsFolder
    let store: RunStore

    init() throws {
        folder = try DocumentsFolder()
        store = try RunStore(directory: folder.url.appending(path: "run"))
    }

    private let original = """
        [{"_id": "q1", "question": "Who made the taller tower?", "answer": "Ada Wren", "type": "bridge", "level": "hard",
          "supporting_facts": [["Tall Tower", 0], ["Wren", 1]],
          "context": [["Low Tower", ["It is 10 m high.", " Tom Ash made it."]], ["Tall Tower", ["It is 40 m high."]],
                      ["Wren", ["Ada Wren was born in Orrin.", " Ada Wren made the Tall Tower."]]]},
         {"_id": "q2", "question": "Is the river long?", "answer": "yes", "supporting_facts": [["Brask", 0]],
          "context": [["Brask", ["The Brask is ninety miles long."]], ["Tall Tower", ["It is 40 m high."]]]}]
        """
    private let columns = """
        [{"id": "q1", "question": "Who made the taller tower?", "answer": "Ada Wren",
          "supporting_facts": {"title": ["Tall Tower", "Wren"], "sent_id": [0, 1]},
          "context": {"title": ["Low Tower", "Tall Tower", "Wren"],
                      "sentences": [["It is 10 m high.", "Tom Ash made it."], ["It is 40 m high."],
                                    ["Ada Wren was born in Orrin.", "Ada Wren made the Tall Tower."]]}},
         {"id": "q2", "question": "Is the river long?", "answer": "yes", "supporting_facts": {"title": ["Brask"], "sent_id": [0]},
          "context": {"title": ["Brask", "Tall Tower"],
                      "sentences": [["The Brask is ninety miles long."], ["It is 40 m high."]]}}]
        """

    private func lines(_ list: String) throws -> String {
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [Any])
        return try rows.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
            .joined(separator: "\n")
    }

    @Test(arguments: ["original.json", "columns.json", "original.jsonl", "columns.jsonl"])
    func everyFormGivesParagraphsAndQuestions(_ name: String) throws {
        let list = name.hasPrefix("original") ? original : columns
        try folder.write(name, name.hasSuffix("l") ? try lines(list) : list)
        let path = folder.url.appending(path: name)
        let reader = try DocumentReader(path)
        let documents = Array(reader)
        #expect(reader.skipped == [])
        #expect(documents.map(\.name) == ["Low Tower", "Tall Tower", "Wren", "Brask"])
        #expect(documents.map(\.title) == documents.map(\.name))
        #expect(documents.first?.text == "It is 10 m high. Tom Ash made it.")

        _ = try store.replaceDocuments(documents)
        let heldOut = try HeldOutReader(path, store: store)
        #expect(heldOut.skipped == [])
        #expect(heldOut.questions.map(\.name) == ["q1", "q2"])
        #expect(heldOut.questions.map(\.golds) == [["Ada Wren"], ["yes"]])
        // All paragraphs in the file's order; the document is the one of the supporting that holds the answer.
        let ids = documents.map(\.id)
        #expect(heldOut.questions.map(\.context) == [[ids[0], ids[1], ids[2]], [ids[3], ids[1]]])
        #expect(heldOut.questions.map(\.document) == [ids[2], ids[3]])
        try store.replaceHeldOutQuestions(heldOut.questions)
        var kept: [HeldOutQuestion] = []
        try store.heldOutQuestions().forEach { kept.append($0) }
        #expect(kept == heldOut.questions)
    }

    @Test func aLongParagraphIsReadAsItsPassages() throws {
        try folder.write("h.json", original)
        let path = folder.url.appending(path: "h.json")
        let passages = try DocumentReader(path).flatMap { document in
            Passages.split(document, maximumTokens: 6) { $0.split(separator: " ").count }
        }
        _ = try store.replaceDocuments(passages)
        let question = try #require(try HeldOutReader(path, store: store).questions.first)
        let texts = try question.context.map { try #require(try store.document($0)).text }
        #expect(texts.joined(separator: " ").contains("It is 10 m high. Tom Ash made it. It is 40 m high."))
        #expect(texts.count > 3)
    }

    @Test func brokenRowsAreNamedAndTheRestIsRead() throws {
        let broken = """
            [{"question": "No paragraphs?", "answer": "x"}, 7,
             {"answer": "x", "context": [["A", ["One."]]]},
             {"question": "No answer?", "context": [["B", ["Two."]]]},
             {"question": "Uneven?", "answer": "x", "context": {"title": ["C"], "sentences": []}},
             {"question": "Whole?", "answer": "x", "context": [["D", ["Four."]]]}]
            """
        try folder.write("h.json", broken)
        let path = folder.url.appending(path: "h.json")
        let reader = try DocumentReader(path)
        _ = try store.replaceDocuments(reader)
        let heldOut = try HeldOutReader(path, store: store)
        #expect(heldOut.questions.map(\.question) == ["Whole?"])
        func told(_ skipped: [SkippedDocument]) -> [String] {
            skipped.map { $0.description.replacing(path.path, with: "h.json") }
        }
        let common = [
            "h.json, row 1: has no text in context", "h.json, row 2: has none of the known forms",
            "h.json, row 5: has no text in context",
        ]
        #expect(told(reader.skipped) == common)
        #expect(
            told(heldOut.skipped) == common + [
                "h.json, row 3: has no text in question", "h.json, row 4: has no answer",
            ])
    }

    @Test func aQuestionOnOtherDocumentsIsNotAsked() throws {
        try folder.write("h.json", original)
        _ = try store.replaceDocuments([Document(name: "x", title: nil, text: "Text.", source: "x")])
        let heldOut = try HeldOutReader(folder.url.appending(path: "h.json"), store: store)
        #expect(heldOut.questions == [])
        #expect(heldOut.skipped.map(\.reason) == [.unknownDocument("Low Tower"), .unknownDocument("Brask")])
    }

    @Test(.enabled(if: DataSets.file("hotpotqa/distractor-100.json") != nil, "\(DataSets.absence)"))
    func theRealOneIsReadWhole() throws {
        let path = try #require(DataSets.file("hotpotqa/distractor-100.json"))
        let reader = try DocumentReader(path)
        _ = try store.replaceDocuments(reader)
        #expect(reader.skipped == [])
        #expect(try store.documentCount() == 990)
        let heldOut = try HeldOutReader(path, store: store)
        #expect(heldOut.skipped == [])
        #expect(heldOut.questions.count == 100)
        #expect(heldOut.questions.count { $0.context.count == 10 } == 99)
        #expect(heldOut.questions.allSatisfy { $0.document.map($0.context.contains) == true })
    }
}
