// Scores the options of multiple-choice questions, for a reference implementation to compare with.

import Distillation
import Evaluation
import Foundation
import LanguageModels
import Store
import Tokenizers
import Torch

/// `multiple-choice MODEL QUESTIONS [ADAPTER]`: reads a file of questions and prints a JSON object a question with its
/// `options`, `answer`, the log-likelihoods of their letters after `prompt` and the mean ones of their words after `bare`.
enum MultipleChoiceProbe {
    private struct Line: Encodable {
        let options: [String]
        let answer: Int
        let prompt: [ChatMessage]
        let bare: [ChatMessage]
        let letters: [Double]
        let words: [Double]
    }

    static func run(arguments: [String]) throws {
        guard arguments.count >= 2 else { throw Usage() }
        let model = try LanguageModel(path: arguments[0], dtype: .float32)
        let questions = try MultipleChoiceFile(URL(fileURLWithPath: arguments[1])).questions
        let adapter = try arguments.dropFirst(2).first.map {
            try LoRAAdapter(directory: URL(fileURLWithPath: $0), base: model)
        }
        let prompts = Prompts(systemMessage: "You are a careful examiner's pupil.")
        let scorer = OptionScorer(model, adapter: adapter, prompts: prompts)
        let letters = try scorer.letterScores(questions)
        let encoder = JSONEncoder()
        for (question, letters) in zip(questions, letters) {
            let line = Line(
                options: question.options, answer: question.answer,
                prompt: prompts.multipleChoice(question, stepByStep: false),
                bare: prompts.closedBook(question.question), letters: letters,
                words: try scorer.wordScores(question))
            print(String(decoding: try encoder.encode(line), as: UTF8.self))
        }
    }

    struct Usage: Error, CustomStringConvertible {
        var description: String { "usage: multiple-choice MODEL QUESTIONS.jsonl [ADAPTER]" }
    }
}
