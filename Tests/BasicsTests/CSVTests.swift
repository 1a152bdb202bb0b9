// Tables out to a person and back, as spreadsheets leave them.

import Testing

@testable import Basics

struct CSVTests {
    private func fields(_ text: String) throws -> [[String]] { try CSV(text).rows.map(\.fields) }

    @Test func fieldsAreReadAsRFC4180HasThem() throws {
        #expect(
            try fields("a,b\r\n\"1,5\",\"say \"\"hi\"\"\"\r\n\"two\r\nlines\",\r\n")
                == [["a", "b"], ["1,5", "say \"hi\""], ["two\nlines", ""]])
        #expect(try fields("a,b\n1,2") == [["a", "b"], ["1", "2"]])
        #expect(try fields("a,b\r1,\r") == [["a", "b"], ["1", ""]])
        #expect(try fields("a,b\n1,") == [["a", "b"], ["1", ""]])
        #expect(try fields("").isEmpty)
        #expect(try fields("a\n\n,,\nb\n") == [["a"], ["b"]])
        #expect(try fields("a,b\n\"\u{301}x\", y ") == [["a", "b"], ["\u{301}x", " y "]])
    }

    @Test(arguments: [
        "\u{FEFF}a;b\r\n\"1,5\";2\r\n", "a\tb\n1,5\t2\n", "sep=;\r\na;b\r\n1,5;2\r\n", "\"a\";\"b\"\n1,5;2",
    ])
    func otherSeparatorsAreRecognised(text: String) throws {
        #expect(try fields(text) == [["a", "b"], ["1,5", "2"]])
    }

    @Test func rowsKnowTheirLines() throws {
        #expect(try CSV("a\n\"x\ny\"\n\nb\n").rows.map(\.line) == [1, 2, 5])
        #expect(try CSV("sep=,\na,b\n1,2\n").rows.map(\.line) == [2, 3])
    }

    @Test func brokenQuotesAreNamedByTheirLine() {
        #expect(throws: CSV.Problem.unclosedQuote(line: 2)) { try CSV("a,b\n1,\"2\n3,4\n") }
        #expect(throws: CSV.Problem.textAfterQuote(line: 3)) { try CSV("a,b\n1,2\n\"3\"x,4\n") }
    }

    @Test func whatIsWrittenComesBack() throws {
        let rows = [
            ["id", "text"], ["1", "a,b;c\t\"d\"\nsecond line"], ["2", " é 東京 "], ["3", ""],
            ["4", "\"\u{301}, \u{600}\""],
        ]
        #expect(try fields(CSV.text(rows)) == rows)
        #expect(CSV.text(rows).hasPrefix("\u{FEFF}id,text\r\n"))
    }

    /// What a field becomes, without the quotes that it may need.
    private func written(_ field: String) throws -> String {
        try #require(try CSV("x\n" + CSVRow.line([field, "end"], separators: ",;\t")).rows.last?.fields.first)
    }

    @Test(arguments: [
        "=1+1", "+44 20 7946", "-2+3", "- a list's item", "@SUM(A1)", " =1", "\"=1\"", "'=1", "“ =1",
        "\u{200B}=1", "＝1+1", "＠x", "+1", "-", "-1e5x", "\u{A0}-1",
    ])
    func noFieldIsComputed(field: String) throws {
        #expect(try written(field) == "'" + field.cleaned)
        #expect(CSVRow.original("'" + field) == field)
    }

    @Test(arguments: [
        ("A lock;=1+1;yes", "A lock;'=1+1;yes"), ("x\n=cmd|' /C calc'!A1", "x\n'=cmd|' /C calc'!A1"),
        ("\tx", "'\tx"), ("\n=1", "'\n'=1"), ("a;-3", "a;-3"), ("a\t\"@x", "a\t'\"@x"),
    ])
    func noPartOfAFieldIsComputed(field: String, expected: String) throws {
        #expect(try written(field) == expected)
        #expect(CSVRow.original(expected) == field)
    }

    @Test func whatIsMarkedComesBackAsItWas() throws {
        let alphabet = Array("=+-@;\t\n'\" 1a,’")
        for _ in 0..<2000 {
            let field = "x" + String((0..<Int.random(in: 0...8)).map { _ in alphabet.randomElement()! })
            for field in [field, String(field.dropFirst())] {
                let kept = try #require(
                    try CSV("x\n" + CSVRow.line([field, "end"], separators: ",;\t")).rows.last?.fields.first)
                #expect(CSVRow.original(kept) == field)
            }
        }
    }

    @Test(arguments: ["-0.5", "-3", "-1e-05", "0.25", "a=b", "1-2", "'tis", "'", "", "é", "–", "x@y.z"])
    func numbersAndTextsStay(field: String) throws {
        #expect(try written(field) == field)
        #expect(CSVRow.original(field) == field)
    }
}
