// Instruction samples for regularisation: the user's data or the general instructions that come with the program, read by the
// base model once, a batch at a time, and kept in shards beside the answers' targets.

import Basics
import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store

/// What instruction samples depend on besides the instructions themselves.
private struct RegularisationRecipe: Encodable {
    let model: String
    let precision: String
    let systemMessage: String
    let maximumPromptTokens: Int
    /// Of the model's own replies; nil where the data have replies.
    let seed: UInt64?
    let sampling: SamplingSettings?
    let maximumTokens: Int?
}

/// What a training depends on when it is regularised.
struct RegularisationKey: Encodable {
    let share: Double
    /// Names the instruction samples and their order.
    let samples: ContentKey
}

/// Instructions that are read together: what is made together depends on its company to the last bit, so a batch is made
/// whole or not at all.
private struct InstructionBatch {
    let instructions: [Instruction]
    /// Names the batch.
    let key: ContentKey
    /// File name of its shard.
    let shard: String

    init(_ instructions: ArraySlice<Instruction>, recipe: ContentKey) {
        self.instructions = Array(instructions)
        key = ContentKey(of: "instructions", keys: instructions.map(\.id))
        shard = "\(ContentKey(of: "instruction shard", recipe.description, key.description)).safetensors"
    }
}

extension Pipeline {
    /// The instruction samples that stand beside other samples in training, made unless they are there; nil without
    /// regularisation.
    func regularisation(beside samples: TrainingData) throws -> (key: RegularisationKey, source: InstructionSource)? {
        let settings = configuration.regularisation
        guard settings.share > 0 else { return nil }
        let instructions = try instructions(for: samples)
        let recipe = try regularisationRecipe()
        let size = configuration.generationBatchSize
        let batches = stride(from: 0, to: instructions.count, by: size).map {
            InstructionBatch(instructions[$0..<min($0 + size, instructions.count)], recipe: recipe)
        }
        try timed(recipe) { try read(batches, recipe) }
        let source = try source(batches, recipe, of: instructions.count)
        let key = ContentKey(of: "regularisation \(recipe)", keys: batches.map(\.key))
        return (RegularisationKey(share: settings.share, samples: key), source)
    }

    /// No more than the training asks for: states take room.
    private func instructions(for samples: TrainingData) throws -> [Instruction] {
        let settings = configuration.regularisation
        let wanted = settings.wanted(samples: samples.training.count, training: configuration.training)
        let limit = min(wanted, settings.limit ?? .max)
        guard !settings.data.isEmpty else { return Array(GeneralInstructions.all.prefix(limit)) }
        let file = try InstructionFile(
            URL(fileURLWithPath: settings.data), limit: limit, seed: configuration.seed)
        tell(.notice("Regularisation: \(file.summary)."))
        return file.instructions
    }

    private func regularisationRecipe() throws -> ContentKey {
        let settings = configuration.regularisation
        let isOwn = settings.data.isEmpty
        return try recordRecipe(
            "regularisation",
            RegularisationRecipe(
                model: try model().fingerprint, precision: "\(configuration.resolvedPrecision)",
                systemMessage: configuration.systemMessage, maximumPromptTokens: settings.maximumPromptTokens,
                seed: isOwn ? configuration.seed : nil, sampling: isOwn ? settings.sampling : nil,
                maximumTokens: isOwn ? settings.maximumTokens : nil))
    }

    private func read(_ batches: [InstructionBatch], _ recipe: ContentKey) throws {
        let missing = try batches.filter { try !store.isFinished(recipe: recipe, key: $0.key.description) }
        guard !missing.isEmpty else { return }
        let targets = RunFolder(directory).targets
        try FileManager.default.createDirectory(at: targets, withIntermediateDirectories: true)
        let reader = InstructionReader(
            settings: configuration.regularisation, prompts: configuration.prompts, teacher: try model(),
            runSeed: configuration.seed)
        var done = batches.count - missing.count
        tell(.started(.regularise, done: done, total: batches.count))
        for batch in missing {
            try checkForStop()
            let samples = try reader.samples(of: batch.instructions) { try self.checkForStop() }
            if !samples.isEmpty { try InstructionShard.write(samples, to: targets.appending(path: batch.shard)) }
            let tokens = samples.map(\.answer.count).reduce(0, +)
            try store.finishUnit(
                UnitOfWork(
                    recipe: recipe, key: batch.key.description, counts: ["samples": samples.count, "tokens": tokens]))
            done += 1
            tell(.advanced(.regularise, done: done, total: batches.count, detail: "\(samples.count) instructions"))
        }
    }

    /// The samples of all batches in their order.
    private func source(
        _ batches: [InstructionBatch], _ recipe: ContentKey, of instructions: Int
    ) throws -> InstructionSource {
        var counts: [String: [String: Int]] = [:]
        try store.finishedUnits(recipe: recipe).forEach { counts[$0.key] = $0.counts }
        let made = batches.map { counts[$0.key.description] ?? [:] }
        let targets = RunFolder(directory).targets
        let source = InstructionSource(
            zip(batches, made).map { (targets.appending(path: $0.shard), $1["samples"] ?? 0) })
        guard source.count > 0 else { throw PipelineError.noInstructions(of: instructions) }
        let tokens = made.reduce(0) { $0 + ($1["tokens"] ?? 0) }
        let left = instructions - source.count
        let leftNote = left == 0 ? "" : ", \(left) too long or without a reply left out"
        tell(.finished(.regularise, summary: "\(source.count) instructions, \(tokens) tokens of replies\(leftNote)"))
        return source
    }
}
