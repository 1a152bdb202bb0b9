// Replies as a table that a person grades in a spreadsheet, and such a table read back. Knows rows, not the store.

import Basics
import Foundation
import Lineage
import Statistics
import Store

/// A file of replies with a column for a person's grades.
public struct GradeSheet {
    /// A reply that a person has graded.
    public struct Entry: Sendable, Hashable {
        public let reply: ContentKey
        /// Whether it is right.
        public let isCorrect: Bool
        /// What the person wrote beside it, if anything.
        public let note: String?
    }

    /// The rows with a grade.
    public let entries: [Entry]
    /// How many rows have none yet.
    public let blank: Int

    private static let columns = ["id", "condition", "question", "golds", "reply", "grade", "note"]
    private static let grades = [
        "true": true, "yes": true, "1": true, "correct": true, "right": true,
        "false": false, "no": false, "0": false, "incorrect": false, "wrong": false,
    ]

    // MARK: - Writing

    /// The replies as CSV, with the grade and the note that `graded` has for one, or none.
    public static func text(_ replies: [GradedReply], graded: [ContentKey: Grade] = [:]) -> String {
        let rows = replies.map { item in
            let grade = graded[item.reply.id]
            return [
                // With a letter before it no spreadsheet takes an id for a number.
                "r\(item.reply.id)", item.reply.condition.name, item.question.question,
                item.question.golds.joined(separator: " | "), item.reply.text,
                grade.map { $0.verdict == .correct ? "true" : "false" } ?? "", grade?.reasoning ?? "",
            ]
        }
        return CSV.text([columns] + rows)
    }

    // MARK: - Reading

    /// Reads a file that `text` wrote and a person filled in, wholly or in part. Columns are found by their names and may have
    /// been moved; only `id` and `grade` are needed. Grades are true or false, yes or no, 1 or 0, correct or incorrect.
    /// - Parameter known: whether a reply is one of the run's.
    public init(file: URL, known: (ContentKey) throws -> Bool) throws {
        let name = file.path
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw GradingError.unreadable(file: name, reason: error.localizedDescription)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw GradingError.unreadable(file: name, reason: "it is not UTF-8; save it as \"CSV UTF-8\"")
        }
        let rows: [CSV.Row]
        do throws(CSV.Problem) {
            rows = try CSV(text).rows
        } catch {
            throw GradingError.badRows(file: name, [GradingError.BadRow(error.line, error.reason)])
        }
        let header = (rows.first?.fields ?? []).map { $0.trimmingCharacters(in: .whitespacesAndNewlines).lowercased() }
        guard let id = header.firstIndex(of: "id"), let grade = header.firstIndex(of: "grade") else {
            throw GradingError.unreadable(
                file: name, reason: "its first line names no columns \"id\" and \"grade\"; begin with --export")
        }
        var reading = Reading(id: id, grade: grade, note: header.firstIndex(of: "note"), width: header.count)
        for row in rows.dropFirst() { try reading.read(row, known: known) }
        guard reading.problems.isEmpty else { throw GradingError.badRows(file: name, reading.problems) }
        entries = reading.entries
        blank = reading.blank
    }

    /// Rows while they are read, one after the other.
    private struct Reading {
        let id: Int
        let grade: Int
        let note: Int?
        let width: Int
        var entries: [Entry] = []
        var blank = 0
        var problems: [GradingError.BadRow] = []
        private var seen: [ContentKey: (line: Int, isCorrect: Bool)] = [:]

        init(id: Int, grade: Int, note: Int?, width: Int) {
            (self.id, self.grade, self.note, self.width) = (id, grade, note, width)
        }

        mutating func read(_ row: CSV.Row, known: (ContentKey) throws -> Bool) throws {
            func field(_ column: Int) -> String {
                row.fields.indices.contains(column)
                    ? row.fields[column].trimmingCharacters(in: .whitespacesAndNewlines) : ""
            }
            func refuse(_ reason: String) { problems.append(GradingError.BadRow(row.line, reason)) }
            // Spreadsheets leave out empty cells at the end of a row, but add none with anything in it.
            guard row.fields.dropFirst(width).allSatisfy(\.isEmpty) else {
                return refuse("it has \(row.fields.count) fields, the first line \(width); is a quote missing?")
            }
            guard !field(grade).isEmpty else { return blank += 1 }
            let written = field(id)
            guard let reply = ContentKey(String(written.drop { $0 == "r" })), try known(reply) else {
                return refuse("there is no reply \"\(written.prefix(40))\" in this run")
            }
            guard let isCorrect = GradeSheet.grades[field(grade).lowercased()] else {
                return refuse("the grade is \"\(field(grade).prefix(40))\"; write true or false, or leave it empty")
            }
            if let earlier = seen[reply] {
                guard earlier.isCorrect == isCorrect else {
                    return refuse("line \(earlier.line) grades the same reply otherwise")
                }
                return
            }
            seen[reply] = (row.line, isCorrect)
            let note = note.map(field).flatMap { $0.isEmpty ? nil : CSVRow.original($0) }
            entries.append(Entry(reply: reply, isCorrect: isCorrect, note: note))
        }
    }
}
