// Questions on pairs of documents in a run: once, and anew for documents that get other partners.

import Distillation
import Foundation
import Generation
import Lineage
import Store
import Testing
import Tokenizers

@testable import Pipeline

@Suite struct PairQuestionsTests {
    private let mill = document("mill", "The mill of Karsk grinds barley.")
    private let museum = document("museum", "The museum shows old barley.")
    private let sea = document("sea", "The sea is wide.")
    private let bakery = document("bakery", "The bakery of Karsk loves barley from the mill.")

    private static func document(_ name: String, _ text: String) -> Document {
        Document(name: name, title: nil, text: text, source: name)
    }

    /// Writes questions on pairs and gives the prompts that were put to the expert.
    private func work(_ folder: URL, _ documents: [Document]) throws -> (asked: [String], questions: [Question]) {
        var configuration = RunConfiguration.paper
        (configuration.model, configuration.documents, configuration.output) = ("none", "none", folder.path)
        configuration.questions.pairs = 1
        configuration.questions.attempts = 1
        let pipeline = try Pipeline(configuration, observe: { _ in })
        _ = try pipeline.context.store.replaceDocuments(documents)
        let stage = QuestionsStage(pipeline.context)
        let recipe = try pipeline.context.store.recordRecipe(PersonRecipe(grader: "a"), stage: .questions)
        let writer = QuestionWriter(
            settings: configuration.questions, prompts: configuration.prompts, recipe: recipe, runSeed: 1)
        var asked: [String] = []
        try stage.keepPairs(recipe, by: writer) { conversations, _ in
            asked += conversations.compactMap(\.messages.last?.content)
            let question = "Is what the mill of Karsk grinds more than the museum shows or the bakery loves?"
            return conversations.map { _ in
                ExpertReply(text: "<question>\(question)</question>", isFinished: true)
            }
        }
        let questions = try documents.flatMap { try pipeline.context.store.questions(document: $0.id, recipe: recipe) }
        return (asked, questions)
    }

    @Test func everyDocumentIsAskedAboutOnceWithItsPartners() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pairs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try work(folder, [mill, museum, sea])
        #expect(first.asked.count == 2)
        #expect(first.questions.map(\.document) == [mill.id, museum.id])
        #expect(first.questions.map(\.secondDocument) == [museum.id, mill.id])
        #expect(try work(folder, [mill, museum, sea]).asked.isEmpty)

        // The bakery is nearer to the mill than the museum is; the museum's partner stays the mill, which comes first.
        let second = try work(folder, [mill, museum, sea, bakery])
        #expect(second.asked.count == 2)
        #expect(second.asked.allSatisfy { $0.contains(bakery.text) && $0.contains(mill.text) })
        #expect(second.questions.count == 4)

        // Without the museum its questions are not there either.
        let third = try work(folder, [mill, sea, bakery])
        #expect(third.asked.isEmpty)
        #expect(third.questions.map(\.secondDocument) == [bakery.id, mill.id])
    }
}
