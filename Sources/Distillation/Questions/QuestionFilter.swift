// Which of an expert's lines are questions worth asking. Knows text, not models.

import Foundation

/// Why a line is not kept; the raw values name the counts of a finished piece of work.
enum QuestionRejection: String, CaseIterable {
    case notAQuestion = "not_a_question"
    case badLength = "bad_length"
    case aboutTheText = "about_the_text"
    case namesNothing = "names_nothing"
    case duplicate = "duplicate"

    /// Whether the question would do if it named what it is about.
    var isOfContext: Bool { self == .aboutTheText || self == .namesNothing }
}

/// Judges the questions on one document, remembering those it has let through.
struct QuestionFilter {
    private let names: Set<String>
    private var seen: Set<String> = []
    private static let wordCount = 4...40
    /// Words with which a question speaks of the text instead of what the text is about, so that nobody without the text
    /// could answer it.
    private static let meta: Set<String> = [
        "passage", "sentence", "text", "article", "document", "title", "paragraph", "mentioned", "aforementioned",
        "excerpt", "above", "following",
    ]

    init(title: String?, text: String) {
        names = QuestionFilter.names(title: title ?? "", text: text)
    }

    /// Nil if the question is kept.
    mutating func rejection(of question: String) -> QuestionRejection? {
        fault(of: question) ?? (seen.insert(QuestionFilter.normalised(question)).inserted ? nil : .duplicate)
    }

    /// Nil if the question would do on its own, whatever has been let through.
    func fault(of question: String) -> QuestionRejection? {
        guard question.hasSuffix("?") || question.hasSuffix("？"), question.filter({ $0 == "?" }).count <= 1 else {
            return .notAQuestion
        }
        let words = QuestionFilter.words(question)
        guard QuestionFilter.wordCount.contains(words.count) || question.contains("？") else { return .badLength }
        if words.contains(where: { QuestionFilter.meta.contains($0.lowercased()) }) { return .aboutTheText }
        return namesSomething(question) ? nil : .namesNothing
    }

    /// Whether a question says what it is about, as far as capitals show.
    func namesSomething(_ question: String) -> Bool {
        names.isEmpty || QuestionFilter.words(question).dropFirst().contains(where: names.contains)
    }

    /// Case, punctuation and spacing aside.
    static func normalised(_ question: String) -> String {
        words(question).map { $0.lowercased() }.joined(separator: " ")
    }

    private static func words(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber) }.map(String.init)
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
