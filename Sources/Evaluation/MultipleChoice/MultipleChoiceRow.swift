// One row of a file of multiple-choice questions, in the fields of MMLU, MMLU-Pro, ARC, HellaSwag, MedQA and their kin, before it
// is known which option its answer means. Knows rows, not files.

import Basics
import Distillation
import Foundation
import Store

struct MultipleChoiceRow {
    /// What a row says of the right option.
    struct Answer {
        let text: String
        /// Whether JSON has it as a number, which is a place rather than words.
        let isNumber: Bool
        /// Whether its field is one of places and labels by name.
        let isOfPlace: Bool
    }

    let category: String
    let question: String
    let options: [String]
    /// What the row itself calls its options; nil where they are A, B, C.
    let labels: [String]?
    /// Whether JSON has the options as numbers.
    let hasNumbers: Bool
    let answer: Answer

    init(_ fields: JSONFields) throws(SkipReason) {
        // ARC's own files have the question's words and its choices in one object.
        let inner = fields.object("question")
        let stem = fields.string(["question", "question_stem", "ctx", "query"]) ?? inner?.string(["stem"])
        guard let question = stem?.trimmed, !question.isEmpty else { throw SkipReason(.missingField(["question"])) }
        let listing = Self.listing(fields) ?? inner.flatMap(Self.listing)
        let options = listing?.options.map(\.text.trimmed) ?? []
        guard (2...MultipleChoiceQuestion.alphabet.count).contains(options.count), options.allSatisfy({ !$0.isEmpty })
        else { throw SkipReason(.noOptions) }
        guard let answer = Self.answer(fields) else { throw SkipReason(.noAnswer) }
        let category = fields.string(["subject", "category"])?.trimmed ?? ""
        (self.question, self.options, self.answer) = (question, options, answer)
        self.category = category.isEmpty ? "all" : category
        let labels = listing?.labels.map(\.trimmed) ?? []
        self.labels = labels.count == options.count ? labels : nil
        hasNumbers = listing?.options.allSatisfy(\.isNumber) == true
    }

    // MARK: - Which option

    /// The option whose words the answer is: as they are written, else the only one that reads so.
    var byWords: Int? {
        if let same = options.firstIndex(of: answer.text) { return same }
        let alike = options.indices.filter { options[$0].asRead == answer.text.asRead }
        return alike.count == 1 ? alike[0] : nil
    }

    /// The option whose letter or label the answer is, in either case and with brackets or a full stop: "(B)", "b.".
    var byLabel: Int? {
        let label = answer.text.asRead.trimmingCharacters(in: CharacterSet(charactersIn: "()[]. ")).uppercased()
        if let labels { return labels.firstIndex { $0.asRead.uppercased() == label } }
        return MultipleChoiceQuestion.alphabet.prefix(options.count).firstIndex { String($0) == label }
    }

    var place: Int? { Int(answer.text.asRead) }

    /// The option that stands at the place that the answer is.
    func byPlace(from first: Int) -> Int? {
        place.flatMap { options.indices.contains($0 - first) ? $0 - first : nil }
    }

    /// The option whose words the answer is but for capitals.
    var byLooseWords: Int? { options.firstIndex { $0.asRead.lowercased() == answer.text.asRead.lowercased() } }

    func asked(_ option: Int) -> MultipleChoiceQuestion {
        MultipleChoiceQuestion(category: category, question: question, options: options, answer: option)
    }

    // MARK: - Fields

    private typealias Option = (text: String, isNumber: Bool)

    private static func answer(_ fields: JSONFields) -> Answer? {
        let names = [
            ("answer_index", true), ("answer_idx", true), ("answerKey", true), ("answer", false), ("label", true),
        ]
        for (name, isOfPlace) in names {
            guard let value = fields[name], let (text, isNumber) = option(value) else { continue }
            let trimmed = text.trimmed
            if !trimmed.isEmpty { return Answer(text: trimmed, isNumber: isNumber, isOfPlace: isOfPlace) }
        }
        return nil
    }

    /// The options of the first field that has some, and what they are called where it says so.
    private static func listing(_ fields: JSONFields) -> (options: [Option], labels: [String])? {
        for name in ["choices", "options", "endings"] {
            guard let value = fields[name] else { continue }
            switch value {
            case .array(let elements):
                let options = elements.compactMap(option)
                if options.count == elements.count { return (options, []) }
                let labelled = elements.compactMap(labelledOption)
                if labelled.count == elements.count { return (labelled.map(\.option), labelled.map(\.label)) }
            case .object(let members):
                if case .array(let texts) = members["text"] ?? .null {
                    let labels: [JSONValue] =
                        if case .array(let labels) = members["label"] ?? .null { labels } else { [] }
                    return (texts.compactMap(option), labels.compactMap { option($0)?.text })
                }
                let named = members.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
                let options = named.compactMap { option($0.value) }
                if options.count == named.count { return (options, named.map(\.key)) }
            default: continue
            }
        }
        return nil
    }

    /// {"label": "A", "text": "…"}
    private static func labelledOption(_ value: JSONValue) -> (option: Option, label: String)? {
        guard case .object(let members) = value, let text = members["text"].flatMap(option) else { return nil }
        return (text, (members["label"] ?? members["key"]).flatMap(option)?.text ?? "")
    }

    private static func option(_ value: JSONValue) -> Option? {
        switch value {
        case .string(let text): (text.cleaned, false)
        case .integer(let number): (String(number), true)
        case .unsigned(let number): (String(number), true)
        case .number(let number):
            (number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number), true)
        case .bool(let truth): (String(truth), false)
        default: nil
        }
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
    fileprivate var asRead: String { foldedForComparison.trimmed }
}
