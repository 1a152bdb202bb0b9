// The answers of a run as training samples: which are trained on, which are kept for validation, and how one is read when
// its turn comes. Sixteen bytes a sample stay in memory; words, tokens and teacher states are read a batch at a time.

import Distillation
import Foundation
import Generation
import LanguageModels
import Store
import Torch

struct TrainingData {
    private let store: RunStore
    /// The answers and their targets share a recipe.
    private let recipe: ContentKey
    /// Answers to train on, then those for validation.
    private let answers: [ContentKey]
    private let validation: Int
    /// Names the samples and their order.
    let key: ContentKey

    init(store: RunStore, answers set: AnswerSet, configuration: RunConfiguration) throws {
        self.store = store
        recipe = set.recipe
        var answers: [ContentKey] = []
        answers.reserveCapacity(set.count)
        let settings = configuration.questions
        let leaks = settings.dropsLeaks ? try store.leaks(of: set.questions, settings) : []
        try store.trainingKeys(recipe: recipe, teacher: recipe, without: leaks).forEach { answers.append($0) }
        // A fixed shuffle, so that validation questions are spread over the documents.
        var random = SplitMix64(seed: configuration.seed)
        answers.shuffle(using: &random)
        self.answers = answers
        let wanted = Int((configuration.training.validationFraction * Double(answers.count)).rounded())
        validation = min(wanted, max(0, answers.count - 1))
        key = ContentKey(of: "training data", keys: answers)
    }

    /// - Parameter targets: where the teacher's states are; nil where the answers' tokens are to be learned.
    func source(model: LanguageModel, prompts: Prompts, targets: URL?) -> SampleSource {
        SampleSource(training: answers.count - validation, validation: validation) { indices in
            let chosen = try self.store.trainingAnswers(indices.map { self.answers[$0] }, teacher: self.recipe)
            guard chosen.count == indices.count else { throw TrainingError.noSamples }
            return try chosen.map { row in
                TrainingSample(
                    name: row.answer.description, prompt: try model.promptTokens(prompts.closedBook(row.question)),
                    answer: row.tokens.map(Int.init),
                    teacher_Td: try targets.map { try Self.states(row.target, in: $0) })
            }
        }
    }

    /// The teacher's states before an answer's tokens. A shard is mapped, so opening it costs no reading, and it stays mapped
    /// for as long as the sample lives.
    private static func states(_ place: TeacherTarget.Place, in targets: URL) throws -> Tensor {
        let shard_Td = try TargetShard.open(targets.appending(path: place.shard))
        return try shard_Td.narrow(0, start: place.row, length: place.count)
    }
}
