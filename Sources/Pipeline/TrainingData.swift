// The answers of a run as training samples: which are trained on, which are kept for validation, and how one is read when
// its turn comes. Light rows stay in memory; tokens and teacher states are read a batch at a time.

import Distillation
import Foundation
import Generation
import LanguageModels
import Store
import Torch

struct TrainingData {
    private let store: RunStore
    /// Samples to train on, then those for validation.
    private let rows: [TrainingAnswer]
    private let validation: Int
    /// Names the samples and their order.
    let key: ContentKey

    init(store: RunStore, answers: AnswerSet, configuration: RunConfiguration) throws {
        self.store = store
        var rows: [TrainingAnswer] = []
        try store.trainingAnswers(recipe: answers.recipe, teacher: answers.recipe).forEach { row in
            if row.target != nil { rows.append(row) }
        }
        // A fixed shuffle, so that validation questions are spread over the documents.
        var random = SplitMix64(seed: configuration.seed)
        rows.shuffle(using: &random)
        self.rows = rows
        let wanted = Int((configuration.training.validationFraction * Double(rows.count)).rounded())
        validation = min(wanted, max(0, rows.count - 1))
        key = ContentKey(of: "training data", rows.map(\.answer.description).joined(separator: " "))
    }

    func source(model: LanguageModel, prompts: Prompts, targets: URL) -> SampleSource {
        SampleSource(training: rows.count - validation, validation: validation) { indices in
            let chosen = indices.map { self.rows[$0] }
            let answers = try self.store.answers(ids: chosen.map(\.answer))
            let questions = try self.store.questions(ids: chosen.map(\.question))
            guard answers.count == chosen.count else { throw TrainingError.noSamples }
            let texts = Dictionary(questions.map { ($0.id, $0.text) }) { first, _ in first }
            return try zip(chosen, answers).map { row, answer in
                TrainingSample(
                    name: answer.id.description,
                    prompt: try model.promptTokens(prompts.closedBook(texts[row.question] ?? "")),
                    answer: answer.tokens.map(Int.init), teacher_Td: try self.states(row, in: targets))
            }
        }
    }

    /// The teacher's states before a row's answer tokens. A shard is mapped, so opening it costs no reading.
    private func states(_ row: TrainingAnswer, in targets: URL) throws -> Tensor {
        guard let place = row.target else { throw TrainingError.noSamples }
        let shard_Td = try TargetShard.open(targets.appending(path: place.shard))
        return try shard_Td.narrow(0, start: place.row, length: place.count)
    }
}
