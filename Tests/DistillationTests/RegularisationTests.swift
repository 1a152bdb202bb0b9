// Regularisation on instruction data: which samples stand in a batch, what is made of conversations, and what the trainer does
// with them.

import Foundation
import Generation
import LanguageModels
import Lineage
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import Distillation

@Suite struct InstructionOrderTests {
    private func order(samples: Int, instructions: Int, perStep: Int = 2, seed: UInt64 = 3) -> InstructionOrder {
        let steps = SampleOrder(sampleCount: samples, batchSize: 3, epochs: 2, seed: seed)
        let source = InstructionSource(count: instructions, perStep: perStep) { _ in [] }
        return InstructionOrder(source, beside: steps, seed: seed)
    }

    @Test func everyPassHasEveryInstructionOnce() {
        var order = order(samples: 30, instructions: 10)
        let first = (0..<5).flatMap { order.batch(step: $0) }
        let second = (5..<10).flatMap { order.batch(step: $0) }
        #expect(first.sorted() == Array(0..<10) && second.sorted() == Array(0..<10))
        #expect(first != second)
    }

    @Test func aStepsInstructionsFollowFromItsNumberAlone() {
        var whole = order(samples: 8, instructions: 5)
        let all = (0..<6).map { whole.batch(step: $0) }
        for step in 0..<6 {
            var fresh = order(samples: 8, instructions: 5)
            #expect(fresh.batch(step: step) == all[step])
        }
        var other = order(samples: 8, instructions: 5, seed: 4)
        #expect((0..<6).map { other.batch(step: $0) } != all)
    }

    /// Seven samples in batches of three: the last batch of an epoch has one, which wants one beside it.
    @Test func aShortBatchKeepsItsShare() {
        var three = order(samples: 9, instructions: 100, perStep: 3)
        #expect((0..<6).map { three.batch(step: $0).count } == [3, 3, 3, 3, 3, 3])
        var short = order(samples: 7, instructions: 100, perStep: 3)
        #expect((0..<6).map { short.batch(step: $0).count } == [3, 3, 1, 3, 3, 1])
        #expect(Set((0..<6).flatMap { short.batch(step: $0) }).count == 14)
    }

    @Test func withoutInstructionsThereAreNone() {
        let steps = SampleOrder(sampleCount: 5, batchSize: 2, epochs: 1, seed: 1)
        var none = InstructionOrder(nil, beside: steps, seed: 1)
        #expect(none.batch(step: 2).isEmpty)
    }

    @Test func theShareIsOfTheBatch() {
        var settings = RegularisationSettings()
        var training = TrainingSettings()
        (settings.share, training.batchSize, training.epochs) = (0.5, 4, 3)
        #expect(settings.perStep(batchSize: 4) == 2)
        #expect(settings.wanted(samples: 11, training: training) == 6 * 3 * 2)
        settings.share = 0.25
        #expect(settings.perStep(batchSize: 4) == 1 && settings.perStep(batchSize: 32) == 8)
        settings.share = 0
        #expect(settings.wanted(samples: 11, training: training) == 0)
    }
}

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
        let prompt = model.text(sample.prompt, keepingControlTokens: true)
        #expect(prompt.contains("Be brief.") && prompt.contains("Hello.") && prompt.contains("Who are you?"))
        #expect(model.text(sample.answer) == "A model.")
        #expect(sample.answer.last == model.endOfTurn)
        #expect(sample.isInstruction)
        #expect(sample.teacher_Td?.shape == [sample.answer.count, model.decoder.configuration.hiddenSize])
    }

    @Test func aSystemMessageOfItsOwnTakesThePlaceOfTheRuns() throws {
        let turns = [message("system", "Talk like a sailor."), message("user", "Hi")]
        let sample = try #require(try reader().samples(of: [Instruction(prompt: turns, reply: "Ahoy.")]).first)
        let prompt = model.text(sample.prompt, keepingControlTokens: true)
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

    @Test func aShardGivesBackWhatWasWritten() throws {
        let instructions = ["Yes.", "It depends on the weather."].map {
            Instruction(prompt: [message("user", "Is \($0.count) enough?")], reply: $0)
        }
        let samples = try reader().samples(of: instructions)
        let file = files.folder.appending(path: "shard.safetensors")
        try InstructionShard.write(samples, to: file)
        let shard = try InstructionShard(file)
        for (place, sample) in samples.enumerated() {
            let read = try shard.sample(place)
            #expect(read.prompt == sample.prompt && read.answer == sample.answer && read.isInstruction)
            let (ours, theirs): ([Float], [Float]) = try (
                #require(read.teacher_Td).values(), #require(sample.teacher_Td).values()
            )
            #expect(ours == theirs)
        }
    }
}

