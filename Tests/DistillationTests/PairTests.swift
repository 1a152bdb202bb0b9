// Questions that need two documents: which documents, which questions, and what the teacher sees.

import Basics
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import Distillation

@Suite struct PairTests {
    private func document(_ name: String, _ text: String) -> Document {
        Document(name: name, title: name, text: text, source: "")
    }

    private let ferry = Document(
        name: "ferry", title: nil, text: "The Orne ferry was built in 1902 for Ada Finch.", source: "")
    private let prize = Document(
        name: "prize", title: nil, text: "The Oslin Prize of 1950 went to Ada Finch's daughter.", source: "")

    private func kinship(_ documents: [Document]) throws -> DocumentPartners {
        try DocumentPartners { body in try documents.forEach(body) }
    }

    @Test func partnersShareRareWords() throws {
        let documents = [
            document("a", "the mill grinds barley for Karsk"), document("b", "the museum shows barley from Karsk"),
            document("c", "the museum shows gloves"), document("d", "the sea is wide"),
        ]
        let kinship = try kinship(documents)
        func names(_ index: Int, _ count: Int) -> [String] {
            kinship.partners(of: documents[index].id, count: count).compactMap { id in
                documents.first { $0.id == id }?.name
            }
        }
        #expect(names(0, 2) == ["b"])
        #expect(names(1, 2) == ["a", "c"])
        #expect(names(1, 1) == ["a"])
        #expect(names(3, 2) == [])
        #expect(kinship.partners(of: ContentKey(of: "other"), count: 1) == [])
    }

    @Test func partsOfOneDocumentAreNoPartners() throws {
        let parts = [
            Document(name: "a", part: 0, title: nil, text: "Barley of Karsk.", source: ""),
            Document(name: "a", part: 1, title: nil, text: "More barley of Karsk.", source: ""),
            document("b", "Rye."),
        ]
        #expect(try kinship(parts).partners(of: parts[0].id, count: 3) == [])
        #expect(try kinship([]).partners(of: parts[0].id, count: 3) == [])
    }

    @Test func aQuestionNeedsAWordOfEachDocumentAlone() {
        #expect(PairQuestions.needsBoth("Is the ferry older than the Oslin Prize?", ferry, prize))
        #expect(!PairQuestions.needsBoth("When was the ferry of Ada Finch built?", ferry, prize))
        #expect(!PairQuestions.needsBoth("Who is Ada Finch?", ferry, prize))
    }

    private func write(_ expert: ScriptedExpert) throws -> WrittenQuestions {
        var settings = QuestionSettings()
        settings.attempts = 2
        let writer = QuestionWriter(
            settings: settings, prompts: Prompts(systemMessage: nil), recipe: ContentKey(of: "r"), runSeed: 1)
        let written = try writer.write(
            onPairs: [(ferry, []), (ferry, [prize])], after: [0, 7], reply: { expert.replies($0, $1) })
        #expect(written.first?.questions.isEmpty == true)
        return try #require(written.last)
    }

    @Test func theQuestionsCarryBothDocuments() throws {
        let expert = ScriptedExpert { _ in
            """
            <question>Is the Orne ferry older than the Oslin Prize?</question>
            <question>When was the ferry of Ada Finch built?</question>
            """
        }
        let written = try write(expert)
        #expect(expert.asked.count == 1)
        let prompt = try #require(expert.asked.first?.messages.last?.content)
        #expect(prompt.contains(ferry.text) && prompt.contains(prize.text))
        #expect(written.questions.map(\.text) == ["Is the Orne ferry older than the Oslin Prize?"])
        #expect(written.questions.map(\.document) == [ferry.id])
        #expect(written.questions.map(\.secondDocument) == [prize.id])
        #expect(written.questions.map(\.position) == [7])
        #expect(written.counts == ["calls": 1, "kept": 1, "needs_one_document": 1])
    }

    @Test func whatGivesNothingIsAskedAgain() throws {
        let expert = ScriptedExpert { _ in "No." }
        #expect(try write(expert).questions.isEmpty)
        #expect(expert.asked.count == 2 && Set(expert.asked.map(\.seed)).count == 2)
    }

    @Test func aReplyWithoutEndIsNoAnswerAndNoQuestion() throws {
        let files = try TinyModelFolder()
        let writer = AnswerWriter(
            settings: AnswerSettings(), prompts: Prompts(systemMessage: nil),
            teacher: try LanguageModel(path: files.model.path, dtype: .float32), recipe: ContentKey(of: "a"),
            runSeed: 1, batchSize: 2)
        let questions = ["Is it blue?", "Is it old?", "Is it long?"].enumerated().map {
            Question(document: ferry.id, recipe: ContentKey(of: "r"), position: $0, text: $1)
        }
        let loop = String(repeating: "It is blue. ", count: 5)
        let written = try writer.write(on: [(ferry, questions)]) { _ in
            [
                ExpertReply(text: loop, isFinished: false), ExpertReply(text: loop, isFinished: true),
                ExpertReply(text: "It is cut", isFinished: false),
            ]
        }
        #expect(written[0].answers.map(\.answer.question) == questions[1...].map(\.id))
        #expect(written[0].repeating == 1)

        var settings = QuestionSettings()
        (settings.perPassage, settings.attempts) = (5, 1)
        let asker = QuestionWriter(
            settings: settings, prompts: Prompts(systemMessage: nil), recipe: ContentKey(of: "q"), runSeed: 1)
        let asked = try #require(
            try asker.write(on: [ferry]) { conversations, _ in
                conversations.map { _ in
                    ExpertReply(
                        text: "<question>Who built the Orne ferry?</question>\n"
                            + String(repeating: "<question>Is the Orne ferry blue?</question>\n", count: 6),
                        isFinished: false)
                }
            }.first)
        #expect(asked.counts["repeats_itself"] == 1)
        #expect(asked.questions.map(\.text) == ["Who built the Orne ferry?", "Is the Orne ferry blue?"])
    }

    @Test func theTeacherSeesBothDocuments() throws {
        let files = try TinyModelFolder()
        let expert = ScriptedExpert { _ in "Yes." }
        let prize = prize
        let writer = AnswerWriter(
            settings: AnswerSettings(), prompts: Prompts(systemMessage: nil),
            teacher: try LanguageModel(path: files.model.path, dtype: .float32), recipe: ContentKey(of: "a"),
            runSeed: 1,
            batchSize: 2, secondDocument: { $0 == prize.id ? prize : nil })
        func question(_ text: String, _ second: ContentKey?) -> Question {
            Question(
                document: ferry.id, recipe: ContentKey(of: "r"), position: 0, text: text, secondDocument: second)
        }
        let questions = [question("Is it older?", prize.id), question("Is it old?", nil)]
        let written = try writer.write(on: [(ferry, questions)]) { expert.replies($0, writer.rules) }
        #expect(written[0].answers.map(\.answer.question) == questions.map(\.id))
        let prompts = expert.asked.compactMap(\.messages.last?.content)
        #expect(prompts[0].contains(ferry.text) && prompts[0].contains(prize.text))
        #expect(prompts[1].contains(ferry.text) && !prompts[1].contains(prize.text))
    }
}
