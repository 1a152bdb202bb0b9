// The student's own answers in training: which, in whose words, and judged by a teacher that has more before it.

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
    private let files: TinyModelFolder
    private let model: LanguageModel
    /// What the teacher has before a prompt and the student has not.
    private static let document = [70, 71, 72, 73]

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
    }

    private var training: TrainingSettings {
        var settings = TrainingSettings()
        settings.rank = 4
        settings.batchSize = 3
        settings.epochs = 3
        settings.learningRate = 1e-2
        settings.temperature = 1
        settings.checkpointSeconds = 0
        return settings
    }

    private func sampler(_ share: Double, document: [Int] = Self.document) -> OnPolicySampler {
        var settings = OnPolicySettings()
        settings.share = share
        return OnPolicySampler(settings, answerTokens: 5, student: model, teacher: model, runSeed: 3) { samples in
            samples.map { document + $0.prompt }
        }
    }

    private func samples(_ indices: [Int]) throws -> [TrainingSample] {
        try indices.map { index in
            let answer = (0..<(2 + index % 3)).map { 65 + index + $0 }
            let width = model.decoder.configuration.hiddenSize
            return TrainingSample(
                name: "sample \(index)", prompt: [40, 41 + index, 42], answer: answer,
                teacher_Td: try Tensor.randn([answer.count, width], seed: UInt64(index)))
        }
    }

    private func trainer(_ folder: String, _ sampler: OnPolicySampler?) throws -> Trainer {
        var source = SampleSource(training: 6, validation: 0, load: samples)
        source.resample = sampler?.resampled
        return try Trainer(
            decoder: model.decoder, settings: training, seed: 7, source: source,
            checkpoints: CheckpointFolder(directory: files.folder.appending(path: folder), identity: "test"))
    }

    private func trained(_ folder: String, _ sampler: OnPolicySampler?) throws -> [[Float]] {
        let adapter = try #require(try trainer(folder, sampler).run(onStep: { _ in }, shouldStop: { false }))
        return try numbers(adapter)
    }

    private func numbers(_ adapter: LoRAAdapter) throws -> [[Float]] {
        try adapter.parameters.map { try $0.tensor.detached().values() }
    }

    /// An adapter that changes the model.
    private func adapter(_ seed: UInt64) throws -> LoRAAdapter {
        let adapter = try LoRAAdapter(training.lora, for: model.decoder.configuration, seed: seed)
        for parameter in adapter.parameters where parameter.matrix == .b {
            try parameter.tensor.copyInPlace(Tensor.randn(parameter.tensor.shape, seed: seed))
        }
        return adapter
    }

    @Test func noShareIsTrainingAsItWas() throws {
        #expect(try trained("none", nil) == trained("zero", sampler(0)))
        #expect(try trained("none", nil) != trained("one", sampler(1)))
    }

    @Test func aStudentThatSeesWhatItsTeacherSeesHasNothingToLearn() throws {
        func firstLoss(_ folder: String, document: [Int]) throws -> Double {
            var losses: [Double] = []
            _ = try trainer(folder, sampler(1, document: document))
                .run(onStep: { losses.append($0.loss) }, shouldStop: { true })
            return try #require(losses.first)
        }
        #expect(abs(try firstLoss("same", document: [])) < 1e-6)
        #expect(try firstLoss("document", document: Self.document) > 1e-4)
    }

    @Test(arguments: [1, 3, 5])
    func aResumedRunEndsInTheSameBits(stop: Int) throws {
        let half = sampler(0.5)
        let whole = try trained("whole", half)
        var steps = 0
        let stopped = try trainer("cut", half).run(onStep: { _ in steps += 1 }, shouldStop: { steps == stop })
        #expect(stopped == nil)
        #expect(try trained("cut", half) == whole)
    }

    @Test func answersAreTheStudentsOfThatStepAndStatesTheTeachersBeforeThem() throws {
        let before = try samples(Array(0..<6))
        let (one, other) = (try adapter(1), try adapter(2))
        let drawn = try sampler(1).resampled(before, step: 4, student: one)
        #expect(drawn.map(\.prompt) == before.map(\.prompt) && drawn.map(\.name) == before.map(\.name))
        #expect(drawn.map(\.answer) != before.map(\.answer))
        #expect(try sampler(1).resampled(before, step: 4, student: one).map(\.answer) == drawn.map(\.answer))
        #expect(try sampler(1).resampled(before, step: 5, student: one).map(\.answer) != drawn.map(\.answer))
        #expect(try sampler(1).resampled(before, step: 4, student: other).map(\.answer) != drawn.map(\.answer))
        for (sample, old) in zip(drawn, before) where sample.answer != old.answer {
            #expect((1...5).contains(sample.answer.count))
            let row = ForcedRow(prompt: Self.document + sample.prompt, continuation: sample.answer)
            let expected: [Float] = try model.decoder.statesBefore([row])[0].values()
            let states: [Float] = try #require(sample.teacher_Td).contiguous().values()
            #expect(states.count == expected.count)
            #expect(zip(states, expected).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test func theShareIsThatOfManySteps() throws {
        let before = try samples(Array(0..<6))
        let adapter = try adapter(1)
        var changed: [[Int]] = []
        for step in 0..<40 {
            let after = try sampler(0.25).resampled(before, step: step, student: adapter)
            changed.append(before.indices.filter { after[$0].answer != before[$0].answer })
        }
        // 240 draws: 60 are expected, with a standard deviation of 6.7.
        #expect((35...85).contains(changed.joined().count))
        #expect(Set(changed).count > 10)
    }

    /// A model to which every token is an end says nothing.
    @Test func anEmptyAnswerLeavesTheTeachers() throws {
        let ends = Array(0..<TinyModel.vocabularySize)
        try JSONEncoder().encode(["eos_token_id": ends])
            .write(to: files.model.appending(path: "generation_config.json"))
        let silent = try LanguageModel(path: files.model.path, dtype: .float32)
        var settings = OnPolicySettings()
        settings.share = 1
        let sampler = OnPolicySampler(settings, answerTokens: 5, student: silent, teacher: model, runSeed: 3) {
            $0.map(\.prompt)
        }
        let before = try samples(Array(0..<6))
        let after = try sampler.resampled(before, step: 0, student: adapter(1))
        #expect(after.map(\.answer) == before.map(\.answer))
        for (new, old) in zip(after, before) {
            let states: [Float] = try #require(new.teacher_Td).values()
            #expect(try states == #require(old.teacher_Td).values())
        }
    }
}
