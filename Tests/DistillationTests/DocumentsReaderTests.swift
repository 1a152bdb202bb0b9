// Every kind of document is read, and whatever is not taken is told of, once, with the reason.

import Foundation
import Store
import Testing

@testable import Distillation

/// A folder of files, removed with the value.
final class DocumentsFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "instill-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ text: String) throws {
        try write(name, Data(text.utf8))
    }

    func write(_ name: String, _ data: Data) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: url.appending(path: name).path, withDestinationPath: url.appending(path: target).path)
    }

    /// What is read from the folder, and what is skipped by file name.
    func read(maximumBytes: Int = 1_000) throws -> (documents: [Document], skipped: [String: SkippedDocument.Reason]) {
        let reader = try DocumentReader(url, maximumBytes: maximumBytes)
        let documents = Array(reader)
        let skipped = reader.skipped.map { ($0.source.replacing(url.path + "/", with: ""), $0.reason) }
        #expect(Set(skipped.map(\.0)).count == skipped.count, "something is reported twice: \(skipped)")
        return (documents, Dictionary(skipped) { first, _ in first })
    }
}

@Suite struct DocumentsReaderTests {
    let folder: DocumentsFolder

    init() throws { folder = try DocumentsFolder() }

    @Test func aFolderIsReadInOrderOfNames() throws {
        try folder.write("b.txt", "  Bee.\r\nTwo lines.\r")
        try folder.write("a/deep/the_old_tower.MD", "---\ntitle: Front\n---\n\nNo heading.")
        try folder.write("c.markdown", "Intro.\n\n```\n# not this\n```\n## The Light ##\n\nText.")
        try folder.write(".hidden.txt", "Hidden.")
        try folder.write(".git/config.txt", "Hidden too.")
        let (documents, skipped) = try folder.read()
        #expect(skipped == [:])
        #expect(documents.map(\.name) == ["a/deep/the_old_tower.MD", "b.txt", "c.markdown"])
        #expect(documents.map(\.title) == ["Front", "b", "The Light"])
        #expect(documents.map(\.text).prefix(2) == ["No heading.", "Bee.\nTwo lines."])
        #expect(documents[1].source == folder.url.appending(path: "b.txt").path)
    }

    @Test func oneFileIsReadByItself() throws {
        try folder.write("a_b.txt", "Text.")
        let documents = Array(try DocumentReader(folder.url.appending(path: "a_b.txt")))
        #expect(documents.map(\.name) == ["a_b.txt"])
        #expect(documents.map(\.title) == ["a b"])
    }

    @Test func nothingAtAPathIsAnError() {
        let path = folder.url.appending(path: "none")
        #expect(throws: DocumentError.notFound(path.path)) { try DocumentReader(path) }
        #expect(DocumentError.notFound("x").description == "There is no file or folder x. Check the path.")
    }

    @Test(arguments: [
        ("# Title\nText", "Title"), ("Text\n\n### C# ###\n", "C#"), ("Title\n=====\nText", "Title"),
        ("#no heading\n\ntext", nil), ("# \n## Second", "Second"), ("---\na: b", nil),
        ("---\ntitle: 'Q'\n...\nText", "Q"),
        ("---\ntitle: Front\n---\n# Heading", "Heading"),
        ("- ```\n  # code\n  ```\n\n# The *old* [mole](x.md)", "The old mole"),
        ("<!--\n# no\n-->\n\n# Yes", "Yes"), ("    # code\n\nText\n\nTwo\nlines\n---\n\n## Two", "Two"),
        ("~~~\n# code\n~~~\n# Real", "Real"), ("", nil),
    ])
    func titlesOfMarkdown(text: String, title: String?) {
        #expect(Markdown.parse(text).title == title)
    }

