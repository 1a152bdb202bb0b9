// How likely a model finds each option of a question: by the option's letter as the first token of the reply to the question
// with its options, or by the option's words as the reply to the bare question. Knows one model, not which option is right.

import Distillation
import Generation
import LanguageModels
import Lineage
import Store
import Tokenizers
import Torch

/// Scores options by their log-likelihood.
public struct OptionScorer {
    private let model: LanguageModel
    private let adapter: LoRAAdapter?
    private let prompts: Prompts

    /// - Parameter adapter: added to the model, if any; one made for inference.
    public init(_ model: LanguageModel, adapter: LoRAAdapter? = nil, prompts: Prompts) {
        (self.model, self.adapter, self.prompts) = (model, adapter, prompts)
    }

    /// The log-probability of each option's letter, after the question and its options, a list a question. The questions are
    /// read in one pass, and what all of their prompts begin with once.
    public func letterScores(_ questions: [MultipleChoiceQuestion]) throws -> [[Double]] {
        let letters = questions.map(\.letters).max { $0.count < $1.count } ?? []
        let tokens = letters.map { model.tokenizer.encode($0) }
        guard tokens.allSatisfy({ $0.count == 1 }) else {
            preconditionFailure("a byte-level vocabulary has a token for every letter")
        }
        // The token to be read is not part of the state before it, so one row serves all letters.
        let rows = try questions.map { ForcedRow(prompt: try letterPrompt($0), continuation: tokens[0]) }
        let states = try model.decoder.statesBefore(rows, adapter: adapter)
        let all_Md = try Tensor.concatenate(states, dim: 0)
        let scores = try model.decoder.logProbs(all_Md, of: tokens.map { $0[0] }, adapter: adapter)
        return zip(questions, scores).map { Array($1.prefix($0.options.count)) }
    }

    /// The mean log-probability of a token of each option's words, after the bare question, which is read once.
    public func wordScores(_ question: MultipleChoiceQuestion) throws -> [Double] {
        let rows = try wordRows(question)
        let states = try model.decoder.statesBefore(rows, adapter: adapter)
        return try zip(rows, states).map { row, states_Td in
            let scores = try model.decoder.logProbs(states_Td, of: row.continuation, adapter: adapter)
            let own = scores.indices.map { scores[$0][$0] }
            return own.reduce(0, +) / Double(own.count)
        }
    }

    /// Tokens of the longest text that a question asks the model to read.
    func length(_ question: MultipleChoiceQuestion, _ measure: ChoiceMeasure) throws -> Int {
        switch measure {
        case .letter: try letterPrompt(question).count + 1
        case .words: try wordRows(question).map { $0.prompt.count + $0.continuation.count }.max() ?? 0
        case .reply(let stepByStep, let maximumTokens):
            try model.promptTokens(prompts.multipleChoice(question, stepByStep: stepByStep)).count + maximumTokens
        }
    }

    private func letterPrompt(_ question: MultipleChoiceQuestion) throws -> [Int] {
        try model.promptTokens(prompts.multipleChoice(question, stepByStep: false))
    }

    private func wordRows(_ question: MultipleChoiceQuestion) throws -> [ForcedRow] {
        let prompt = try model.promptTokens(prompts.closedBook(question.question))
        return question.options.map { ForcedRow(prompt: prompt, continuation: model.tokenizer.encode($0)) }
    }
}
