// On-policy distillation (GKD: Agarwal et al., 2024, algorithm 1): some of a step's answers are the student's own of that
// moment, and its teacher says, token by token, what it would have said instead. So the student learns where its own words
// lead it, and not only where its teacher's do. Knows models, not stores.

import Basics
import Generation
import LanguageModels
import Lineage
import Tokenizers

/// Another source's answers, some of them the student's own in the place of its teacher's.
public struct OnPolicySource: BatchSource {
    private let source: any BatchSource
    private let settings: OnPolicySettings
    private let maximumTokens: Int
    private let student: LanguageModel
    private let teacher: LanguageModel
    private let runSeed: UInt64

    /// - Parameters:
    ///   - source: answers with their teacher's prompts.
    ///   - answerTokens: the most tokens of an answer where the settings do not say.
    ///   - student: the frozen base.
    ///   - runSeed: which samples are drawn anew, and the draws themselves, follow from it, the step and the sample's key.
    public init(
        _ source: any BatchSource, settings: OnPolicySettings, answerTokens: Int, student: LanguageModel,
        teacher: LanguageModel, runSeed: UInt64
    ) {
        (self.source, self.settings, self.student, self.teacher) = (source, settings, student, teacher)
        maximumTokens = settings.maximumTokens ?? answerTokens
        self.runSeed = runSeed
    }

    public var count: Int { source.count }

    /// The answers at some places, some of them the student's own.
    public func samples(at places: [Int], step: Int, student adapter: LoRAAdapter?) throws -> [TrainingSample] {
        var samples = try source.samples(at: places, step: step, student: adapter)
        let drawn = try answers(to: draws(samples, step: step), adapter)
        let states = try teacher.decoder.statesBefore(
            drawn.map { ForcedRow(prompt: try teacher.promptTokens($0.draw.teacherPrompt), continuation: $0.tokens) })
        for ((draw, tokens), states_Td) in zip(drawn, states) {
            samples[draw.place] = TrainingSample(
                samples[draw.place].kind, prompt: draw.prompt, answer: tokens, teacher_Td: states_Td)
        }
        return samples
    }

    /// An answer that is the student's to give.
    private struct Draw {
        /// Of the sample in the batch.
        let place: Int
        let prompt: [Int]
        let teacherPrompt: [ChatMessage]
        let seed: UInt64
    }

    private func draws(_ samples: [TrainingSample], step: Int) throws -> [Draw] {
        try samples.enumerated().compactMap { place, sample in
            guard case .answer(let key) = sample.kind, let teacherPrompt = sample.teacherPrompt else {
                throw TrainingError.noTeacherPrompt(sample.kind)
            }
            let drawKey = ContentKey(of: "on-policy", key.description, String(step))
            var random = SplitMix64(seed: drawKey.seed(run: runSeed))
            guard random.nextUniform() <= settings.share else { return nil }
            return Draw(place: place, prompt: sample.prompt, teacherPrompt: teacherPrompt, seed: random.next())
        }
    }

    /// What the student says. An answer that ends before it has begun is left out: its one position, the first, is in the
    /// teacher's answer too.
    private func answers(to draws: [Draw], _ adapter: LoRAAdapter?) throws -> [(draw: Draw, tokens: [Int])] {
        let generator = BatchGenerator(
            decoder: student.decoder, adapter: adapter, sampling: settings.sampling, stopTokens: student.stopTokens,
            maximumTokens: maximumTokens, padding_V: student.padding_V)
        let written = try generator.generate(draws.map { GenerationRow(prompt: $0.prompt, seed: $0.seed) })
        return zip(draws, written).compactMap { draw, row in
            let isEmpty = row.tokens.allSatisfy(student.stopTokens.contains)
            return isEmpty ? nil : (draw, row.tokens)
        }
    }
}
