// Answers as training samples: what is read of the store and the shards, what is not, and what is said of what is missing.

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

@Suite struct AnswerSourceTests {
    private let run: TinyRun
    private let model: LanguageModel
    private let prompts = Prompts(systemMessage: "Be brief.")

    init() throws {
        run = try TinyRun(["The mill grinds barley.", "The museum shows spoons.", "The sea is wide."])
        model = try run.model()
    }

    private func source(targets: URL? = nil) -> AnswerSource {
        AnswerSource(
            run.answers.map(\.id), store: run.store, recipe: run.recipe, model: model, prompts: prompts,
            targets: targets)
    }

    private func read(_ source: AnswerSource, _ places: [Int] = [0, 1, 2]) throws -> [TrainingSample] {
        try source.samples(at: places, step: 0, student: nil)
    }

    @Test func samplesAreTheBareQuestionTheAnswerAndTheTeachersStates() throws {
        let source = source(targets: run.targets)
        #expect(source.count == 3)
        let places = [2, 0]
        let samples = try read(source, places)
        #expect(samples.map(\.kind) == places.map { .answer(run.answers[$0].id) })
        #expect(samples.map(\.answer) == places.map { run.answers[$0].tokens.map(Int.init) })
        for (sample, place) in zip(samples, places) {
            #expect(try sample.prompt == model.promptTokens(prompts.closedBook(run.questions[place].text)))
            let (read, written): ([Float], [Float]) = try (
                #require(sample.teacher_Td).values(), run.states_Td[place].values()
            )
            #expect(read == written)
            #expect(sample.teacherPrompt == nil)
        }
    }

    /// Fine-tuning needs no shard, so that one that is gone does not matter.
    @Test func statesAreReadWhereTheyAreUsed() throws {
        try FileManager.default.removeItem(at: run.targets)
        #expect(try read(source()).allSatisfy { $0.teacher_Td == nil })
        let shard = run.targets.appending(path: "shard").path
        #expect(throws: TrainingError.missingShard(file: shard)) { try read(source(targets: run.targets)) }
        #expect(TrainingError.missingShard(file: shard).description.contains(shard))
    }

    @Test func samplesCarryWhatTheTeacherWasAsked() throws {
        var source = source()
        var settings = AnswerSettings()
        settings.context = .document
        source.teacherSettings = settings
        let asked = try read(source).map(\.teacherPrompt)
        let passages = [
            run.documents[0].passage, run.documents[1].passage,
            PairQuestions.both(run.documents[2], run.documents[0]),
        ]
        #expect(asked == zip(passages, run.questions).map { prompts.openBook($0, question: $1.text) })
        settings.context = .sentence
        source.teacherSettings = settings
        let ofSentence = try #require(try read(source, [1])[0].teacherPrompt)
        #expect(ofSentence.count > 2 && ofSentence.last?.content.contains("The museum shows spoons.") == true)
    }

    /// They are those of the answers' writing, to the letter.
    @Test(arguments: [AnswerSettings.Context.document, .sentence])
    func theTeacherIsAskedWhatItWasAskedBefore(context: AnswerSettings.Context) throws {
        var settings = AnswerSettings()
        settings.context = context
        let writer = AnswerWriter(
            settings: settings, prompts: prompts, teacher: model, recipe: run.recipe, runSeed: 1, batchSize: 4,
            secondDocument: run.store.document)
        var written: [[ChatMessage]] = []
        _ = try writer.write(on: zip(run.documents, run.questions).map { ($0, [$1]) }) { conversations in
            written = conversations.map(\.messages)
            return conversations.map { _ in ExpertReply(text: "", isFinished: true) }
        }
        var source = source()
        source.teacherSettings = settings
        #expect(try read(source).map(\.teacherPrompt) == written)
    }

    @Test func anAnswerThatIsGoneIsNamed() throws {
        let question = run.questions[1]
        try run.store.replaceQuestions(document: question.document, recipe: question.recipe, with: [])
        let missing = TrainingError.missing(.answer, [run.answers[1].id])
        #expect(throws: missing) { try read(source()) }
        #expect(missing.description.contains("no answer \(run.answers[1].id)"))
        #expect(missing.description.contains("Run the same command again"))
        #expect(try read(source(), [0, 2]).count == 2)
    }

    @Test func anAnswerWithoutTargetsOfTheTeacherIsMissing() throws {
        let other = try run.store.recordRecipe(PersonRecipe(grader: "2"), stage: .answers)
        let source = AnswerSource(
            [run.answers[0].id], store: run.store, recipe: other, model: model, prompts: prompts, targets: nil)
        #expect(throws: TrainingError.missing(.answer, [run.answers[0].id])) { try read(source, [0]) }
    }
}
