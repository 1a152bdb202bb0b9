// Instruction samples for regularisation: the user's data or the general instructions that come with the program, read by the
// base model once, a batch at a time, and kept in shards beside the answers' targets.

import Basics
import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store

/// Instruction samples that stand beside others in training.
struct InstructionSamples {
    let recipe: ContentKey
    /// Names the samples and their order.
    let key: ContentKey
    let source: InstructionSource
}

/// Instructions that are read together. Results depend on what else is in a batch, in the last bits, so a batch is made whole or
/// not at all.
private struct InstructionBatch {
    let instructions: [Instruction]
    let key: ContentKey
    /// File name of its shard.
    let shard: String

    init(_ instructions: ArraySlice<Instruction>, recipe: ContentKey) {
        self.instructions = Array(instructions)
        key = ContentKey(of: "instructions", keys: instructions.map(\.id))
        shard = "\(ContentKey(of: "instruction shard", recipe.description, key.description)).safetensors"
    }
}

extension RunContext {
    /// The instruction samples that stand beside other samples in training, made unless they are there; nil without
    /// regularisation.
    func instructions(beside samples: TrainingData) throws -> InstructionSamples? {
        let settings = configuration.regularisation
        guard settings.share > 0 else { return nil }
        let instructions = try instructions(for: samples)
        let recipe = try instructionsRecipe()
        let size = configuration.generationBatchSize
        let batches = stride(from: 0, to: instructions.count, by: size).map {
            InstructionBatch(instructions[$0..<min($0 + size, instructions.count)], recipe: recipe)
        }
        try timed(recipe) { try read(batches, recipe) }
        let source = try source(batches, recipe, of: instructions.count)
        let key = ContentKey(of: "regularisation \(recipe)", keys: batches.map(\.key))
        return InstructionSamples(recipe: recipe, key: key, source: source)
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

    private func instructionsRecipe() throws -> ContentKey {
        try record(
            InstructionsRecipe(
                model: try name(ofModelAt: configuration.model), precision: precision,
                systemMessage: configuration.systemMessage,
                seed: configuration.seed, settings: configuration.regularisation),
            .instructions)
    }

    private func read(_ batches: [InstructionBatch], _ recipe: ContentKey) throws {
        let missing = try batches.filter { try !store.isFinished(recipe: recipe, key: $0.key.description) }
        guard !missing.isEmpty else { return }
        let targets = folder.targets
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
        let targets = folder.targets
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
