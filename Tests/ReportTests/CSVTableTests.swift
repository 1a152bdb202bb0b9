// The tables as RFC 4180 wants them.

import Foundation
import Testing

@testable import Report

@Suite struct CSVTableTests {
    @Test func fieldsAreQuotedWhereTheyMustBe() {
        var csv = CSVTable(columns: ["a", "b"])
        csv.append(["plain", "with \"quotes\""])
        csv.append(["comma, and", nil])
        csv.append(["accent\"\u{301}", "\u{600}\""])
        csv.append(["two\nlines", "ends with\r"])
        let text =
            "a,b\r\nplain,\"with \"\"quotes\"\"\"\r\n\"comma, and\",\r\n"
            + "\"accent\"\"\u{301}\",\"\u{600}\"\"\"\r\n"
            + "\"two\nlines\",\"ends with\r\"\r\n"
        #expect(String(decoding: csv.data, as: UTF8.self) == text)
    }

    @Test func aReplyCannotRunInASpreadsheetAndANumberStaysOne() {
        var csv = CSVTable(columns: ["reply", "value"])
        csv.append(["=HYPERLINK(\"http://a.invalid\")", "-0.5"])
        csv.append([" @import", "1.0"])
        let text = "reply,value\r\n\"'=HYPERLINK(\"\"http://a.invalid\"\")\",-0.5\r\n' @import,1.0\r\n"
        #expect(String(decoding: csv.data, as: UTF8.self) == text)
    }

    @Test func everyFigureIsARow() throws {
        var report = ComparisonReport([
            .init("base", "closed_book", "ciii"), .init("pd", "closed_book", seed: 7, "cccu"),
        ])
        report.addEverySection()
        let lines = String(decoding: report.figuresCSV(), as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.first == "section,method,condition,grader,dataset,seed,name,x,value,low,high,count")
        #expect(lines.contains { $0.hasPrefix("accuracy,pd,closed_book,substring,,,,,0.75,") && $0.hasSuffix(",4") })
        #expect(lines.contains("unparsed,pd,closed_book,substring,,,,,1.0,,,"))
        #expect(lines.contains("repeating,pd,closed_book,substring,,,,,0.0,,,"))
        #expect(lines.contains { $0.hasPrefix("difference,pd,closed_book,substring,,,minus base closed_book,,0.5,") })
        #expect(lines.contains("curve,pd,,,,1,train.loss,1.0,2.0,,,"))
        #expect(lines.contains("curve,pd,,,,1,train.loss,2.0,,,,"), "a value that is no number is an empty field")
        #expect(lines.contains("sweep,pd,closed_book,,,,Rank,16.0,0.9,0.8,1.0,"))
        #expect(lines.contains("forgetting after,pd,,,,,law,,0.25,,,4"))
        #expect(lines.contains("training data,pd,,,,1,trained on,,58.0,,,"))
        #expect(lines.contains("cost,pd,,,,1,training,,1.5,,,"))
        #expect(lines.contains("endpoint tokens,pd,,,,1,training,,900.0,,,"))
        let sections = Set(lines.compactMap { $0.split(separator: ",").first })
        #expect(sections.isSuperset(of: ["recall", "coverage", "seconds", "training data", "forgetting before"]))
    }

    @Test func everyReplyIsARow() {
        let report = ComparisonReport([.init("base", "closed_book", "c-"), .init("pd", "oracle", seed: 7, "iu")])
        let lines = String(decoding: report.repliesCSV(), as: UTF8.self).components(separatedBy: "\r\n")
        #expect(lines.count == 5, "the header, three replies and the end")
        #expect(
            lines[0] == "question_id,dataset,document,question,golds,method,condition,seed,reply,substring,repeats")
        #expect(lines[3] == "q1,,,Question 1?,\"[\"\"gold 1\"\"]\",pd,oracle,7,said by pd,unparsed,false")
    }
}
