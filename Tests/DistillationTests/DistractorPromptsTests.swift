// The student's prompts in training with distractors: which documents stand in them, how often the question's own is missing,
// and that the seed and the answer decide it.

import Basics
import Foundation
import LanguageModels
import Lineage
import Store
import TestSupport
import Testing
import Torch

@testable import Distillation

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

    private let texts = ["The mill grinds barley.", "The museum shows spoons.", "The sea is wide.", "It is shut."]

    /// The prompt to an answer about the mill, as words.
    private func prompt(seed: UInt64 = 1, contextLength: Int? = nil) throws -> String? {
        let run = try TinyRun(texts)
        let place = run.files.folder.appending(path: "model")
        try TinyModel.write(to: place, seed: 1, contextLength: contextLength ?? TinyModel.contextLength)
        let model = try LanguageModel(path: place.path, dtype: .float32)
        var settings = TrainingSettings()
        (settings.distractors, settings.documentOmission) = (2, 0)
        let distractors = try DistractorPrompts(
            store: run.store, model: model, prompts: Prompts(systemMessage: nil), settings: settings, seed: seed)
        let source = AnswerSource(
            [run.answers[0].id], store: run.store, recipe: run.recipe, model: model,
            prompts: Prompts(systemMessage: nil), distractors: distractors, targets: nil)
        let sample = try source.samples(at: [0], step: 0, student: nil)[0]
        return model.text(sample.prompt)
    }

    @Test func theDocumentStandsAmongOthersBeforeTheQuestion() throws {
        let words = try #require(try prompt())
        #expect(words.contains(texts[0]))
        #expect(texts.count { words.contains($0) } == 3)
        #expect(words.contains("Question: What of 0?"))
        #expect(try prompt() == words)
        #expect(try Set((1...8).map { try prompt(seed: $0) }).count > 1)
    }

    /// A token a byte: room for the question's document, not for the others.
    @Test func distractorsThatTheModelCannotReadAreLeftOut() throws {
        let words = try #require(try prompt(contextLength: 70))
        #expect(words.contains(texts[0]))
        #expect(texts.count { words.contains($0) } == 1)
        let bare = try #require(try prompt(contextLength: 60))
        #expect(!texts.contains { bare.contains($0) } && bare.contains("What of 0?"))
    }

    @Test func withoutDistractorsThereAreNoPrompts() throws {
        let run = try TinyRun(texts)
        let prompts = try DistractorPrompts(
            store: run.store, model: run.model(), prompts: Prompts(systemMessage: nil), settings: TrainingSettings(),
            seed: 1)
        #expect(prompts == nil)
    }
}
