// The answers of a run as training samples: which are trained on, which are kept for validation, and how one is read when
// its turn comes. Sixteen bytes a sample stay in memory; words, tokens and teacher states are read a batch at a time.

import Basics
import Distillation
import Foundation
import LanguageModels
import Lineage
import Store
import Torch

struct TrainingData {
    private let store: RunStore
    /// The answers and their targets share a recipe.
    private let recipe: ContentKey
    private(set) var answers: SampleSplit<ContentKey>

    /// All answers of a set.
    init(store: RunStore, answers set: AnswerSet, configuration: RunConfiguration) throws {
        self.store = store
        recipe = set.recipe
        var answers: [ContentKey] = []
        answers.reserveCapacity(set.count)
        let settings = configuration.questions
        let leaks = settings.dropsLeaks ? try store.leaks(of: set.questions, settings) : []
        try store.trainingKeys(recipe: recipe, teacher: recipe, without: leaks).forEach { answers.append($0) }
        self.answers = SampleSplit(
            answers, validationFraction: configuration.training.validationFraction, seed: configuration.seed)
    }

    /// Names the samples and their order.
    var key: ContentKey { ContentKey(of: "training data", keys: answers.training + answers.validation) }

    /// Trains on the answers to at most so many questions of each document.
    ///
    /// A hash of the seed and the question alone ranks a document's questions, so that those for a number are among those for
    /// any larger one. They are chosen among what is left for training once validation has its share of all answers, and not
    /// the other way about: else a sample that one number keeps for validation would be trained on under another.
    mutating func train(onQuestionsPerDocument most: Int, seed: UInt64) throws {
        var questions: [ContentKey: Set<ContentKey>] = [:]
        let subjects = try answers.training.inPages.flatMap(store.subjects)
        for subject in subjects { questions[subject.document, default: []].insert(subject.question) }
        var chosen: Set<ContentKey> = []
        for ofDocument in questions.values {
            let ranked = ofDocument.map { (rank: $0.seed(run: seed), question: $0) }
                .sorted { ($0.rank, $0.question) < ($1.rank, $1.question) }
            chosen.formUnion(ranked.prefix(most).map(\.question))
        }
        let kept = Set(zip(answers.training, subjects).filter { chosen.contains($1.question) }.map(\.0))
        answers.train(onlyOn: kept.contains)
    }

    /// Trains on the answers whose rank by a measure lies in a range; of answers that measure the same, the one with the smaller
    /// key comes first. As above, validation keeps its share of all answers.
    /// - Returns: the measures of all answers that might have been trained on.
    mutating func train(on selection: SelectionSettings, measured recipe: ContentKey) throws -> [AnswerMeasure] {
        let measures = try answers.training.inPages.flatMap { try store.measures(of: $0, recipe: recipe) }
        let ranked = measures.map { (value: $0.value(selection.by), answer: $0.answer) }
            .sorted { ($0.value, $0.answer) < ($1.value, $1.answer) }
        let kept = Set(ranked[selection.places(of: ranked.count)].map(\.answer))
        answers.train(onlyOn: kept.contains)
        return measures
    }

    /// - Parameters:
    ///   - distractors: make the student's prompts; nil where it sees the bare question.
    ///   - targets: where the teacher's states are; nil where the answers' tokens are to be learned.
    func source(
        model: LanguageModel, prompts: Prompts, distractors: DistractorPrompts?, targets: URL?
    ) -> SampleSource {
        SampleSource(training: answers.training.count, validation: answers.validation.count) { indices in
            try self.samples(
                indices.map { self.answers[$0] }, model: model, prompts: prompts, distractors: distractors,
                targets: targets)
        }
    }

    /// Answers as samples.
    func samples(
        _ keys: [ContentKey], model: LanguageModel, prompts: Prompts, distractors: DistractorPrompts?, targets: URL?
    ) throws -> [TrainingSample] {
        let chosen = try store.trainingAnswers(keys, teacher: recipe)
        guard chosen.count == keys.count else { throw TrainingError.noSamples }
        return try chosen.map { row in
            TrainingSample(
                name: row.answer.description,
                prompt: try distractors?.prompt(of: row) ?? model.promptTokens(prompts.closedBook(row.question)),
                answer: row.tokens.map(Int.init),
                teacher_Td: try targets.map { try Self.states(row.target, in: $0) })
        }
    }

    /// The teacher's states before an answer's tokens. A shard is mapped, so opening it costs no reading, and it stays mapped
    /// for as long as the sample lives.
    private static func states(_ place: TeacherTarget.Place, in targets: URL) throws -> Tensor {
        let shard_Td = try TargetShard.open(targets.appending(path: place.shard))
        return try shard_Td.narrow(0, start: place.row, length: place.count)
    }
}

extension AnswerMeasure {
    /// The figure that ranks it.
    func value(_ measure: SelectionSettings.Measure) -> Double {
        switch measure {
        case .none: 0
        case .initialKL: initialKL
        case .teacherEntropy: teacherEntropy
        }
    }
}

extension [ContentKey] {
    /// The keys in as many pieces as the store is asked in.
    fileprivate var inPages: [[ContentKey]] {
        stride(from: 0, to: count, by: 1024).map { Array(self[$0..<Swift.min($0 + 1024, count)]) }
    }
}
