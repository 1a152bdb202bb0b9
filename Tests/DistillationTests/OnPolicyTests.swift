// The student's own answers in training: which, in whose words, and judged by a teacher that has more before it.

import Basics
import Foundation
import Generation
import LanguageModels
import Lineage
import ModelFiles
import TestSupport
import Testing
import Torch

@testable import Distillation

@Suite struct OnPolicyTests {
    private let tiny: TinyTraining
    private let prompts = Prompts(systemMessage: nil)
    /// What the teacher has before a question and the student has not.
    private static let document = "FGHI"

    init() throws { tiny = try TinyTraining() }

    private var model: LanguageModel { tiny.model }

    /// Answers to questions that only the teacher reads with a document, unless that is nil.
    private func samples(_ document: String? = Self.document) throws -> [TrainingSample] {
        try (0..<6).map { index in
            let sample = try tiny.sample(index)
            let bare = prompts.closedBook("\(index)?")
            return TrainingSample(
                sample.kind, prompt: try model.promptTokens(bare), answer: sample.answer,
                teacher_Td: sample.teacher_Td,
                teacherPrompt: document.map { prompts.openBook($0, question: "\(index)?") } ?? bare)
        }
    }

    private func source(
        _ share: Double, of samples: [TrainingSample]? = nil, student: LanguageModel? = nil
    ) throws -> OnPolicySource {
        var settings = OnPolicySettings()
        settings.share = share
        return OnPolicySource(
            HeldSamples(try samples ?? self.samples()), settings: settings, answerTokens: 5, student: student ?? model,
            teacher: model, runSeed: 3)
    }

    private let all = Array(0..<6)

    private func states(_ sample: TrainingSample) throws -> [Float] {
        try #require(sample.teacher_Td).contiguous().values()
    }

    @Test func noShareIsTrainingAsItWas() throws {
        let plain = try tiny.trained(data: TrainingData(training: HeldSamples(samples())))
        #expect(try plain == tiny.trained(data: TrainingData(training: source(0))))
        #expect(try plain != tiny.trained(data: TrainingData(training: source(1))))
    }

    @Test func aStudentThatSeesWhatItsTeacherSeesHasNothingToLearn() throws {
        func firstLoss(_ document: String?) throws -> Double {
            try tiny.reports(TrainingData(training: source(1, of: samples(document))))[0].loss
        }
        #expect(abs(try firstLoss(nil)) < 1e-6)
        #expect(try firstLoss(Self.document) > 1e-4)
    }

    @Test(arguments: [1, 3, 5])
    func aResumedRunEndsInTheSameBits(stop: Int) throws {
        let half = TrainingData(training: try source(0.5))
        try tiny.stop(after: stop, "cut", half)
        #expect(try tiny.trained("cut", data: half) == tiny.trained("whole", data: half))
    }

    @Test func answersAreTheStudentsOfThatStepAndStatesTheTeachersBeforeThem() throws {
        let before = try samples()
        let (one, other) = (try tiny.disturbed(1), try tiny.disturbed(2))
        let source = try source(1)
        func answers(_ step: Int, _ student: LoRAAdapter?) throws -> [[Int]] {
            try source.samples(at: all, step: step, student: student).map(\.answer)
        }
        let drawn = try source.samples(at: all, step: 4, student: one)
        #expect(drawn.map(\.prompt) == before.map(\.prompt) && drawn.map(\.kind) == before.map(\.kind))
        #expect(drawn.map(\.answer) != before.map(\.answer))
        #expect(try answers(4, one) == drawn.map(\.answer))
        #expect(try answers(5, one) != drawn.map(\.answer))
        #expect(try answers(4, other) != drawn.map(\.answer))
        #expect(try answers(4, nil) != drawn.map(\.answer))
        for (sample, old) in zip(drawn, before) where sample.answer != old.answer {
            #expect((1...5).contains(sample.answer.count))
            let prompt = try model.promptTokens(#require(old.teacherPrompt))
            let row = ForcedRow(prompt: prompt, continuation: sample.answer)
            let expected: [Float] = try model.decoder.statesBefore([row])[0].values()
            let states = try states(sample)
            #expect(states.count == expected.count)
            #expect(zip(states, expected).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test func theShareIsThatOfManySteps() throws {
        let (before, source, adapter) = (try samples(), try source(0.25), try tiny.disturbed())
        let changed = try (0..<40).map { step in
            let after = try source.samples(at: all, step: step, student: adapter)
            return before.indices.filter { after[$0].answer != before[$0].answer }
        }
        // 240 draws: 60 are expected, with a standard deviation of 6.7.
        #expect((35...85).contains(changed.joined().count))
        #expect(Set(changed).count > 10)
    }

    /// A model to which every token is an end says nothing.
    @Test func anEmptyAnswerLeavesTheTeachers() throws {
        let ends = Array(0..<TinyModel.vocabularySize)
        try JSONEncoder().encode(["eos_token_id": ends])
            .write(to: tiny.files.model.appending(path: "generation_config.json"))
        let silent = try LanguageModel(path: tiny.files.model.path, dtype: .float32)
        let after = try source(1, student: silent).samples(at: all, step: 0, student: tiny.disturbed())
        for (new, old) in zip(after, try samples()) {
            #expect(new.answer == old.answer)
            #expect(try states(new) == states(old))
        }
    }

    @Test func aSampleThatDoesNotSayWhatItsTeacherWasAskedIsNamed() throws {
        let sample = try tiny.sample(1)
        #expect(throws: TrainingError.noTeacherPrompt(.answer(tiny.key(1)))) {
            try source(1, of: [sample]).samples(at: [0], step: 0, student: nil)
        }
    }
}