    @Test(arguments: [
        "---\ntitle: x\n---\n", "---\ntags:\n- a\n  - b\n# note\n\ntitle: \"x\"\n... \n", "--- \ntitle: >\n  x\n---\n",
        "---\n\"quoted key\": 1\nTitle: x\nlist: [a,\n  b]\n---\n", "---\ntitle: 'x'\nlink: a: b: c\n---\n",
        "+++\ntitle = \"x\"\n[params]\nweight = 3\n+++\n",
    ])
    func frontMatterIsTakenOff(matter: String) {
        let (title, text) = Markdown.parse(matter + "Text\n\n---\n\nmore")
        #expect(title == "x")
        #expect(text == "Text\n\n---\n\nmore")
    }

    @Test(arguments: [
        "---\nText without an end", "Text\n---\nMore\n---\n", "---\n\ntitle: x\n\n---\nText",
        "---\nThe mole was built.\n---\nMore",
        "---\nThe mole had one aim: shelter.\n---\nMore", "---\nNote: it is closed.\nNobody knows why.\n---\nMore",
        "---\n---\nText", "----\na: b\n----\n", "+++\na: b\n+++\n", "---\nhttps://example.org\n---\n",
        " ---\na: b\n---\n",
        "---\n# Mole\n---\nText",
    ])
    func aRuleAtTheBeginningIsARule(text: String) {
        #expect(Markdown.parse(text).text == text)
    }

    @Test func encodingsAreReadOrNamed() throws {
        let text = "Ünïcödé 漢字 👩‍👩‍👧"
        try folder.write("1.txt", Data([0xEF, 0xBB, 0xBF]) + Data("1\(text)".utf8))
        try folder.write(
            "2.txt", try #require("2\(text)".data(using: .utf16LittleEndian).map { Data([0xFF, 0xFE]) + $0 }))
        try folder.write(
            "3.txt", try #require("3\(text)".data(using: .utf16BigEndian).map { Data([0xFE, 0xFF]) + $0 }))
        try folder.write("latin.txt", try #require("Caf\u{E9} au lait".data(using: .isoLatin1)))
        try folder.write("odd.txt", Data([0xFF, 0xFE, 0x41]))
        try folder.write("image.txt", Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]))
        try folder.write("zero.txt", "Text\u{0}more")
        let rows = "{\"text\": \"4\(text)\"}\r\n{\"text\": \"5\"}\r\n"
        for (name, encoding, mark) in [
            ("4.jsonl", String.Encoding.utf16LittleEndian, [0xFF, 0xFE] as [UInt8]),
            ("5.jsonl", .utf16BigEndian, [0xFE, 0xFF]),
        ] {
            let data = try #require(rows.replacing("5", with: name).data(using: encoding))
            try folder.write(name, Data(mark) + data)
        }
        let (documents, skipped) = try folder.read()
        #expect(documents.map(\.text) == ["1\(text)", "2\(text)", "3\(text)", "4\(text)", "4.jsonl", "5.jsonl"])
        #expect(
            skipped == [
                "latin.txt": .notUTF8, "odd.txt": .notUTF8, "image.txt": .binary, "zero.txt": .binary,
                "5.jsonl:1": .duplicate(of: documents[3].source),
            ])
    }

