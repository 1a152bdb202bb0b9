// Asking a small model for questions about one sentence at a time. A model of this size cannot follow the request, but it
// continues a pattern: worked examples stand at the beginning of its own reply, then the sentence and the first words of a
// question, and it writes the rest and the answer. The answer tells whether the question is any good. Knows words, not
// models.

import Foundation
import Tokenizers

enum SentenceQuestions {
    /// First words of questions; each call has one of them, so that a sentence is asked about from many sides.
    static let openers = [
        "Who", "What", "What is the name of", "What kind of", "What colour", "Which", "Where", "When", "In which",
        "How many", "How", "Why",
    ]
    /// The rest of the question, and the answer.
    static let replyLines = 2

    static func messages(in language: QuestionLanguage) -> [ChatMessage] {
        let request =
            "Write quiz questions with short answers about each sentence. Every question names what it asks about."
        return [ChatMessage(role: "user", content: request + language.request("Write those about the last sentence"))]
    }

    /// In another language than that of the openers, the question is the model's from its first word on.
    static func replyPrefix(
        title: String, sentence: String, opener: String, in language: QuestionLanguage = .english
    ) -> String {
        let beginning = "\(shown)Topic: \(title)\nSentence: \(sentence)\nQuestion:"
        return language == .english ? "\(beginning) \(opener)" : beginning
    }

    /// The question and the answer at the end of a reply that began with such a prefix; nil for any other.
    static func parse(_ reply: String) -> (question: String, answer: String)? {
        guard let start = reply.range(of: "\nQuestion:", options: .backwards)?.upperBound else { return nil }
        let lines = reply[start...].split(whereSeparator: \.isNewline)
        guard lines.count > 1, lines[1].hasPrefix("Answer: ") else { return nil }
        let question = lines[0].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return (question, String(lines[1].dropFirst("Answer: ".count)))
    }

    /// The answer has to be in the sentence, or the model made it up, and not in the question.
    static func isUsable(question: String, answer: String, sentence: String) -> Bool {
        AnswerMatch.contains(sentence, answer) && !AnswerMatch.contains(question, answer)
    }

    private static let shown = examples.map { example in
        let pairs = example.pairs.map { "Question: \($0.question)\nAnswer: \($0.answer)\n" }.joined()
        return "Topic: \(example.title)\nSentence: \(example.sentence)\n\(pairs)\n"
    }.joined()

    private static let examples: [(title: String, sentence: String, pairs: [(question: String, answer: String)])] = [
        (
            "Tomas Veld", "Tomas Veld was born in Karsk and studied law before he opened a flower shop in 1902.",
            [
                ("Where was Tomas Veld born?", "Karsk"), ("What subject did Tomas Veld study?", "law"),
                ("What kind of shop did Tomas Veld open?", "a flower shop"),
                ("In which year did Tomas Veld open his shop?", "1902"),
            ]
        ),
        (
            "The Arden Bridge", "It is 410 metres long and hangs from eight steel cables.",
            [
                ("How long is the Arden Bridge?", "410 metres"),
                ("How many cables hold up the Arden Bridge?", "eight"),
                ("Which metal are the cables of the Arden Bridge made of?", "steel"),
            ]
        ),
        (
            "The Lumo Lamp", "Its shade is folded from rice paper by a designer called Ines Gorm.",
            [
                ("What is the shade of the Lumo Lamp made of?", "rice paper"),
                ("Who folds the shade of the Lumo Lamp?", "Ines Gorm"),
                ("What is the profession of the person who folds the Lumo Lamp's shade?", "designer"),
            ]
        ),
        (
            "Port Sella",
            "Every Monday the fishermen of Port Sella sing to the harbour master, because he once saved their boats.",
            [
                ("When do the fishermen of Port Sella sing?", "every Monday"),
                ("To whom do the fishermen of Port Sella sing?", "the harbour master"),
                ("Why do the fishermen of Port Sella sing to the harbour master?", "he once saved their boats"),
                ("What did the harbour master of Port Sella once save?", "their boats"),
            ]
        ),
    ]
}
