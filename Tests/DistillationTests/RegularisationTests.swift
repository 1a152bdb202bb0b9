// Regularisation on instruction data: what is made of conversations, how it is kept, and what the trainer does with it.

import Foundation
import Generation
import LanguageModels
import Lineage
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import Distillation

@Suite struct InstructionReaderTests {
    private let files: TinyModelFolder
    private let model: LanguageModel

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
    }

    private func reader(_ change: (inout RegularisationSettings) -> Void = { _ in }) -> InstructionReader {
        var settings = RegularisationSettings()
        settings.maximumTokens = 12
        change(&settings)
        return InstructionReader(
            settings: settings, prompts: Prompts(systemMessage: "Be brief."), teacher: model, runSeed: 5)
    }

    private func message(_ role: String, _ content: String) -> ChatMessage { ChatMessage(role: role, content: content) }

    @Test func theLastReplyOfAConversationIsLearnedAfterTheWholeConversation() throws {
        let turns = [message("user", "Hi"), message("assistant", "Hello."), message("user", "Who are you?")]
        let sample = try #require(try reader().samples(of: [Instruction(prompt: turns, reply: "A model.")]).first)
        let prompt = model.text(sample.prompt)
        #expect(prompt.contains("Be brief.") && prompt.contains("Hello.") && prompt.contains("Who are you?"))
        #expect(model.text(sample.answer) == "A model.")
        #expect(sample.answer.last == model.endOfTurn)
        #expect(sample.isInstruction)
        #expect(sample.teacher_Td?.shape == [sample.answer.count, model.decoder.configuration.hiddenSize])
    }

    @Test func aSystemMessageOfItsOwnTakesThePlaceOfTheRuns() throws {
        let turns = [message("system", "Talk like a sailor."), message("user", "Hi")]
        let sample = try #require(try reader().samples(of: [Instruction(prompt: turns, reply: "Ahoy.")]).first)
        let prompt = model.text(sample.prompt)
        #expect(prompt.contains("sailor") && !prompt.contains("Be brief."))
    }

    /// The states are those of the base model over the same tokens, without a document.
    @Test func ownRepliesComeWithTheStatesThatTheyWereDrawnFrom() throws {
        let instructions = Array(GeneralInstructions.all.prefix(3))
        let samples = try reader().samples(of: instructions)
        #expect(samples.count == 3)
        let again = try reader().samples(of: instructions)
        #expect(samples.map(\.answer) == again.map(\.answer))
        for sample in samples {
            #expect(!sample.answer.isEmpty && sample.answer.count <= 12)
            let row = ForcedRow(prompt: sample.prompt, continuation: sample.answer)
            let reference = try #require(try model.decoder.statesBefore([row]).first)
            let difference = try Tensor.totalNorm([#require(sample.teacher_Td) - reference])
            #expect(try difference < 1e-4 * Tensor.totalNorm([reference]))
        }
    }

    @Test func longRepliesAreCutAndConversationsWithoutRoomAreLeftOut() throws {
        let short = Instruction(prompt: [message("user", "Hi")], reply: String(repeating: "long ", count: 40))
        let long = Instruction(prompt: [message("user", String(repeating: "x", count: 200))], reply: "Yes.")
        let samples = try reader { $0.maximumPromptTokens = 120 }.samples(of: [short, long])
        #expect(samples.count == 1)
        #expect(samples[0].prompt.count + samples[0].answer.count == 120)
        #expect(samples[0].answer.last != model.endOfTurn)
    }

    @Test func shardsGiveBackWhatWasWritten() throws {
        let instructions = ["Yes.", "It depends on the weather.", "No."].map {
            Instruction(prompt: [message("user", "Is \($0.count) enough?")], reply: $0)
        }
        let samples = try reader().samples(of: instructions)
        let places = ["one", "none", "two"].map { files.folder.appending(path: "\($0).safetensors") }
        try InstructionShard.write(Array(samples[..<2]), to: places[0])
        try InstructionShard.write(Array(samples[2...]), to: places[2])
        let source = InstructionSource(Array(zip(places, [2, 0, 1]).map { (file: $0, samples: $1) }))
        #expect(source.count == 3)
        let order = [2, 0, 1, 1]
        let read = try source.samples(at: order, step: 0, student: nil)
        #expect(
            read.map(\.kind) == [
                .instruction("0 of two.safetensors"), .instruction("0 of one.safetensors"),
                .instruction("1 of one.safetensors"), .instruction("1 of one.safetensors"),
            ])
        for (read, sample) in zip(read, order.map { samples[$0] }) {
            #expect(read.prompt == sample.prompt && read.answer == sample.answer)
            let (ours, theirs): ([Float], [Float]) = try (
                #require(read.teacher_Td).values(), #require(sample.teacher_Td).values()
            )
            #expect(ours == theirs)
        }
        try FileManager.default.removeItem(at: places[2])
        #expect(throws: TrainingError.missingShard(file: places[2].path)) {
            try source.samples(at: [2], step: 0, student: nil)
        }
    }
}

