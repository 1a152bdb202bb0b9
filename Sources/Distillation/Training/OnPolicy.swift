// On-policy distillation (GKD: Agarwal et al., 2024, algorithm 1): some of a step's answers are the student's own of that
// moment, and its teacher says, token by token, what it would have said instead. So the student learns where its own words
// lead it, and not only where its teacher's do. Knows tokens, not text or stores.

import Basics
import Generation
import LanguageModels
import Lineage
import Store
import Tokenizers

/// Puts the student's own answers in the place of some of its teacher's.
public struct OnPolicySampler {
    private let settings: OnPolicySettings
    private let maximumTokens: Int
    private let student: LanguageModel
    private let teacher: LanguageModel
    /// Ids from here on are rows that fill the student's embedding up: its teacher has no such token.
    private let tokenCount: Int
    private let runSeed: UInt64
    private let teacherPrompts: ([TrainingSample]) throws -> [[Int]]

    /// A sampler.
    /// - Parameters:
    ///   - answerTokens: the most tokens of an answer where the settings do not say.
    ///   - student: the frozen base.
    ///   - runSeed: which samples are drawn anew, and the draws themselves, follow from it, the step and the sample's name.
    ///   - teacherPrompts: what the teacher has before it where it gave the samples' answers: the document too.
    public init(
        _ settings: OnPolicySettings, answerTokens: Int, student: LanguageModel, teacher: LanguageModel,
        runSeed: UInt64, teacherPrompts: @escaping ([TrainingSample]) throws -> [[Int]]
    ) {
        self.settings = settings
        maximumTokens = settings.maximumTokens ?? answerTokens
        self.student = student
        self.teacher = teacher
        tokenCount = teacher.tokenizer.tokenCount
        self.runSeed = runSeed
        self.teacherPrompts = teacherPrompts
    }

    /// A step's samples, some of them answered by the student as it is at that step.
    public func resampled(
        _ samples: [TrainingSample], step: Int, student adapter: LoRAAdapter
    ) throws -> [TrainingSample] {
        var samples = samples
        let drawn = try answers(to: draws(samples, step: step), of: samples, adapter)
        let places = drawn.map(\.place)
        let prompts = try teacherPrompts(places.map { samples[$0] })
        let rows = zip(prompts, drawn).map { ForcedRow(prompt: $0, continuation: $1.tokens) }
        let states = try teacher.decoder.statesBefore(rows)
        for ((place, tokens), states_Td) in zip(drawn, states) {
            samples[place] = TrainingSample(
                name: samples[place].name, prompt: samples[place].prompt, answer: tokens, teacher_Td: states_Td)
        }
        return samples
    }

    /// Which samples the student answers, each with the seed of its answer.
    private func draws(_ samples: [TrainingSample], step: Int) -> [(place: Int, seed: UInt64)] {
        samples.enumerated().compactMap { place, sample in
            let key = ContentKey(of: "on-policy", sample.name, String(step))
            var random = SplitMix64(seed: key.seed(run: runSeed))
            return random.nextUniform() <= settings.share ? (place, random.next()) : nil
        }
    }

    /// What the student says. An answer that ends before it has begun is left out (its one position, the first, is in the
    /// teacher's answer too), and so is one with what is no token.
    private func answers(
        to draws: [(place: Int, seed: UInt64)], of samples: [TrainingSample], _ adapter: LoRAAdapter
    ) throws -> [(place: Int, tokens: [Int])] {
        let generator = BatchGenerator(
            decoder: student.decoder, adapter: adapter, sampling: settings.sampling, stopTokens: student.stopTokens,
            maximumTokens: maximumTokens)
        let written = try generator.generate(
            draws.map { GenerationRow(prompt: samples[$0.place].prompt, seed: $0.seed) })
        return zip(draws, written).compactMap { draw, row in
            let isEmpty = row.tokens.allSatisfy(student.stopTokens.contains)
            return isEmpty || row.tokens.contains { $0 >= tokenCount } ? nil : (draw.place, row.tokens)
        }
    }
}