    @Test func whatCannotBeTakenIsNamed() throws {
        try folder.write("empty.txt", "")
        try folder.write("blank.md", "---\ntitle: x\n---\n \n\t")
        try folder.write("long.txt", String(repeating: "x", count: 1_001))
        try folder.write("fits.txt", String(repeating: "x", count: 1_000))
        try folder.write("paper.pdf", "%PDF")
        try folder.write("README", "Text.")
        try folder.write("other.json", "{\"a\": 1}")
        try folder.write("broken.json", "{\"data\": [")
        try folder.write("nothing.json", "{\"data\": []}")
        try folder.write("none.jsonl", "")
        try folder.write("z copy.txt", String(repeating: "x", count: 1_000))
        let (documents, skipped) = try folder.read()
        #expect(documents.map(\.name) == ["fits.txt"])
        #expect(
            skipped == [
                "empty.txt": .empty, "blank.md": .empty, "long.txt": .tooLarge(bytes: 1_001, maximum: 1_000),
                "paper.pdf": .unknownKind("pdf"), "README": .unknownKind(""), "other.json": .unknownShape,
                "broken.json": .notJSON, "nothing.json": .empty, "none.jsonl": .empty,
                "z copy.txt": .duplicate(of: folder.url.appending(path: "fits.txt").path),
            ])
    }

    @Test func linksPipesAndClosedFilesAreNamed() throws {
        try folder.write("a/one.txt", "One.")
        try folder.link("a/loop", to: "a")
        try folder.link("b", to: "a/one.txt")
        try folder.link("dangling.txt", to: "nowhere.txt")
        try folder.link("linked.txt", to: "a/one.txt")
        #expect(mkfifo(folder.url.appending(path: "pipe.txt").path, 0o600) == 0)
        #expect(mkfifo(folder.url.appending(path: "pipe.jsonl").path, 0o600) == 0)
        var expected: [String: SkippedDocument.Reason] = [
            "a/loop": .linkLoop, "b": .unknownKind(""), "dangling.txt": .unreadable("No such file or directory"),
            "linked.txt": .duplicate(of: folder.url.appending(path: "a/one.txt").path), "pipe.txt": .notAFile,
            "pipe.jsonl": .notAFile,
        ]
        try folder.write("closed.txt", "Closed.")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0], ofItemAtPath: folder.url.appending(path: "closed.txt").path)
        // Root reads everything.
        if getuid() != 0 { expected["closed.txt"] = .unreadable("Permission denied") }
        let (documents, skipped) = try folder.read()
        #expect(documents.first?.name == "a/one.txt")
        #expect(skipped == expected)
    }

    @Test func linesAreDocumentsAndBrokenOnesAreNumbered() throws {
        let lines = [
            #"{"id": 7, "title": "T", "text": "One."}"#, #"{"content": "Two.", "name": "N"}"#, "",
            #"{"body": "Three."}"#,
            #"{"text": "#, #"{"words": "x"}"#, #"{"text": ["x"]}"#, #"{"text": " "}"#, #"["text"]"#,
            #"{"text": "One."}"#,
            #"{"text": "\#(String(repeating: "y", count: 2_000))"}"#, #"{"text": "\u0000"}"#, #"{"text": "Last."}"#,
        ]
        try folder.write("d.jsonl", Data([0xEF, 0xBB, 0xBF]) + Data(lines.joined(separator: "\r\n").utf8))
        let (documents, skipped) = try folder.read()
        #expect(documents.map(\.text) == ["One.", "Two.", "Three.", "Last."])
        #expect(documents.map(\.name) == ["7", "d.jsonl:2", "d.jsonl:4", "d.jsonl:13"])
        #expect(documents.map(\.title) == ["T", "N", nil, nil])
        let fields = SkippedDocument.Reason.missingField(["text", "content", "body", "context", "passage"])
        #expect(
            skipped == [
                "d.jsonl:5": .notJSON, "d.jsonl:6": fields, "d.jsonl:7": .wrongType(field: "text", "a list"),
                "d.jsonl:8": .empty,
                "d.jsonl:9": .notJSON, "d.jsonl:10": .duplicate(of: documents[0].source),
                "d.jsonl:11": .tooLarge(bytes: nil, maximum: 1_000), "d.jsonl:12": .empty,
            ])
        #expect(documents[3].source.hasSuffix("/d.jsonl:13"))
    }

    @Test func aFileOfQuestionsAmongDocumentsIsSkippedOnce() throws {
        let line = #"{"question": "How high?", "answers": ["10 m"]}"# + "\n"
        try folder.write("questions.jsonl", String(repeating: line, count: 50))
        let (documents, skipped) = try folder.read()
        #expect(documents == [])
        #expect(skipped == ["questions.jsonl": .questions])
    }

    @Test func linesAreReadWholeAcrossBuffers() throws {
        let texts = (0..<2_000).map { "Document \($0) " + String(repeating: "é", count: $0 % 300) }
        try folder.write("d.jsonl", texts.map { "{\"text\": \"\($0)\"}" }.joined(separator: "\n"))
        let (documents, skipped) = try folder.read()
        #expect(documents.map(\.text) == texts.map { $0.trimmingCharacters(in: .whitespaces) })
        #expect(skipped == [:])
    }

    @Test func squadsParagraphsAreDocuments() throws {
        try folder.write("s.json", squad)
        let (documents, skipped) = try folder.read()
        #expect(documents.map(\.text) == ["The tower is 10 m high.", "It is green.", "A light shines."])
        #expect(documents.map(\.name) == ["The_Tower", "The_Tower", "article 2"])
        #expect(documents.map(\.part) == [0, 1, 0])
        #expect(documents.map(\.title) == ["The Tower", "The Tower", nil])
        #expect(skipped == [:])
    }

    @Test(arguments: ["\r\n", "\r", "\u{2028}", "\u{85}"])
    func lineEndsAreTheSameInEveryFormat(end: String) throws {
        func text(_ end: String) -> String {
            [
                "\u{FEFF}# The Mole", "", "It shel\u{AD}ters the", "har\u{200B}bour. It is old.", "- ``` ",
                "  no. Code.", "  ```",
            ]
            .joined(separator: end)
        }
        func json(_ value: Any) throws -> Data { try JSONSerialization.data(withJSONObject: value) }
        let wanted = "# The Mole\n\nIt shelters the\nharbour. It is old.\n- ``` \n  no. Code.\n  ```"
        try folder.write("a.md", text(end))
        try folder.write("b.jsonl", json(["text": text(end)]))
        try folder.write("c.json", json(["data": [["paragraphs": [["context": text(end)]]]]]))
        try folder.write("d.jsonl", json(["context": text(end), "question": "What?"]))
        try folder.write("e.json", json([["context": [["Mole", [text(end)]]], "question": "What?", "answer": "x"]]))
        try folder.write("f.csv", "title;text\r\nMole;\"\(text(end))\"\r\n")
        for name in ["a.md", "b.jsonl", "c.json", "d.jsonl", "e.json", "f.csv"] {
            let read = Array(try DocumentReader(folder.url.appending(path: name)))
            #expect(read.map { Array($0.text.utf8) } == [Array(wanted.utf8)], "\(name)")
            #expect(read.map(\.sentences) == [["It shelters the harbour.", "It is old."]], "\(name)")
        }
    }

    @Test func textsThatReadAlikeAreOneDocument() throws {
        try folder.write("a.txt", "The cafe\u{301} “Mole” – ﬁne.")
        try folder.write("b.txt", "The café \"Mole\" - fine.")
        let (documents, skipped) = try folder.read()
        #expect(documents.map { Array($0.text.unicodeScalars).count } == [23], "it stays as it was written")
        #expect(skipped == ["b.txt": .duplicate(of: documents[0].source)])
    }

    private let rows = #"""
        {"id": "q1", "title": "Old_Mole", "context": "It is of stone.", "question": "Of what?", "answers": {"text": ["stone"]}}
        {"id": "q2", "title": "Old_Mole", "context": "It is of stone.", "question": "What is?", "answers": {"text": ["it"]}}
        {"id": "q3", "title": "Old_Mole", "context": "It is long.", "question": "How is it?", "answers": {"text": [], "answer_start": []}}
        {"context": "A light shines.", "question": "What shines?", "answers": {"text": ["a light"], "answer_start": [0]}}
        """#

    @Test func aContextOfManyQuestionsIsOneDocument() throws {
        try folder.write("rows.jsonl", rows)
        let (documents, skipped) = try folder.read()
        #expect(documents.map(\.text) == ["It is of stone.", "It is long.", "A light shines."])
        #expect(documents.map(\.name) == ["Old_Mole", "Old_Mole", "rows.jsonl:4"])
        #expect(documents.map(\.part) == [0, 1, 0])
        #expect(documents.map(\.title) == ["Old Mole", "Old Mole", nil])
        #expect(skipped == [:])
    }

    @Test(arguments: ["list.json", "data.json", "table.csv", "table.tsv"])
    func rowsOfEveryFileAreTheSame(name: String) throws {
        let list = "[\(rows.split(separator: "\n").joined(separator: ","))]"
        let separator = name.hasSuffix("csv") ? "," : "\t"
        let table =
            [
                "id,title,context,question", "q1,Old_Mole,It is of stone.,Of what?", "q3,Old_Mole,It is long.,How?",
                ",,A light shines.,What?",
            ]
            .joined(separator: "\n").replacing(",", with: separator)
        try folder.write(name, name == "list.json" ? list : name == "data.json" ? "{\"data\": \(list)}" : table)
        let (documents, skipped) = try folder.read()
        #expect(documents.map(\.text) == ["It is of stone.", "It is long.", "A light shines."])
        #expect(documents.map(\.title).prefix(2) == ["Old Mole", "Old Mole"])
        #expect(skipped == [:])
    }

    @Test func aTableWithoutTextsIsNamedOnce() throws {
        try folder.write("prices.csv", "item,price\noar,3\nsail,90\n")
        try folder.write("broken.csv", "text\n\"never closed\n")
        let (documents, skipped) = try folder.read()
        #expect(documents == [])
        #expect(
            skipped == [
                "prices.csv": .missingField(["text", "content", "body", "context", "passage"]),
                "broken.csv": .brokenTable(line: 2, "the quote that opens here is never closed"),
            ])
    }

    @Test func everyReasonSaysWhatIsWrong() {
        let reasons: [SkippedDocument.Reason] = [
            .empty, .unreadable("why"), .notAFile, .linkLoop, .notUTF8, .binary, .tooLarge(bytes: 9, maximum: 1),
            .tooLarge(bytes: nil, maximum: 20_000_000), .unknownKind("pdf"), .unknownKind("docx"), .unknownKind(""),
            .unknownKind("xlsx"), .unknownKind("exe"), .wrongType(field: "a", "a list"),
            .brokenTable(line: 2, "why"), .unanswerable(2), .notJSON, .missingField(["a", "b"]), .questions,
            .unknownShape,
            .duplicate(of: "x"), .noAnswer, .unknownDocument("x"), .parquet, .unknownForm, .unknownRole("x"),
            .turnsOutOfOrder, .noReply, .noOptions, .answerOutOfRange("x", options: 4),
        ]
        #expect(Set(reasons.map(\.description)).count == reasons.count)
        #expect(
            SkippedDocument("a.pdf", .unknownKind("pdf")).description
                == "a.pdf: convert it to text first, say with pdftotext")
        #expect(SkippedDocument.Reason.missingField(["a", "b", "c"]).description == "has no text in a, b or c")
        #expect(
            SkippedDocument.Reason.tooLarge(bytes: 20_000_000, maximum: 50_000).description
                == "is too large (20 MB, at most 50 kB); split it, or raise the limit")
    }
}

/// Two articles in SQuAD's format, version 2.0.
let squad = """
    {"version": "v2.0", "data": [
      {"title": "The_Tower", "paragraphs": [
        {"context": "The tower is 10 m high.", "qas": [
          {"id": "q1", "question": "How high is it?", "answers": [
            {"text": "10 m", "answer_start": 13}, {"text": "10 m", "answer_start": 13}]},
          {"id": "q2", "question": "Who built it?", "answers": [], "is_impossible": true}]},
        {"context": "It is green.", "qas": [
          {"id": "q3", "question": "Which colour?", "answers": [{"text": "green", "answer_start": 6}]}]}]},
      {"paragraphs": [{"context": "A light shines."}]}]}
    """