@Suite struct RegularisedTrainerTests {
    private let files: TinyModelFolder
    private let model: LanguageModel

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
    }

    private var settings: TrainingSettings {
        var settings = TrainingSettings()
        (settings.rank, settings.batchSize, settings.epochs) = (4, 4, 3)
        (settings.learningRate, settings.checkpointSeconds) = (1e-2, 0)
        return settings
    }

    /// The teacher's states: noise, none, or those of the base model over the sample's own tokens.
    private enum Teacher { case random, none, base }

    private func sample(_ index: Int, _ teacher: Teacher, isInstruction: Bool) throws -> TrainingSample {
        let prompt = [40, 41 + index, isInstruction ? 43 : 42]
        let answer = (0..<(2 + index % 3)).map { 65 + index + $0 }
        let states: Tensor? =
            switch teacher {
            case .random:
                try Tensor.randn([answer.count, model.decoder.configuration.hiddenSize], seed: UInt64(index))
            case .none: nil
            case .base: try model.decoder.statesBefore([ForcedRow(prompt: prompt, continuation: answer)])[0]
            }
        return TrainingSample(
            name: "sample \(index)", prompt: prompt, answer: answer, teacher_Td: states, isInstruction: isInstruction)
    }

    private func source(
        _ teacher: Teacher, count: Int = 5, instructions: Teacher, of instructionCount: Int = 3
    ) -> SampleSource {
        var source = SampleSource(training: count, validation: 0) { indices in
            try indices.map { try sample($0, teacher, isInstruction: false) }
        }
        source.instructions = InstructionSource(count: instructionCount, perStep: 2) { indices in
            try indices.map { try sample(10 + $0, instructions, isInstruction: true) }
        }
        return source
    }

    private func trainer(_ folder: String, _ source: SampleSource) throws -> Trainer {
        let checkpoints = CheckpointFolder(directory: files.folder.appending(path: folder), identity: "test")
        return try Trainer(
            decoder: model.decoder, settings: settings, seed: 7, source: source, checkpoints: checkpoints)
    }

    private func firstStep(_ source: SampleSource) throws -> StepReport {
        var first: StepReport?
        _ = try trainer(UUID().uuidString, source).run(onStep: { first = first ?? $0 }, shouldStop: { true })
        return try #require(first)
    }

    private func numbers(_ adapter: LoRAAdapter) throws -> [[Float]] {
        try adapter.parameters.map { try $0.tensor.detached().values() }
    }

    @Test func aStudentEqualToItsTeacherHasNothingToLearn() throws {
        let same = try firstStep(source(.base, instructions: .base))
        #expect(abs(try #require(same.regularisationLoss)) < 1e-6 && abs(same.loss) < 1e-6)
        let other = try firstStep(source(.base, instructions: .random))
        #expect(try #require(other.regularisationLoss) > 1e-3)
        #expect(same.gradientNorm < 1e-3 * other.gradientNorm)
    }

    /// Two answers that are learned themselves and two instructions with a teacher, in float64: mean over a sample's tokens,
    /// then over the batch.
    @Test func theLossOfAMixedBatchIsTheFormulas() throws {
        let report = try firstStep(source(.none, count: 2, instructions: .random, of: 2))
        let learned = try (0..<2).map { try reference(sample($0, .none, isInstruction: false)) }
        let kept = try (10..<12).map { try reference(sample($0, .random, isInstruction: true)) }
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
        let scale = 1 / settings.temperature
        let student = try (states.to(.float64).linear(head) * scale).logSoftmax()
        let wanted = try (teacher.to(.float64).linear(head) * scale).logSoftmax()
        let total: Double = try (wanted.exp() * (wanted - student)).sum().item()
        return total / Double(count)
    }

    @Test(arguments: [1, 3, 5], [false, true])
    func aResumedRunEndsInTheSameBits(stop: Int, isFineTuning: Bool) throws {
        let source = source(isFineTuning ? .none : .random, instructions: .random)
        let whole = try #require(try trainer("whole", source).run(onStep: { _ in }, shouldStop: { false }))
        var steps = 0
        _ = try trainer("cut", source).run(onStep: { _ in steps += 1 }, shouldStop: { steps == stop })
        let second = try trainer("cut", source)
        #expect(second.resumedSteps == stop && second.totalSteps == 9)
        let resumed = try #require(try second.run(onStep: { _ in }, shouldStop: { false }))
        #expect(try numbers(resumed) == numbers(whole))
    }

    /// Held to the base model, the student leaves it less.
    @Test func regularisationHoldsTheStudentToItsTeacher() throws {
        var free = source(.random, instructions: .base)
        free.instructions = nil
        let held = source(.random, instructions: .base)
        func distance(_ source: SampleSource, _ folder: String) throws -> Double {
            let adapter = try #require(try trainer(folder, source).run(onStep: { _ in }, shouldStop: { false }))
            var total = 0.0
            for index in 10..<13 {
                let sample = try sample(index, .base, isInstruction: true)
                let row = ForcedRow(prompt: sample.prompt, continuation: sample.answer)
                total += try TrainingLoss(temperature: 1).value(
                    student_Md: model.decoder.statesBefore([row], adapter: adapter)[0],
                    target: .teacher(#require(sample.teacher_Td)), weights_M: sample.answer.map { _ in 1 },
                    decoder: model.decoder, adapter: adapter)
            }
            return total
        }
        #expect(try distance(held, "held") < distance(free, "free"))
    }
}
