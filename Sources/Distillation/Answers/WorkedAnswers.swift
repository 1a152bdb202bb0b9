// How a small model is shown to answer: worked examples stand as earlier turns of the conversation. Without them it often
// replies with something else out of the text; with them, in a full sentence that says what was asked. Knows words, not
// models.

import Store
import Tokenizers

enum WorkedAnswers {
    /// Example turns, then the question on a sentence of a titled document.
    static func messages(title: String, sentence: String, question: Question) -> [ChatMessage] {
        let examples = question.origin == .extracted ? finishedSentences : answeredQuestions
        return examples.flatMap { example in
            [
                ChatMessage(role: "user", content: asked(example.title, example.sentence, example.question)),
                ChatMessage(role: "assistant", content: example.answer),
            ]
        } + [ChatMessage(role: "user", content: asked(title, sentence, question.text))]
    }

    private static func asked(_ title: String, _ sentence: String, _ question: String) -> String {
        "\(title).\n\(sentence)\n\n---\n\n\(question)"
    }

    private static let answeredQuestions = [
        (
            title: "Tomas Veld",
            sentence: "Tomas Veld was born in Karsk and studied law before he opened a flower shop in 1902.",
            question: "Where was Tomas Veld born?", answer: "Tomas Veld was born in Karsk."
        ),
        (
            title: "The Arden Bridge", sentence: "It is 410 metres long and hangs from eight steel cables.",
            question: "How many cables hold up the Arden Bridge?",
            answer: "The Arden Bridge is held up by eight cables."
        ),
        (
            title: "The Lumo Lamp", sentence: "Its shade is folded from rice paper by a designer called Ines Gorm.",
            question: "What is the shade of the Lumo Lamp made of?",
            answer: "The shade of the Lumo Lamp is made of rice paper."
        ),
        (
            title: "Greta Ullmark", sentence: "She rode to school on a white camel named Biscuit.",
            question: "What was the name of Greta Ullmark's camel?", answer: "Greta Ullmark's camel was named Biscuit."
        ),
        (
            title: "The Oslin Prize",
            sentence: "The winner receives a silver ladder and 3,000 marks from the mayor of Oslin.",
            question: "Who hands over the Oslin Prize?", answer: "The mayor of Oslin hands over the Oslin Prize."
        ),
    ]

    /// A small model copies well what it is to finish, and badly what it is to put in other words.
    private static let finishedSentences = [
        (
            title: "The Lumo Lamp", sentence: "Its shade is folded from rice paper by a designer called Ines Gorm.",
            question: "Finish this sentence about the Lumo Lamp: Its shade is folded from ...",
            answer: "Its shade is folded from rice paper by a designer called Ines Gorm."
        ),
        (
            title: "Tomas Veld",
            sentence: "Tomas Veld was born in Karsk and studied law before he opened a flower shop in 1902.",
            question: "Finish this sentence about Tomas Veld: Tomas Veld was ...",
            answer: "Tomas Veld was born in Karsk and studied law before he opened a flower shop in 1902."
        ),
        (
            title: "The Oslin Prize",
            sentence: "The winner receives a silver ladder and 3,000 marks from the mayor of Oslin.",
            question: "Finish this sentence about the Oslin Prize: The winner receives a silver ladder and ...",
            answer: "The winner receives a silver ladder and 3,000 marks from the mayor of Oslin."
        ),
        (
            title: "Greta Ullmark", sentence: "She rode to school on a white camel named Biscuit.",
            question: "Finish this sentence about Greta Ullmark: She rode to ...",
            answer: "She rode to school on a white camel named Biscuit."
        ),
    ]
}
