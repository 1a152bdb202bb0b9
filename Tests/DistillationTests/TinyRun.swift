// A store with questions on its documents, an answer to each, and the teacher's states in a shard, in a folder that goes with
// the value.

import Basics
import Foundation
import LanguageModels
import Lineage
import Store
import TestSupport
import Torch

@testable import Distillation

struct TinyRun {
    let files: TinyModelFolder
    let store: RunStore
    let documents: [Document]
    let questions: [Question]
    let answers: [Answer]
    /// Of all answers in their order.
    let states_Td: [Tensor]
    let recipe: ContentKey

    static let width = 4

    /// - Parameters:
    ///   - texts: a document each; one question on each, the last of which needs the first document too.
    ///   - answerTokens: of the answer to each.
    init(_ texts: [String], answerTokens: Int = 3) throws {
        let files = try TinyModelFolder()
        self.files = files
        store = try RunStore(directory: files.folder.appending(path: "run"))
        let documents = texts.map { Document(name: $0, title: nil, text: $0, source: $0) }
        _ = try store.replaceDocuments(documents)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "1"), stage: .answers)
        questions = documents.enumerated().map { index, document in
            Question(
                document: document.id, recipe: recipe, position: index, text: "What of \(index)?",
                anchor: Question.Anchor(index: 0, text: document.text),
                secondDocument: index > 0 && index == documents.count - 1 ? documents[0].id : nil)
        }
        answers = questions.enumerated().map { index, question in
            Answer(
                question: question.id, recipe: recipe, tokens: (0..<answerTokens).map { Int32(65 + index + $0) },
                text: "A", isFinished: true, seed: 1)
        }
        states_Td = try answers.indices.map { try Tensor.randn([answerTokens, Self.width], seed: UInt64($0)) }
        (self.documents, self.recipe) = (documents, recipe)
        try FileManager.default.createDirectory(at: targets, withIntermediateDirectories: true)
        let starts = try TargetShard.write(states_Td, to: targets.appending(path: "shard"))
        try store.finishUnit(
            UnitOfWork(recipe: recipe, key: "a"), questions: questions, answers: answers,
            targets: zip(answers, starts).map { answer, row in
                TeacherTarget(
                    answer: answer.id, recipe: recipe, place: .init(shard: "shard", row: row, count: answerTokens))
            })
    }

    var targets: URL { files.folder.appending(path: "targets") }

    func model() throws -> LanguageModel { try LanguageModel(path: files.model.path, dtype: .float32) }
}
