// What a run trains on: the answers that its configuration chooses, or its documents themselves.

import Basics
import Distillation
import Foundation
import LanguageModels
import Lineage
import Store

extension RunContext {
    /// The samples without their instructions, and what names them and their order.
    package func samples(of answers: AnswerSet?) throws -> (key: ContentKey, data: TrainingData) {
        let objective = configuration.training.objective
        guard objective.needsAnswers else { return try chunks() }
        guard let answers else { throw PipelineError.missingStage(needed: .answers, run: .train) }
        let chosen = try chosenAnswers(of: answers)
        let distractors = try DistractorPrompts(
            store: store, model: model(), prompts: configuration.prompts, settings: configuration.training,
            seed: configuration.seed)
        let validation = try source(
            of: chosen.answers.validation, recipe: answers.recipe, distractors: distractors,
            hasTeacher: objective == .distillation)
        var training = validation
        training.answers = chosen.answers.training
        training.teacherSettings = isOnPolicy ? configuration.answers : nil
        return (
            distractors?.key(of: chosen.key) ?? chosen.key, TrainingData(training: training, validation: validation)
        )
    }

    /// Answers as samples.
    /// - Parameter hasTeacher: whether they have the teacher's states; else their tokens are to be learned.
    func source(
        of answers: [ContentKey], recipe: ContentKey, distractors: DistractorPrompts? = nil, hasTeacher: Bool = true
    ) throws -> AnswerSource {
        AnswerSource(
            answers, store: store, recipe: recipe, model: try model(), prompts: configuration.prompts,
            distractors: distractors, targets: hasTeacher ? folder.targets : nil)
    }

    /// A part of the answers, where the configuration asks for one: numbers of questions are nested within a selection, and not
    /// the other way about.
    private func chosenAnswers(of answers: AnswerSet) throws -> ChosenAnswers {
        var chosen = try ChosenAnswers(store: store, answers: answers, configuration: configuration)
        if configuration.selection.by != .none { try select(in: &chosen, of: answers) }
        if let most = configuration.training.questionsPerDocument {
            try chosen.train(onQuestionsPerDocument: most, seed: configuration.seed)
        }
        return chosen
    }

    private func chunks() throws -> (key: ContentKey, data: TrainingData) {
        let (settings, tokenizer) = (configuration.training, try model().tokenizer)
        let length = min(settings.chunkTokens, try model().decoder.configuration.maximumPositions)
        if length < settings.chunkTokens {
            tell(.notice("Chunks have \(length) tokens, fewer than training.chunkTokens: the model reads no more."))
        }
        let chunks = SampleSplit(
            try ChunkSource.chunks(
                of: store, tokenizer: tokenizer, length: length, overlap: min(settings.chunkOverlap, length - 1)),
            validationFraction: settings.validationFraction, seed: configuration.seed)
        let names = (chunks.training + chunks.validation).map(\.description)
        let data = TrainingData(
            training: ChunkSource(chunks.training, store: store, tokenizer: tokenizer),
            validation: ChunkSource(chunks.validation, store: store, tokenizer: tokenizer))
        return (ContentKey(of: "chunks", names.joined(separator: " ")), data)
    }
}
