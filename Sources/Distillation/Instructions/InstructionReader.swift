// Instructions as training samples: the conversation through the model's chat template, the reply's tokens, and the base
// model's states before each of them, no document anywhere. Knows neither the store nor progress.
//
// Of a conversation with several replies the last one is learned. Eq. 2 of the paper is a mean over one response's tokens,
// and the prompt of a sample is what the chat template makes of all turns before: templates may write an earlier reply in
// another way than the model said it (without its thoughts, say), so earlier replies are read and not learned.

import Basics
import Generation
import LanguageModels
import Lineage
import Store
import Tokenizers
import Torch

/// Reads instructions with the base model.
public struct InstructionReader {
    private let settings: RegularisationSettings
    private let prompts: Prompts
    private let teacher: LanguageModel
    private let runSeed: UInt64
    /// Tokens that the teacher reads in one pass.
    private static let tokensPerPass = 8192

    /// A reader. `teacher` is the base model.
    public init(settings: RegularisationSettings, prompts: Prompts, teacher: LanguageModel, runSeed: UInt64) {
        self.settings = settings
        self.prompts = prompts
        self.teacher = teacher
        self.runSeed = runSeed
    }

    /// The samples that some instructions give, in their order; those that are too long, or to which the model says nothing
    /// or one thing without end, are left out. The same list gives the same samples.
    /// - Parameter checkIn: called often; what it throws ends the work.
    public func samples(
        of instructions: [Instruction], checkIn: () throws -> Void = {}
    ) throws -> [TrainingSample] {
        let asked = try instructions.map { Asked(instruction: $0, prompt: try teacher.promptTokens(messages($0))) }
        return try replied(asked.filter { $0.instruction.reply == nil }, checkIn)
            + read(asked.filter { $0.instruction.reply != nil }, checkIn)
    }

    private struct Asked {
        let instruction: Instruction
        let prompt: [Int]
    }

    /// A conversation without a system message of its own gets the run's.
    private func messages(_ instruction: Instruction) -> [ChatMessage] {
        instruction.prompt.first?.role == "system" ? instruction.prompt : prompts.conversation(instruction.prompt)
    }

    private var context: Int { teacher.decoder.configuration.maximumPositions }

    /// Samples of the model's own replies: the states are there from drawing them.
    private func replied(_ asked: [Asked], _ checkIn: () throws -> Void) throws -> [TrainingSample] {
        let fitting = asked.filter {
            $0.prompt.count < settings.maximumPromptTokens && $0.prompt.count + settings.maximumTokens <= context
        }
        let conversations = fitting.map {
            Conversation(messages($0.instruction), seed: $0.instruction.id.seed(run: runSeed))
        }
        let rules = ReplyRules(
            sampling: settings.sampling, maximumTokens: settings.maximumTokens, keepsHiddenStates: true)
        let replies = try LocalExpert(teacher, batchSize: max(1, fitting.count))
            .replies(to: conversations, rules: rules) { _ in try checkIn() }
        return zip(fitting, replies).compactMap { asked, reply in
            guard let tokens = reply.tokens, let states = reply.hiddenStates, !tokens.isEmpty, !reply.repeatsItself
            else {
                return nil
            }
            return sample(asked, tokens, states)
        }
    }

    /// Samples of replies that the data have: the model reads them.
    private func read(_ asked: [Asked], _ checkIn: () throws -> Void) throws -> [TrainingSample] {
        let room = min(settings.maximumPromptTokens, context)
        let rows = asked.filter { $0.prompt.count < room }.map { asked in
            let whole = teacher.tokenizer.encode(asked.instruction.reply ?? "") + [teacher.endOfTurn]
            let reply = Array(whole.prefix(room - asked.prompt.count))
            return (asked, row: ForcedRow(prompt: asked.prompt, continuation: reply))
        }
        var samples: [TrainingSample] = []
        for part in rows.parts(maximum: InstructionReader.tokensPerPass, size: \.row.count) {
            try checkIn()
            let states = try teacher.decoder.statesBefore(part.map(\.row))
            samples += zip(part, states).map { sample($0.0, $0.row.continuation, $1) }
        }
        return samples
    }

    private func sample(_ asked: Asked, _ reply: [Int], _ teacher_Td: Tensor) -> TrainingSample {
        TrainingSample(
            .instruction(asked.instruction.id.description), prompt: asked.prompt, answer: reply, teacher_Td: teacher_Td)
    }
}

extension ForcedRow {
    fileprivate var count: Int { prompt.count + continuation.count }
}
