// A tiny model, samples for it, and trainings on them in a folder that goes with the value.

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

struct TinyTraining {
    /// The teacher's states: noise, none, those of the base model over the sample's own tokens, or no numbers.
    enum Teacher { case random, none, base, broken }

    let files: TinyModelFolder
    let model: LanguageModel
    /// Three samples a step, three epochs, a checkpoint after every step.
    var settings = TrainingSettings()

    init() throws {
        files = try TinyModelFolder()
        model = try LanguageModel(path: files.model.path, dtype: .float32)
        (settings.rank, settings.batchSize, settings.epochs) = (4, 3, 3)
        (settings.learningRate, settings.temperature, settings.checkpointSeconds) = (1e-2, 1, 0)
    }

    // MARK: - Samples

    func key(_ index: Int) -> ContentKey { ContentKey(of: "sample \(index)") }

    /// One of unequal lengths.
    func sample(_ index: Int, _ teacher: Teacher = .random, isInstruction: Bool = false) throws -> TrainingSample {
        let prompt = [40, 41 + index, isInstruction ? 43 : 42]
        let answer = (0..<(2 + index % 3)).map { 65 + index + $0 }
        let noise_Td = try Tensor.randn([answer.count, model.decoder.configuration.hiddenSize], seed: UInt64(index))
        let states_Td: Tensor? =
            switch teacher {
            case .random: noise_Td
            case .none: nil
            case .base: try model.decoder.statesBefore([ForcedRow(prompt: prompt, continuation: answer)])[0]
            case .broken: try noise_Td * Double.nan
            }
        return TrainingSample(
            isInstruction ? .instruction("\(index)") : .answer(key(index)), prompt: prompt, answer: answer,
            teacher_Td: states_Td)
    }

    func samples(_ indices: Range<Int>, _ teacher: Teacher = .random, areInstructions: Bool = false) throws
        -> HeldSamples
    {
        HeldSamples(try indices.map { try sample($0, teacher, isInstruction: areInstructions) })
    }

    // MARK: - Trainings

    func checkpoints(_ folder: String) -> CheckpointFolder {
        CheckpointFolder(directory: files.folder.appending(path: folder), identity: "test")
    }

    func fresh() throws -> LoRAAdapter {
        try LoRAAdapter(settings.lora, for: model.decoder.configuration, seed: 7)
    }

    /// An adapter that changes the model, so that no factor's gradient is zero.
    func disturbed(_ seed: UInt64 = 1) throws -> LoRAAdapter {
        let adapter = try LoRAAdapter(settings.lora, for: model.decoder.configuration, seed: seed)
        for parameter in adapter.parameters where parameter.matrix == .b {
            try parameter.tensor.copyInPlace(Tensor.randn(parameter.tensor.shape, seed: seed))
        }
        return adapter
    }

    /// A training from its newest checkpoint, else from an adapter, else from a fresh one.
    func trainer(
        _ folder: String, _ data: TrainingData, from start: LoRAAdapter? = nil,
        reduce: @escaping GradientReducer = { _ in }
    ) throws -> Trainer {
        let optimizer = try AdamW(start ?? fresh(), dtype: model.decoder.dtype)
        try checkpoints(folder).restoreNewest(into: optimizer)
        return try Trainer(
            decoder: model.decoder, settings: settings, data: data, seed: 7, from: optimizer,
            checkpoints: checkpoints(folder), reduce: reduce)
    }

    /// What the steps of a whole training report.
    func reports(
        _ data: TrainingData, from start: LoRAAdapter? = nil, reduce: @escaping GradientReducer = { _ in }
    ) throws -> [StepReport] {
        var reports: [StepReport] = []
        _ = try trainer(UUID().uuidString, data, from: start, reduce: reduce)
            .run(onStep: { reports.append($0) }, shouldStop: { false })
        return reports
    }

    /// The weights that a training ends with, from its newest checkpoint on.
    func trained(_ folder: String = UUID().uuidString, data: TrainingData) throws -> [[Float]] {
        try numbers(#require(try trainer(folder, data).run(onStep: { _ in }, shouldStop: { false })))
    }

    /// Trains for some steps and stops.
    func stop(after steps: Int, _ folder: String, _ data: TrainingData) throws {
        var done = 0
        let stopped = try trainer(folder, data).run(onStep: { _ in done += 1 }, shouldStop: { done == steps })
        #expect(stopped == nil)
    }

    func numbers(_ adapter: LoRAAdapter) throws -> [[Float]] {
        try adapter.parameters.map { try $0.tensor.detached().values() }
    }
}
