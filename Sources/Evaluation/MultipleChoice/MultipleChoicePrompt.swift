// What a model is told of a multiple-choice question. Knows no model.

import Distillation
import Store
import Tokenizers

extension MultipleChoiceQuestion {
    /// The question with its options, one a line under its letter.
    var listing: String {
        let lines = zip(letters, options).map { "\($0). \($1)" }
        return "\(question)\n\n\(lines.joined(separator: "\n"))"
    }
}

extension Prompts {
    /// Asks for the letter of the right option.
    /// - Parameter stepByStep: whether the model is to think aloud first.
    package func multipleChoice(_ question: MultipleChoiceQuestion, stepByStep: Bool) -> [ChatMessage] {
        let wish =
            stepByStep
            ? "Think step by step. Then end with a line that says \"Answer:\" and the letter of the right option."
            : "Reply with the letter of the right option and nothing else."
        let text = "Only one of the options after this question is right.\n\n\(question.listing)\n\n\(wish)"
        return conversation([ChatMessage(role: "user", content: text)])
    }
}
