// Asking a capable model for five questions about a passage at a time (paper, Appendix A). Knows words, not models.

import Foundation
import Tokenizers

enum PassageQuestions {
    static let perCall = 5

    static func messages(passage: String, in language: QuestionLanguage) -> [ChatMessage] {
        [ChatMessage(role: "user", content: "\(passage)\n\n\(request(in: language))")]
    }

    /// Everything in <question> tags. One that a question mentions begins none: that does a tag with no word between it and
    /// the line's beginning or the tag before that ended a question, and any other where none is open.
    static func parse(_ reply: String) -> [String] {
        var questions: [String] = []
        var open: (start: String.Index, isSure: Bool)?
        var closed = reply.startIndex
        for tag in reply.matches(of: /<\/?question>/).map(\.range) {
            if reply[tag].hasPrefix("</") {
                if let start = open?.start {
                    questions.append(
                        reply[start..<tag.lowerBound].split(whereSeparator: \.isWhitespace).joined(separator: " "))
                }
                (open, closed) = (nil, tag.upperBound)
            } else {
                let before = reply[closed..<tag.lowerBound].reversed().prefix { !$0.isNewline }
                let isSure = !before.contains { $0.isLetter || $0 == "`" }
                if isSure || open?.isSure != true { open = (tag.upperBound, isSure) }
            }
        }
        return questions.filter { !$0.isEmpty }
    }

    private static func request(in language: QuestionLanguage) -> String {
        """
        Write five challenging trivia questions about the passage above. Somebody who has read the passage, but does not \
        have it at hand, should be able to answer them. No multiple choice. Each question has to be understandable on its \
        own: name the people, places and things it is about instead of referring to the passage.\(language.request())

        Put each question in a tag of its own and write nothing else, like these general examples:

        <question>Which metal is liquid at room temperature and was once used in thermometers?</question>
        <question>In which city did the first modern Olympic Games take place in 1896?</question>
        <question>Why do the leaves of many trees turn red or yellow in autumn?</question>
        <question>Who painted the ceiling of the Sistine Chapel, and how many years did the work take?</question>
        <question>What do bees make from the nectar that they collect?</question>
        """
    }
}
