// Options are scored as the same text is when it is read by itself; figures follow from the choices.

import Basics
import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import Evaluation

@Suite struct MultipleChoiceTests {
    private let questions = [
        MultipleChoiceQuestion(
            category: "s", question: "Which is first?", options: ["one", "two", "three"], answer: 0),
        MultipleChoiceQuestion(
            category: "t", question: "Which of these is the last?", options: ["no", "yes"], answer: 1),
    ]
    private let prompts = Prompts(systemMessage: "Be brief.")

    /// log softmax in float64 of the logits after each prefix of one sequence, read alone.
    private func logProb(_ model: LanguageModel, _ tokens: [Int], _ next: Int) throws -> Double {
        let layout = try PackedSequences(lengths: [tokens.count], for: model.decoder)
        let logits: [Float] = try noGrad {
            let states = try model.decoder.hiddenStates(
                Tensor(tokens), positions_N: layout.positions_N, attention: layout)
            return try model.decoder.logits(states.narrow(0, start: tokens.count - 1, length: 1)).values()
        }
        return Double(logits[next]) - log(logits.reduce(0.0) { $0 + exp(Double($1)) })
    }

    @Test func scoresAreThoseOfTextReadAlone() throws {
        let folder = try TinyModelFolder(seed: 3)
        let model = try LanguageModel(path: folder.model.path, dtype: .float32)
        let scorer = OptionScorer(model, prompts: prompts)
        let letters = try scorer.letterScores(questions)
        #expect(letters.map(\.count) == [3, 2])
        for (question, scores) in zip(questions, letters) {
            let prompt = try model.promptTokens(prompts.multipleChoice(question, stepByStep: false))
            for (letter, score) in zip(question.letters, scores) {
                let token = try #require(model.tokenizer.encode(letter).first)
                #expect(abs(try logProb(model, prompt, token) - score) < 1e-4)
            }
        }
        let question = questions[0]
        let bare = try model.promptTokens(prompts.closedBook(question.question))
        for (option, score) in zip(question.options, try scorer.wordScores(question)) {
            let own = model.tokenizer.encode(option)
            let sum = try own.indices.reduce(0) { try $0 + logProb(model, bare + own.prefix($1), own[$1]) }
            #expect(abs(sum / Double(own.count) - score) < 1e-4)
        }
    }

    @Test func theAdaptersHeadIsPartOfTheLikelihood() throws {
        let folder = try TinyModelFolder(seed: 3)
        let model = try LanguageModel(path: folder.model.path, dtype: .float32)
        let configuration = LoRAConfiguration(rank: 2, alpha: 8, targets: [.head])
        let adapter = try LoRAAdapter(configuration, for: model.decoder.configuration, seed: 5)
        let pair = try #require(adapter.head)
        try pair.b_OR.addInPlace(Tensor.randn(pair.b_OR.shape, seed: 6))
        let states_Md = try Tensor.randn([3, model.decoder.configuration.hiddenSize], seed: 7)
        let logits: [Float] = try noGrad { try model.decoder.logits(states_Md, adapter: adapter).values() }
        let tokens = [0, 65, 257]
        let scores = try model.decoder.logProbs(states_Md, of: tokens, adapter: adapter)
        let size = TinyModel.vocabularySize
        for row in 0..<3 {
            let own = logits[(row * size)..<((row + 1) * size)].map(Double.init)
            let logSum = log(own.reduce(0) { $0 + exp($1) })
            for (token, score) in zip(tokens, scores[row]) { #expect(abs(own[token] - logSum - score) < 1e-4) }
        }
        #expect(try model.decoder.logProbs(states_Md, of: tokens) != scores)
    }

    @Test func batchesHoldNoMoreTextThanTheyMay() {
        func question(_ length: Int, _ number: Int) -> MultipleChoiceQuestion {
            MultipleChoiceQuestion(
                category: "s", question: String(repeating: "x", count: length) + "\(number)", options: ["a", "b"],
                answer: 0)
        }
        let short = (0..<10).map { question(100, $0) }
        #expect(MultipleChoiceExaminer.batches(short, size: 4).map(\.count) == [4, 4, 2])
        #expect(MultipleChoiceExaminer.batches(short, size: 99).map(\.count) == [10])
        let long = short + (0..<5).map { question(30_000, $0) }
        #expect(MultipleChoiceExaminer.batches(long, size: 99).map(\.count) == [10, 2, 2, 1])
        #expect(MultipleChoiceExaminer.batches([], size: 4).isEmpty)
    }

    @Test func figuresFollowFromTheChoices() throws {
        let many = (0..<6).map { number in
            MultipleChoiceQuestion(
                category: number < 2 ? "s" : "t", question: "\(number)?", options: ["a", "b"], answer: 1)
        }
        let recipe = ContentKey(of: "recipe")
        func choices(_ options: [Int?]) -> [ContentKey: Choice] {
            Dictionary(zip(many, options).map { ($0.id, Choice(question: $0.id, recipe: recipe, option: $1)) }) { $1 }
        }
        let measure = Forgetting.Measure(
            .letter, many, base: choices([1, 1, 0, 1, 1, nil]), distilled: choices([1, 0, 1, 0, nil, nil]))
        #expect(measure.all.base.correct == 4 && measure.all.base.total == 6 && measure.all.base.unparsed == 1)
        #expect(measure.all.distilled?.correct == 2 && measure.all.distilled?.unparsed == 2)
        #expect(measure.all.change?.lost == 3 && measure.all.change?.gained == 1)
        #expect(measure.categories.map(\.category) == ["s", "t"])
        #expect(measure.categories.map(\.base.accuracy) == [1, 0.5])
        #expect(measure.baseMean == 0.75 && measure.distilledMean == 0.375)
        let alone = Forgetting.Measure(.letter, many, base: choices([1]), distilled: nil)
        #expect(alone.all.change == nil && alone.distilledMean == nil)
    }
}
