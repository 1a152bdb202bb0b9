// Answers as training samples: sixteen bytes each stay in memory; words, tokens and the teacher's states are read a batch at a
// time. Knows the store and the shards, not which answers are chosen.

import Basics
import Foundation
import LanguageModels
import Lineage
import Store
import Tokenizers

/// A run's answers with their questions, and as far as they are asked for with the teacher's states and its prompts.
public struct AnswerSource: BatchSource {
    /// What is read, by place.
    public var answers: [ContentKey]
    /// How the teacher was asked, where samples carry its prompts; nil where they do not.
    public var teacherSettings: AnswerSettings?
    private let store: RunStore
    private let recipe: ContentKey
    private let model: LanguageModel
    private let prompts: Prompts
    private let distractors: DistractorPrompts?
    private let targets: URL?

    /// - Parameters:
    ///   - recipe: the answers' and their targets'.
    ///   - model: the student's base, whose tokens the prompts become.
    ///   - distractors: make the student's prompts; nil where it sees the bare question.
    ///   - targets: the folder of the teacher's states; nil where the answers' tokens are to be learned.
    public init(
        _ answers: [ContentKey], store: RunStore, recipe: ContentKey, model: LanguageModel, prompts: Prompts,
        distractors: DistractorPrompts? = nil, targets: URL?
    ) {
        (self.answers, self.store, self.recipe, self.model) = (answers, store, recipe, model)
        (self.prompts, self.distractors, self.targets) = (prompts, distractors, targets)
    }

    public var count: Int { answers.count }

    /// The answers at some places; the step and the student change nothing.
    public func samples(at places: [Int], step: Int, student: LoRAAdapter?) throws -> [TrainingSample] {
        let keys = places.map { answers[$0] }
        let rows = try store.trainingAnswers(keys, teacher: recipe)
        guard rows.count == keys.count else {
            throw TrainingError.missingRows(.answer, of: keys, found: rows.map(\.answer))
        }
        let teacherPrompts = try teacherSettings.map { try self.teacherPrompts(rows, $0) }
        return try rows.enumerated().map { index, row in
            TrainingSample(
                .answer(row.answer),
                prompt: try distractors?.prompt(of: row) ?? model.promptTokens(prompts.closedBook(row.question)),
                answer: row.tokens.map(Int.init),
                teacher_Td: try targets.map { try TargetShard.states(at: row.target, in: $0) },
                teacherPrompt: teacherPrompts?[index])
        }
    }

    /// What the teacher was asked when it gave each answer.
    private func teacherPrompts(_ rows: [TrainingAnswer], _ settings: AnswerSettings) throws -> [[ChatMessage]] {
        let asked = try store.subjects(of: rows.map(\.answer)).map(\.question)
        let questions = try store.questions(ids: asked)
        guard questions.count == rows.count else {
            throw TrainingError.missingRows(.question, of: asked, found: questions.map(\.id))
        }
        return try zip(rows, questions).map { row, question in
            prompts.teacher(
                question, on: try store.trainingDocument(row.document),
                and: try row.secondDocument.map(store.trainingDocument), settings)
        }
    }
}

extension RunStore {
    /// A document that a sample is made of.
    func trainingDocument(_ id: ContentKey) throws -> Document {
        guard let document = try document(id) else { throw TrainingError.missing(.document, [id]) }
        return document
    }
}
