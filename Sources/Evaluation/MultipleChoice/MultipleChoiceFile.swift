// Multiple-choice questions out of JSONL or a JSON list. What an answer means, its row may leave open and the file shows. Knows
// rows, not how they are asked.

import Distillation
import Foundation
import Store

/// The questions of a file.
///
/// A row has `question`; the options in `choices`, `options` or `endings`, as a list or by their labels; the right one in
/// `answer` (its words, its letter or its place), or in `answer_index`, `answer_idx`, `answerKey` or `label` (its place or its
/// label); and, if it likes, `subject` or `category`. Places are counted from 0, unless the file as a whole shows that they are
/// counted from 1. Rows without these are told of and left out. A question that stands twice, as in MMLU itself, counts twice.
public struct MultipleChoiceFile: Sendable {
    /// The questions, in the order of the file.
    public let questions: [MultipleChoiceQuestion]
    /// Rows that were not taken, with the reason.
    public let skipped: [SkippedDocument]
    /// Whether answers that are places are counted from 1: none is 0, and some are the number of options.
    public let countsFromOne: Bool

    /// Reads a file; throws where there is no question in it.
    public init(_ path: URL) throws {
        guard FileManager.default.fileExists(atPath: path.path) else { throw DocumentError.notFound(path.path) }
        var read: [(source: String, row: Result<MultipleChoiceRow, SkipReason>)] = []
        do throws(SkipReason) {
            var rows = try JSONRows(path)
            while let row = rows.next() {
                read.append((row.source, Result { () throws(SkipReason) in try MultipleChoiceRow(row.content.get()) }))
            }
        } catch {
            read.append((path.path, .failure(error)))
        }
        let reading = AnswerReading(read.compactMap { try? $0.row.get() })
        var (questions, skipped): ([MultipleChoiceQuestion], [SkippedDocument]) = ([], [])
        for (source, row) in read {
            do throws(SkipReason) {
                let row = try row.get()
                questions.append(row.asked(try reading.option(row)))
            } catch {
                skipped.append(SkippedDocument(source, error.reason))
            }
        }
        guard !questions.isEmpty else {
            throw DataFileError.nothingUsable(
                path: path.path,
                wanted: "multiple-choice questions, one a row: question, choices (or options) and answer",
                first: skipped.first)
        }
        (self.questions, self.skipped, countsFromOne) = (questions, skipped, reading.countsFromOne)
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

/// Which option each answer of a file means, as far as the file as a whole shows it.
private struct AnswerReading {
    /// Whether places are counted from 1.
    let countsFromOne: Bool
    /// Whether answers that are numbers in JSON are options' words: some can be nothing else.
    private let numbersAreWords: Bool
    /// Whether strings that are an option's letter or place and another's words are the former: some can be nothing else, and
    /// none can be words alone.
    private let stringsAreLetters: Bool
    private let stringsArePlaces: Bool

    init(_ rows: [MultipleChoiceRow]) {
        let places = rows.filter { $0.labels == nil && $0.place != nil && ($0.byWords == nil || $0.answer.isOfPlace) }
        countsFromOne =
            !places.contains { $0.place == 0 } && places.contains { $0.place == $0.options.count }
            && places.allSatisfy { (1...$0.options.count).contains($0.place ?? 0) }
        let first = countsFromOne ? 1 : 0
        let numbers = rows.filter { $0.answer.isNumber && !$0.answer.isOfPlace }
        numbersAreWords =
            numbers.contains { $0.byPlace(from: first) == nil && $0.byWords != nil }
            && numbers.allSatisfy { $0.byWords != nil }
        let strings = rows.filter { !$0.answer.isNumber && !$0.answer.isOfPlace }
        let areWords = strings.contains { $0.byWords != nil && $0.byLabel == nil && $0.byPlace(from: first) == nil }
        stringsAreLetters = !areWords && strings.contains { $0.byWords == nil && $0.byLabel != nil }
        stringsArePlaces = !areWords && strings.contains { $0.byWords == nil && $0.byPlace(from: first) != nil }
    }

    /// The option that a row's answer means. A string that is an option's words means that option, a number the option at its
    /// place, unless the file shows otherwise; a number that is one of two numbers can mean both, and is refused.
    func option(_ row: MultipleChoiceRow) throws(SkipReason) -> Int {
        let place = row.byPlace(from: countsFromOne ? 1 : 0)
        let (words, label) = (row.byWords, row.byLabel)
        if row.labels != nil || row.answer.isOfPlace, let label { return label }
        if row.answer.isNumber {
            if let words, let place, words != place, row.hasNumbers, !row.answer.isOfPlace, !numbersAreWords {
                throw SkipReason(.ambiguousAnswer(row.answer.text))
            }
            if let option = numbersAreWords ? words : place ?? words { return option }
        } else if row.answer.isOfPlace {
            if let option = place ?? words { return option }
        } else {
            let other = label ?? place
            let isMeant = label == nil ? stringsArePlaces : stringsAreLetters
            if let option = isMeant ? other : words ?? other { return option }
        }
        guard let loose = row.byLooseWords else {
            throw SkipReason(.answerOutOfRange(row.answer.text, options: row.options.count))
        }
        return loose
    }
}
