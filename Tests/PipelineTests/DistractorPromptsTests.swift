// The student's prompts in training with distractors: which documents stand in them, how often the question's own is missing,
// and that the seed and the answer decide it.

import Basics
import Distillation
import Foundation
import LanguageModels
import Lineage
import Store
import TestSupport
import Testing
import Torch

@testable import Pipeline

@Suite struct DistractorPromptsTests {
    private let documents = (0..<20).map { ContentKey(of: "document", "\($0)") }

    private func choose(_ seed: UInt64, own: Int = 1, among count: Int = 20, omission: Double = 0.4) -> (
        distractors: [ContentKey], order: [ContentKey]
    ) {
        DistractorPrompts.choose(
            from: Array(documents.prefix(count)), own: Array(documents.prefix(own)), distractors: 2,
            omission: omission, seed: seed)
    }

    @Test func theOwnDocumentIsMissingAsOftenAsAsked() {
        let drawn = (0..<2000).map { choose(UInt64($0)).order }
        let without = drawn.count { !$0.contains(documents[0]) }
        // Four standard deviations of a binomial with 2000 draws are 0.044.
        #expect(abs(Double(without) / 2000 - 0.4) < 0.044)
        #expect(drawn.allSatisfy { $0.count == ($0.contains(documents[0]) ? 3 : 2) && Set($0).count == $0.count })
        let places = drawn.compactMap { $0.firstIndex(of: documents[0]) }
        for place in 0..<3 {
            let share = Double(places.count { $0 == place }) / Double(places.count)
            #expect((0.27...0.4).contains(share))
        }
        #expect(Set(drawn.flatMap { $0 }).count == 20)
    }

    @Test func theSeedDecides() {
        #expect(choose(5).order == choose(5).order)
        #expect((0..<20).contains { choose(UInt64($0)).order != choose(UInt64($0) + 100).order })
        #expect((0..<50).allSatisfy { choose(UInt64($0), omission: 0).order.contains(documents[0]) })
        #expect((0..<50).allSatisfy { !choose(UInt64($0), omission: 1).order.contains(documents[0]) })
    }

    @Test func aSmallCorpusGivesWhatItHas() {
        #expect(choose(1, among: 2, omission: 0).order.sorted() == documents.prefix(2).sorted())
        #expect(choose(1, own: 2, among: 2, omission: 0).order.sorted() == documents.prefix(2).sorted())
        #expect(choose(1, among: 1, omission: 1).order.isEmpty)
    }

    // MARK: - In a run

    private let files: TinyModelFolder
    private let texts = ["The mill grinds barley.", "The museum shows spoons.", "The sea is wide.", "It is shut."]

    init() throws { files = try TinyModelFolder() }

    /// The prompt to an answer about the mill, as words.
    private func prompt(seed: UInt64 = 1, answerTokens: Int = 3, contextLength: Int? = nil) throws -> String? {
        let place = files.folder.appending(path: "model-\(UUID().uuidString)")
        try TinyModel.write(to: place, seed: 1, contextLength: contextLength ?? TinyModel.contextLength)
        let model = try LanguageModel(path: place.path, dtype: .float32)
        var configuration = RunConfiguration.paper
        (configuration.seed, configuration.training.distractors) = (seed, 2)
        configuration.training.documentOmission = 0
        let store = try RunStore(directory: files.folder.appending(path: "run-\(UUID().uuidString)"))
        let documents = texts.map { Document(name: $0, title: nil, text: $0, source: $0) }
        _ = try store.replaceDocuments(documents)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "1"), stage: .questions)
        let question = Question(
            document: documents[0].id, recipe: recipe, position: 0, text: "What does the mill grind?")
        let answer = Answer(
            question: question.id, recipe: recipe, tokens: Array(repeating: 65, count: answerTokens), text: "A",
            isFinished: true, seed: 1)
        let target = TeacherTarget(
            answer: answer.id, recipe: recipe, place: .init(shard: "s", row: 0, count: answerTokens))
        try store.finishUnit(
            UnitOfWork(recipe: recipe, key: "a"), questions: [question], answers: [answer], targets: [target])
        let row = try #require(try store.trainingAnswers([answer.id], teacher: recipe).first)
        let prompts = try DistractorPrompts(store: store, model: model, configuration: configuration)
        return try prompts.map { model.text(try $0.prompt(of: row), keepingControlTokens: true) }
    }

    @Test func theDocumentStandsAmongOthersBeforeTheQuestion() throws {
        let words = try #require(try prompt())
        #expect(words.contains(texts[0]))
        #expect(texts.count { words.contains($0) } == 3)
        #expect(words.contains("Question: What does the mill grind?"))
        #expect(try prompt() == words)
        #expect(try Set((1...8).map { try prompt(seed: $0) }).count > 1)
    }

    /// A token a byte: room for the question's document, not for the others.
    @Test func distractorsThatTheModelCannotReadAreLeftOut() throws {
        let words = try #require(try prompt(contextLength: 125))
        #expect(words.contains(texts[0]))
        #expect(texts.count { words.contains($0) } == 1)
        let bare = try #require(try prompt(contextLength: 110))
        #expect(!texts.contains { bare.contains($0) } && bare.contains("What does the mill grind?"))
    }

    @Test func withoutDistractorsThereAreNoPrompts() throws {
        let model = try LanguageModel(path: files.model.path, dtype: .float32)
        let store = try RunStore(directory: files.folder.appending(path: "none"))
        #expect(try DistractorPrompts(store: store, model: model, configuration: .paper) == nil)
    }
}
