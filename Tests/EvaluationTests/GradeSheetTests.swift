// Tables out to a person and back, as spreadsheets leave them.

import Basics
import Foundation
import Lineage
import Statistics
import Store
import Testing

@testable import Evaluation

@Suite final class GradeSheetTests {
    private let file = FileManager.default.temporaryDirectory.appending(path: "grades-\(UUID().uuidString).csv")
    private let replies: [GradedReply]

    init() throws {
        replies = try ["Ada, of course.", "=1+1", "It is \"Bo\";\nor not"].enumerated().map { number, text in
            let question = HeldOutQuestion(
                name: "q\(number)", document: nil, question: "Who, number \(number)?", golds: ["Ada", "A. L."],
                source: "here")
            return try GradedReply(
                question: question,
                reply: Reply(
                    heldOut: question.id, recipe: ContentKey(of: "recipe"),
                    condition: EvaluationCondition(subject: .base, book: .oracle), text: text,
                    tokenCount: 1, isFinished: true))
        }
    }

    deinit { try? FileManager.default.removeItem(at: file) }

    private func read(_ text: String) throws -> GradeSheet {
        try Data(text.utf8).write(to: file)
        let ids = Set(replies.map(\.reply.id))
        return try GradeSheet(file: file) { ids.contains($0) }
    }

    private func problems(_ text: String) throws -> [GradingError.BadRow] {
        do {
            _ = try read(text)
            Issue.record("it was accepted")
            return []
        } catch GradingError.badRows(let name, let rows) {
            #expect(name == file.path)
            return rows
        }
    }

    private func id(_ number: Int) -> String { "r\(replies[number].reply.id)" }

    @Test func aSheetHoldsWhatAPersonNeedsAndNoFormula() throws {
        let rows = try CSV(GradeSheet.text(replies)).rows.map(\.fields)
        #expect(rows[0] == ["id", "condition", "question", "golds", "reply", "grade", "note"])
        #expect(rows[1] == [id(0), "base.oracle", "Who, number 0?", "Ada | A. L.", "Ada, of course.", "", ""])
        #expect(rows[2][4] == "'=1+1")
        #expect(rows[3][4] == "It is \"Bo\";\nor not")
    }

    @Test func partsOfASheetComeBack() throws {
        let lines = try CSV(GradeSheet.text(replies)).rows.map(\.fields)
        var filled = lines
        filled[1][5] = " TRUE "
        filled[3][5] = "no"
        filled[3][6] = "another name"
        let sheet = try read(CSV.text(filled))
        #expect(sheet.entries.map(\.reply) == [replies[0].reply.id, replies[2].reply.id])
        #expect(sheet.entries.map(\.isCorrect) == [true, false])
        #expect(sheet.entries.map(\.note) == [nil, "another name"])
        #expect(sheet.blank == 1)
        #expect(try read(CSV.text(lines)).entries.isEmpty)
    }

    @Test func whatWasGradedIsFilledIn() throws {
        let id = replies[1].reply.id
        let grade = Grade(
            reply: id, recipe: ContentKey(of: "p"), grader: "Anna", verdict: .incorrect, reasoning: "no sum")
        let sheet = try read(GradeSheet.text(replies, graded: [id: grade]))
        #expect(sheet.entries == [GradeSheet.Entry(reply: id, isCorrect: false, note: "no sum")])
    }

    @Test(arguments: ["= the same", "-1 for spelling", "'=' is missing", "-5"])
    func aNoteComesBackAsItWas(note: String) throws {
        let id = replies[1].reply.id
        let grade = Grade(reply: id, recipe: ContentKey(of: "p"), grader: "Anna", verdict: .incorrect, reasoning: note)
        #expect(try read(GradeSheet.text(replies, graded: [id: grade])).entries.map(\.note) == [note])
    }

    @Test func columnsMayMoveAndSeparatorsChange() throws {
        let sheet = try read("Grade;x;ID\r\n1;;\(id(0))\r\nwrong;\"a;b\";\(id(1))\r\n")
        #expect(sheet.entries.map(\.isCorrect) == [true, false])
    }

    @Test func everyBadRowIsToldOfByItsLine() throws {
        let rows = try problems(
            """
            id,grade
            \(id(0)),maybe
            \(id(1)),true
            rffff,true
            \(id(1)),false
            \(id(2)),true,extra
            ,true
            nothing,
            """)
        #expect(rows.map(\.line) == [2, 4, 5, 6, 7])
        for (row, word) in zip(rows, ["\"maybe\"", "\"rffff\"", "line 3", "3 fields", "no reply \"\""]) {
            #expect(row.reason.contains(word), "\(row)")
        }
        #expect(try problems("id,grade\n\"\(id(0)),true\n").map(\.line) == [2])
    }

    @Test func aFileThatIsNoSheetIsRefused() throws {
        #expect(throws: GradingError.self) { try self.read("question,grade\nWho?,true\n") }
        #expect(throws: GradingError.self) { try self.read("") }
        #expect(throws: GradingError.self) {
            try GradeSheet(file: URL(fileURLWithPath: "/nowhere/x.csv")) { _ in true }
        }
        try Data([0x69, 0x64, 0xE9, 0x0A]).write(to: file)
        #expect(throws: GradingError.self) { try GradeSheet(file: self.file) { _ in true } }
    }

    @Test func manyBadRowsAreCounted() throws {
        let error = GradingError.badRows(
            file: "f.csv", try problems("id,grade\n" + String(repeating: "x,true\n", count: 30)))
        #expect("\(error)".contains("line 2:") && "\(error)".contains("and 20 more lines"))
    }
}
