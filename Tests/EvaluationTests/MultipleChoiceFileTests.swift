// Rows of MMLU's and MMLU-Pro's shapes become questions; what cannot be asked is named.

import Distillation
import Foundation
import Store
import TestSupport
import Testing

@testable import Evaluation

@Suite struct MultipleChoiceFileTests {
    private func read(_ text: String, as name: String = "q.jsonl") throws -> MultipleChoiceFile {
        let folder = FileManager.default.temporaryDirectory.appending(path: "choices-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(text.utf8).write(to: folder.appending(path: name))
        return try MultipleChoiceFile(folder.appending(path: name))
    }

    @Test(arguments: [
        #""choices": ["x", "y", "z"], "answer": 1, "subject": "s""#,
        #""choices": ["x", "y", "z"], "answer": "1", "category": "s""#,
        #""options": ["x", "y", "z"], "answer": "B", "answer_index": 1, "category": "s", "question_id": 70"#,
        #""options": [" x", "y ", "z"], "answer": "b", "subject": "s""#,
        #""options": ["x", "y", "z"], "answer": "y", "subject": "s""#,
        #""options": ["x", "y", "z"], "answer": "(B)", "subject": "s""#,
        #""options": ["x", "y", "z"], "answer": "Y", "subject": "s""#,
        #""options": {"A": "x", "B": "y", "C": "z"}, "answer": "y", "answer_idx": "B", "category": "s""#,
        #""choices": {"text": ["x", "y", "z"], "label": ["A", "B", "C"]}, "answerKey": "B", "subject": "s""#,
        #""choices": {"text": ["x", "y", "z"], "label": ["1", "2", "3"]}, "answerKey": "2", "subject": "s""#,
        #""choices": [{"label": "A", "text": "x"}, {"label": "B", "text": "y"}, {"label": "C", "text": "z"}], "answerKey": "B", "subject": "s""#,
        #""ctx": "?", "endings": ["x", "y", "z"], "label": "1", "subject": "s""#,
        #""endings": ["x", "y", "z"], "label": 1, "subject": "s""#,
    ])
    func everyShapeOfARow(_ fields: String) throws {
        let wanted = MultipleChoiceQuestion(category: "s", question: "Which?", options: ["x", "y", "z"], answer: 1)
        let row = #"{"question": " Which?", \#(fields)}"#
        #expect(try read(row).questions == [wanted])
        #expect(try read("[\(row), \(row)]", as: "q.json").questions == [wanted, wanted])
    }

    @Test func theIndexGoesBeforeOptionsThatLookLikeOne() throws {
        let file = try read(
            """
            {"question": "2?", "choices": ["1", "2", "0"], "answer": 0}
            {"question": "Letter?", "choices": ["B", "A"], "answer": "A"}
            {"question": "Ten?", "options": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], "answer": "J"}
            """)
        #expect(file.questions.map(\.answer) == [0, 0, 9])
        #expect(file.questions.map(\.category) == ["all", "all", "all"])
        #expect(file.questions[2].letters.last == "J")
    }

    /// The answer's place by itself, in files of one row, and of several that show what is meant.
    @Test(arguments: [
        // A string that is an option's words, whatever stands at that place.
        (#"["7", "8", "9", "1"]"#, [#""8""#], [1]), (#"["2", "1", "0", "3"]"#, [#""2""#], [0]),
        (#"["3", "4"]"#, [#""4""#], [1]),
        (#"["yes", "no"]"#, [#""no""#, #""NO""#], [1, 1]), (#"["O", "A", "B", "AB"]"#, [#""AB""#, #""B""#], [3, 2]),
        // A string that the other rows show to be a place or a letter.
        (#"["1", "2", "x"]"#, [#""0""#, #""1""#], [0, 1]), (#"["B", "C", "A", "d"]"#, [#""D""#, #""A""#], [3, 0]),
        // A number is a place, unless it can be none.
        (#"["7", "8", "9", "1"]"#, ["1"], [1]), (#"["7", "8", "9", "1"]"#, ["7", "1"], [0, 3]),
        (#"["a", "b", "c"]"#, ["0", "2"], [0, 2]),
        ("[\"the \u{FB01}rst\", \"the last\"]", [#""the first""#], [0]),
        (#"[30, 40, 50]"#, ["40"], [1]), (#"[2.5, 3.5]"#, ["3.5"], [1]), (#"[true, false]"#, ["false"], [1]),
        // Counted from 1.
        (#"["a", "b", "c"]"#, ["3", "1"], [2, 0]), (#"["a", "b", "c"]"#, [#""3""#, #""1""#], [2, 0]),
    ])
    func whatAnAnswerMeans(_ options: String, _ answers: [String], _ places: [Int]) throws {
        let rows = answers.map { #"{"question": "?", "choices": \#(options), "answer": \#($0)}"# }
        let file = try read(rows.joined(separator: "\n"))
        #expect(file.questions.map(\.answer) == places, "\(options) \(answers)")
        #expect(
            file.countsFromOne
                == (options.contains("a") && answers.contains { $0.contains("3") } && !answers.contains("0")))
    }

    @Test func aNumberAmongNumbersThatIsAPlaceTooIsRefused() throws {
        let file = try read(
            """
            {"question": "1?", "choices": [2, 1, 0], "answer": 2}
            {"question": "2?", "choices": [5, 1, 7], "answer": 1}
            """)
        #expect(file.questions.map(\.answer) == [1])
        #expect(file.skipped.map(\.reason) == [.ambiguousAnswer("2")])
        #expect(file.skipped[0].description.contains("answer_index"))
    }

    @Test func whatCannotBeAskedIsNamed() throws {
        let file = try read(
            """
            {"choices": ["a", "b"], "answer": 0}
            {"question": "1?", "choices": ["a"], "answer": 0}
            {"question": "2?", "choices": "a", "answer": 0}
            {"question": "3?", "choices": ["a", ""], "answer": 0}
            {"question": "4?", "choices": ["a", "b"]}
            {"question": "5?", "choices": ["a", "b"], "answer": 2}
            {"question": "6?", "choices": ["a", "b"], "answer": "C"}
            {"question": "7?", "choices": ["a", "b"], "answer": -1}
            {"question": "8?", "choices": ["a", "b"], "answer": 1}
            [1]
            """)
        #expect(file.questions.map(\.question) == ["8?"])
        #expect(
            file.skipped.map(\.reason) == [
                .missingField(["question"]), .noOptions, .noOptions, .noOptions, .noAnswer,
                .answerOutOfRange("2", options: 2), .answerOutOfRange("C", options: 2),
                .answerOutOfRange("-1", options: 2), .notJSON,
            ])
        #expect(file.skipped[5].description.hasSuffix("q.jsonl:6: has the answer 2, which is none of its 2 options"))
    }

    @Test func aFileWithoutQuestionsIsAnError() throws {
        let error = try #require(throws: DataFileError.self) { try read(#"{"question": "1?"}"#) }
        #expect(error.description.contains("choices (or options)") && error.description.contains("q.jsonl:1"))
    }

    @Test func aSampleIsSpreadOverTheCategories() throws {
        let rows = ["a", "a", "a", "a", "b", "b", "c"].enumerated().map {
            #"{"question": "\#($0)?", "choices": ["x", "y"], "answer": 0, "subject": "\#($1)"}"#
        }
        let file = try read(rows.joined(separator: "\n"))
        #expect(file.sample(5).map(\.question) == ["0?", "1?", "4?", "5?", "6?"])
        #expect(file.sample(2).map(\.question) == ["0?", "4?"])
        #expect(file.sample(nil) == file.questions && file.sample(99) == file.questions)
    }

    @Test(.enabled(if: DataSets.file("mmlu/sample-1140.jsonl") != nil, "\(DataSets.absence)"))
    func theRealSampleIsReadWhole() throws {
        let file = try MultipleChoiceFile(try #require(DataSets.file("mmlu/sample-1140.jsonl")))
        #expect(file.skipped == [])
        #expect(file.questions.count == 1140)
        #expect(Set(file.questions.map(\.category)).count == 57)
        #expect(file.questions.allSatisfy { $0.options.count == 4 })
        let sample = Dictionary(grouping: file.sample(200), by: \.category)
        #expect(sample.count == 57 && Set(sample.values.map(\.count)) == [3, 4])
    }
}