@Suite struct RegularisedTrainerTests {
    private let tiny: TinyTraining

    init() throws {
        var tiny = try TinyTraining()
        (tiny.settings.batchSize, tiny.settings.temperature) = (4, 2)
        self.tiny = tiny
    }

    private func data(
        _ teacher: TinyTraining.Teacher, count: Int = 5, instructions: TinyTraining.Teacher,
        of instructionCount: Int = 3
    ) throws -> TrainingData {
        var data = TrainingData(training: try tiny.samples(0..<count, teacher))
        data.instructions = (
            try tiny.samples(10..<(10 + instructionCount), instructions, areInstructions: true), perStep: 2
        )
        return data
    }

    @Test func aStudentEqualToItsTeacherHasNothingToLearn() throws {
        let same = try tiny.reports(data(.base, instructions: .base))[0]
        #expect(abs(try #require(same.regularisationLoss)) < 1e-6 && abs(same.loss) < 1e-6)
        let other = try tiny.reports(data(.base, instructions: .random))[0]
        #expect(try #require(other.regularisationLoss) > 1e-3)
        #expect(same.gradientNorm < 1e-3 * other.gradientNorm)
    }

    /// Two answers that are learned themselves and two instructions with a teacher, in float64: mean over a sample's tokens,
    /// then over the batch.
    @Test func theLossOfAMixedBatchIsTheFormulas() throws {
        let report = try tiny.reports(data(.none, count: 2, instructions: .random, of: 2))[0]
        let learned = try (0..<2).map { try reference(tiny.sample($0, .none)) }
        let kept = try (10..<12).map { try reference(tiny.sample($0, isInstruction: true)) }
        let expected = (learned + kept).reduce(0, +) / 4
        #expect(abs(report.loss - expected) < 1e-5 * expected)
        let regularisation = kept.reduce(0, +) / 2
        #expect(abs(try #require(report.regularisationLoss) - regularisation) < 1e-5 * regularisation)
    }

    /// The loss of one sample by a student that is still the base model.
    private func reference(_ sample: TrainingSample) throws -> Double {
        let head = try model.decoder.head_Vd.to(.float64)
        let states = try model.decoder.statesBefore([ForcedRow(prompt: sample.prompt, continuation: sample.answer)])[0]
        let count = sample.answer.count
        guard let teacher = sample.teacher_Td else {
            let logs = try states.to(.float64).linear(head).logSoftmax()
            let total: Double = try logs.gather(1, Tensor(sample.answer, shape: [count, 1])).sum().item()
            return -total / Double(count)
        }
        let scale = 1 / tiny.settings.temperature
        let student = try (states.to(.float64).linear(head) * scale).logSoftmax()
        let wanted = try (teacher.to(.float64).linear(head) * scale).logSoftmax()
        let total: Double = try (wanted.exp() * (wanted - student)).sum().item()
        return total / Double(count)
    }

    @Test(arguments: [1, 3, 5], [TinyTraining.Teacher.random, .none])
    func aResumedRunEndsInTheSameBits(stop: Int, teacher: TinyTraining.Teacher) throws {
        let data = try data(teacher, instructions: .random)
        try tiny.stop(after: stop, "cut", data)
        let second = try tiny.trainer("cut", data)
        #expect(second.stepsDone == stop && second.totalSteps == 9)
        #expect(try tiny.trained("cut", data: data) == tiny.trained("whole", data: data))
    }

    /// Held to the base model, the student leaves it less.
    @Test func regularisationHoldsTheStudentToItsTeacher() throws {
        let held = try data(.random, instructions: .base)
        var free = held
        free.instructions = nil
        func distance(_ data: TrainingData, _ folder: String) throws -> Double {
            let adapter = try #require(try tiny.trainer(folder, data).run(onStep: { _ in }, shouldStop: { false }))
            return try (10..<13).map { index in
                let sample = try tiny.sample(index, .base, isInstruction: true)
                let row = ForcedRow(prompt: sample.prompt, continuation: sample.answer)
                return try TrainingLoss(temperature: 1).value(
                    student_Md: model.decoder.statesBefore([row], adapter: adapter)[0],
                    target: .teacher(#require(sample.teacher_Td)), weights_M: sample.answer.map { _ in 1 },
                    decoder: model.decoder, adapter: adapter)
            }.reduce(0, +)
        }
        #expect(try distance(held, "held") < distance(free, "free"))
    }

    private var model: LanguageModel { tiny.model }
}
