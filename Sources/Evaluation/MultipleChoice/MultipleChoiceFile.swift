// Multiple-choice questions out of JSONL or a JSON list, with the fields of MMLU and MMLU-Pro. Knows rows, not how they are
// asked.

import Distillation
import Foundation
import Store

/// The questions of a file.
///
/// A row has `question`; the options in `choices` or `options`; the right one in `answer` (its place from 0, its letter, or
/// its text) or `answer_index`; and, if it likes, `subject` or `category`. Rows without these are told of and left out. A
/// question that stands twice, as in MMLU itself, counts twice.
public struct MultipleChoiceFile: Sendable {
    /// The questions, in the order of the file.
    public let questions: [MultipleChoiceQuestion]
    /// Rows that were not taken, with the reason.
    public let skipped: [SkippedDocument]

    /// Reads a file; throws where there is no question in it.
    public init(_ path: URL) throws {
        guard FileManager.default.fileExists(atPath: path.path) else { throw DocumentError.notFound(path.path) }
        var (questions, skipped): ([MultipleChoiceQuestion], [SkippedDocument]) = ([], [])
        do throws(SkipReason) {
            var rows = try JSONRows(path)
            while let row = rows.next() {
                do throws(SkipReason) {
                    questions.append(try MultipleChoiceQuestion(row.content.get()))
                } catch {
                    skipped.append(SkippedDocument(row.source, error.reason))
                }
            }
        } catch {
            skipped.append(SkippedDocument(path.path, error.reason))
        }
        guard !questions.isEmpty else {
            throw DataFileError.nothingUsable(
                path: path.path,
                wanted: "multiple-choice questions, one a row: question, choices (or options) and answer",
                first: skipped.first)
        }
        (self.questions, self.skipped) = (questions, skipped)
    }

    /// So many of the questions, taken from all categories in turn, in the order of the file.
    public func sample(_ limit: Int?) -> [MultipleChoiceQuestion] {
        guard let limit, limit < questions.count else { return questions }
        var ranks: [String: Int] = [:]
        let ranked = questions.enumerated().map { place, question in
            defer { ranks[question.category, default: 0] += 1 }
            return (rank: ranks[question.category, default: 0], place: place)
        }
        let taken = ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.prefix(limit).map(\.place)
        return taken.sorted().map { questions[$0] }
    }
}

extension MultipleChoiceQuestion {
    init(_ row: JSONFields) throws(SkipReason) {
        guard let question = row.string(["question"])?.trimmed, !question.isEmpty else {
            throw SkipReason(.missingField(["question"]))
        }
        let options = row.strings(["choices", "options"]).map(\.trimmed)
        guard (2...MultipleChoiceQuestion.alphabet.count).contains(options.count), options.allSatisfy({ !$0.isEmpty })
        else { throw SkipReason(.noOptions) }
        // The index goes first: MMLU-Pro gives both, and an option that is a letter or a number may read otherwise.
        guard let answer = row.string(["answer_index", "answer"])?.trimmed, !answer.isEmpty else {
            throw SkipReason(.noAnswer)
        }
        guard let index = MultipleChoiceQuestion.index(answer, options) else {
            throw SkipReason(.answerOutOfRange(answer, options: options.count))
        }
        let category = row.string(["subject", "category"])?.trimmed ?? ""
        self.init(category: category.isEmpty ? "all" : category, question: question, options: options, answer: index)
    }

    /// The option that an answer means: its place, its letter, or its own words.
    private static func index(_ answer: String, _ options: [String]) -> Int? {
        if let place = Int(answer) { return options.indices.contains(place) ? place : nil }
        let letter = alphabet.prefix(options.count).firstIndex { String($0) == answer.uppercased() }
        return letter ?? options.firstIndex(of: answer)
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
