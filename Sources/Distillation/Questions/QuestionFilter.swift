// Which of an expert's lines are questions worth asking. Knows text, not models.

import Basics
import Foundation

/// Why a line is not kept; the raw values name the counts of a finished piece of work.
enum QuestionRejection: String, CaseIterable {
    case notAQuestion = "not_a_question"
    case badLength = "bad_length"
    case aboutTheText = "about_the_text"
    case namesNothing = "names_nothing"
    case duplicate = "duplicate"
    /// Of a whole reply that says one thing over and over until its limit.
    case repeatsItself = "repeats_itself"

    /// Whether the question would do if it named what it is about.
    var isOfContext: Bool { self == .aboutTheText || self == .namesNothing }
}

/// Judges the questions on one document, remembering those it has let through.
struct QuestionFilter {
    private let names: Set<String>
    private let isEnglish: Bool
    /// Nil where questions may point at the text.
    private let pointers: TextPointers?
    private var seen: Set<String> = []
    private static let wordCount = 4...40
    /// Fewer words do where they are as long as those of languages that write several in one.
    private static let lettersOfFewWords = 18

    /// - Parameter keepsPointers: whether questions are kept that point at the text they were made from.
    init(title: String?, text: String, keepsPointers: Bool = false) {
        names = QuestionFilter.names(title: title ?? "", text: text)
        isEnglish = EnglishWords.areMost(of: text)
        pointers = keepsPointers ? nil : TextPointers(text: "\(title ?? "") \(text)")
    }

    /// Nil if the question is kept.
    mutating func rejection(of question: String) -> QuestionRejection? {
        fault(of: question) ?? (seen.insert(QuestionFilter.normalised(question)).inserted ? nil : .duplicate)
    }

    /// Nil if the question would do on its own, whatever has been let through.
    func fault(of question: String) -> QuestionRejection? {
        guard QuestionMark.asks(question) else { return .notAQuestion }
        guard QuestionFilter.hasGoodLength(question) else { return .badLength }
        if pointers?.point(question) == true { return .aboutTheText }
        return namesSomething(question) ? nil : .namesNothing
    }

    /// Whether a question is neither cut nor a speech. Where no spaces part words, a character counts as a word of a short
    /// question and as a third of one in a long one.
    private static func hasGoodLength(_ question: String) -> Bool {
        let words = words(question)
        let characters = question.unicodeScalars.filter { Script.isUnspaced($0) && $0.isOfLetters }.count
        let spaced = words.count { !$0.unicodeScalars.contains(where: Script.isUnspaced) }
        guard spaced + characters / 3 <= wordCount.upperBound else { return false }
        if spaced + characters >= wordCount.lowerBound { return true }
        // A Korean syllable is two letters or three.
        let letters = question.unicodeScalars.reduce(0) { $0 + (Script.isHangul($1) ? 2 : $1.isOfLetters ? 1 : 0) }
        return spaced >= 2 && letters >= lettersOfFewWords
    }

    /// Whether a question says what it is about, as far as capitals show: where its own script has them, and in whatever form
    /// of a name its language asks for.
    func namesSomething(_ question: String) -> Bool {
        let letters = question.unicodeScalars.filter(\.isOfLetters)
        guard !names.isEmpty, 2 * letters.filter(Script.hasCapitals).count > letters.count else { return true }
        let words = QuestionFilter.words(question)
        // Elsewhere no rule on letters knows a name in another case, say Praha in Praze: a capital is all there is to see.
        let isStrict = EnglishWords.ask(question, inEnglishText: isEnglish)
        return words.enumerated().contains { place, word in
            if !isStrict, NameForms.isCapitalised(place > 0 ? word[...] : word.dropFirst()) { return true }
            guard place > 0 || !QuestionWords.isAsking(word) else { return false }
            return names.contains(word) || isFormOfName(word)
                || !isStrict && names.contains { $0.count > 2 && NameForms.mayBeOne(word, $0) }
        }
    }

    /// "Tarns" and "Tarnin" of Tarn, "Порта" of Порт: names of four letters and more with an ending, or with another one.
    private func isFormOfName(_ word: String) -> Bool {
        guard word.count >= 4, word.first?.isUppercase == true else { return false }
        return names.contains { name in
            guard name.count >= 4 else { return false }
            let shared = zip(word, name).prefix { $0 == $1 }.count
            return shared >= 4 && shared >= name.count - 2 && word.count - shared <= 5
        }
    }

    /// Case, punctuation and spacing aside.
    static func normalised(_ question: String) -> String {
        words(question).map { $0.lowercased() }.joined(separator: " ")
    }

    private static func words(_ text: String) -> [String] {
        text.foldedForComparison.split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }

    /// The title's words, and the words that are capitalised within a sentence of the text: a question must share one of
    /// them to stand on its own. A common word in nothing but capitals is shouted and names nothing. Empty for scripts without
    /// capitals, where the rule then does not apply.
    private static func names(title: String, text: String) -> Set<String> {
        let within = Sentences.split(text).flatMap { words($0.text).dropFirst() }
        let written = Set(within)
        func isShouted(_ word: String) -> Bool {
            let common = word.lowercased()
            return word.allSatisfy(\.isUppercase) && (written.contains(common) || AnswerMatch.isStopWord(common))
        }
        return Set((words(title) + within).filter { $0.first?.isUppercase == true && $0.count > 1 && !isShouted($0) })
    }
}
