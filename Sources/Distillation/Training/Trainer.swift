// The training loop: samples in, adapter out. It can be stopped after any step, and from its newest checkpoint goes on to
// bit-identical weights (on a CPU with the same number of threads). Knows samples and weights, not text or stores.

import Foundation
import LanguageModels
import Lineage
import Torch

/// What a step did.
public struct StepReport: Sendable {
    /// Steps done, this one included.
    public let step: Int
    public let totalSteps: Int
    /// The loss over the step's samples.
    public let loss: Double
    /// The loss over the instruction samples among them; nil where there are none.
    public let regularisationLoss: Double?
    /// Norm of the gradients before clipping.
    public let gradientNorm: Double
    /// The learning rate that was used.
    public let learningRate: Double
    /// Tokens that the student read.
    public let tokens: Int
    /// Loss at temperature 1 over the validation samples, at the end of an epoch.
    public let validationLoss: Double?
}

/// What a step's samples come to. Every sample has its weight in the whole batch, so that processes which each read a part of
/// the batch add up all of this and then take the step that one process would.
public struct BatchSums {
    /// One a parameter, in the order of ``LoRAAdapter/parameters`` and in the type that the model computes in.
    public var gradients: [Tensor]
    /// Σ weight · loss.
    public var loss = 0.0
    /// Of that, what instructions add.
    public var regularisationLoss = 0.0
    /// Tokens that the student read.
    public var tokens = 0
}

/// What becomes of a batch's sums between the backward pass and the optimizer's step.
public typealias GradientReducer = (inout BatchSums) throws -> Void

/// Trains an adapter: by prompt distillation where its samples have a teacher, else by fine-tuning.
public struct Trainer {
    private let decoder: Decoder
    private let settings: TrainingSettings
    private let data: TrainingData
    private let order: BatchOrder
    private let schedule: LearningRateSchedule
    private let optimizer: AdamW
    private let checkpoints: CheckpointFolder
    private let teacherHead: TeacherHead?
    private let reduce: GradientReducer

    /// A training run from where its optimizer is.
    /// - Parameters:
    ///   - decoder: the frozen base.
    ///   - settings: how to train.
    ///   - data: what to learn from.
    ///   - seed: of the order of the samples.
    ///   - optimizer: a fresh one over a fresh adapter, or over one that was trained before, or with a checkpoint restored.
    ///   - checkpoints: where checkpoints are kept, one folder for each combination of data and settings.
    ///   - teacherHead: what makes logits of the samples' teacher states; nil where the base itself is the teacher.
    ///   - reduce: called once a step; leaves a single process's sums as they are.
    public init(
        decoder: Decoder, settings: TrainingSettings, data: TrainingData, seed: UInt64, from optimizer: AdamW,
        checkpoints: CheckpointFolder, teacherHead: TeacherHead? = nil, reduce: @escaping GradientReducer = { _ in }
    ) throws {
        guard data.training.count > 0 else { throw TrainingError.noSamples }
        let differences = optimizer.adapter.configuration.differences(from: settings.lora)
        guard differences.isEmpty else { throw TrainingError.otherAdapter(differences: differences) }
        (self.decoder, self.settings, self.data, self.optimizer) = (decoder, settings, data, optimizer)
        (self.checkpoints, self.teacherHead, self.reduce) = (checkpoints, teacherHead, reduce)
        order = BatchOrder(
            samples: data.training.count, instructions: data.instructions?.source.count ?? 0,
            instructionsPerStep: data.instructions?.perStep ?? 0, batchSize: settings.batchSize,
            epochs: settings.epochs, seed: seed)
        schedule = LearningRateSchedule(
            peak: settings.learningRate, warmupSteps: settings.warmupSteps(of: order.totalSteps),
            totalSteps: order.totalSteps)
    }

    /// What is trained: every step changes its numbers in place.
    public var adapter: LoRAAdapter { optimizer.adapter }

    /// Steps done, also by earlier processes.
    public var stepsDone: Int { optimizer.stepsDone }

    public var totalSteps: Int { order.totalSteps }

    /// Trains to the end.
    /// - Parameters:
    ///   - onStep: told of every step; what it throws ends the run.
    ///   - shouldStop: asked after every step; true writes a checkpoint and ends the run early.
    /// - Returns: the adapter, or nil if the run was stopped early.
    public func run(onStep: (StepReport) throws -> Void, shouldStop: () -> Bool) throws -> LoRAAdapter? {
        var lastSave = Date()
        var order = order
        while stepsDone < totalSteps {
            let (samples, instructions) = order.batch(step: stepsDone)
            try onStep(train(on: samples, beside: instructions))
            let stopping = shouldStop() && stepsDone < totalSteps
            let isDue = Date().timeIntervalSince(lastSave) >= settings.checkpointSeconds
            if isDue || stopping || stepsDone == totalSteps {
                try checkpoints.save(optimizer)
                lastSave = Date()
            }
            if stopping { return nil }
        }
        return adapter
    }

    private func train(on places: [Int], beside instructions: [Int]) throws -> StepReport {
        let (step, student) = (stepsDone, optimizer.working)
        let samples =
            try data.training.samples(at: places, step: step, student: student)
            + (data.instructions?.source.samples(at: instructions, step: step, student: student) ?? [])
        try samples.forEach { try $0.check() }
        let batchSize = places.count + instructions.count
        var sums = try sums(of: samples, batchSize: batchSize)
        try reduce(&sums)
        try requireFinite(sums.loss, "loss", step, samples)
        let rate = schedule.rate(step: step)
        let norm = try optimizer.step(
            AdamWStep(learningRate: rate, weightDecay: settings.weightDecay), gradients: sums.gradients,
            clipNorm: settings.clipNorm)
        try requireFinite(norm, "gradient norm", step, samples)
        let endsEpoch = stepsDone % order.stepsPerEpoch == 0
        return StepReport(
            step: stepsDone, totalSteps: totalSteps, loss: sums.loss,
            regularisationLoss: instructions.isEmpty
                ? nil : sums.regularisationLoss * Double(batchSize) / Double(instructions.count),
            gradientNorm: norm, learningRate: rate, tokens: sums.tokens,
            validationLoss: endsEpoch ? try validate() : nil)
    }

    /// Forward and backward passes over samples.
    /// - Parameter batchSize: samples in the whole batch.
    private func sums(of samples: [TrainingSample], batchSize: Int) throws -> BatchSums {
        var (loss, regularisation) = (0.0, 0.0)
        for part in samples.parts(maximumTokens: settings.maximumTokensPerPass) {
            let own = try accumulateGradients(part, batchSize: batchSize)
            loss += own
            if part[0].isInstruction { regularisation += own }
        }
        return BatchSums(
            gradients: try optimizer.gradients(), loss: loss, regularisationLoss: regularisation,
            tokens: samples.map(\.inputCount).reduce(0, +))
    }

    /// One forward and backward pass; adds to the working copies' gradients.
    private func accumulateGradients(_ samples: [TrainingSample], batchSize: Int) throws -> Double {
        let batch = try TrainingBatch(samples, batchSize: batchSize, decoder: decoder)
        let recomputed =
            settings.recomputesLayers
            ? try RecomputedPass(
                decoder, batch.ids_N, positions_N: batch.layout.positions_N, attention: batch.layout,
                adapter: optimizer.working) : nil
        let student_Md = try recomputed?.hidden_Nd.indexSelect(0, batch.answerPlaces_M) ?? answerStates(batch)
        let result = try loss(of: samples, temperature: settings.temperature).gradient(
            student_Md: student_Md.detached(), target: batch.target, weights_M: batch.weights_M,
            decoder: decoder, adapter: optimizer.working)
        try student_Md.backward(gradient: result.hiddenGradient_Md)
        try recomputed?.backward()
        return result.loss
    }

    /// Of samples of one kind: the base itself is the teacher of instructions.
    private func loss(of samples: [TrainingSample], temperature: Double) -> TrainingLoss {
        TrainingLoss(
            settings.loss, temperature: temperature, teacherHead: samples[0].isInstruction ? nil : teacherHead)
    }

    private func answerStates(_ batch: TrainingBatch) throws(TorchError) -> Tensor {
        let hidden_Nd = try decoder.hiddenStates(
            batch.ids_N, positions_N: batch.layout.positions_N, attention: batch.layout, adapter: optimizer.working)
        return try hidden_Nd.indexSelect(0, batch.answerPlaces_M)
    }

    /// Mean loss at temperature 1 over the validation samples; nil if there are none.
    private func validate() throws -> Double? {
        guard let source = data.validation, source.count > 0 else { return nil }
        var total = 0.0
        for start in stride(from: 0, to: source.count, by: settings.batchSize) {
            let places = Array(start..<min(start + settings.batchSize, source.count))
            let samples = try source.samples(at: places, step: stepsDone, student: optimizer.working)
            try samples.forEach { try $0.check() }
            for part in samples.parts(maximumTokens: settings.maximumTokensPerPass) {
                let batch = try TrainingBatch(part, batchSize: source.count, decoder: decoder)
                let student_Md = try noGrad { () throws(TorchError) in try answerStates(batch) }
                total += try loss(of: part, temperature: 1).value(
                    student_Md: student_Md, target: batch.target, weights_M: batch.weights_M,
                    decoder: decoder, adapter: optimizer.working)
            }
        }
        return total
    }

    private func requireFinite(
        _ value: Double, _ quantity: String, _ step: Int, _ samples: [TrainingSample]
    ) throws(TrainingError) {
        guard !value.isFinite else { return }
        throw .notFinite(
            quantity: quantity, step: step + 1, samples: samples.map(\.kind), lastCheckpoint: checkpoints.newest?.path)
    }
}

extension TrainingSettings {
    /// The divergence that these settings ask for.
    var loss: Divergence {
        switch divergence {
        case .forward: .forward
        case .reverse: .reverse
        case .jensenShannon: .jensenShannon(beta: jensenShannonBeta)
        }
    }

    /// The adapter that these settings ask for.
    public var lora: LoRAConfiguration {
        LoRAConfiguration(rank: rank, alpha: alpha ?? 2 * Double(rank), targets: Set(targets))
    }
}

extension LoRAConfiguration {
    /// What of it is not as wanted, in words.
    fileprivate func differences(from wanted: LoRAConfiguration) -> [String] {
        func names(_ targets: Set<Projection>) -> String { targets.map(\.rawValue).sorted().joined(separator: " ") }
        let values: [(name: String, own: String, wanted: String)] = [
            ("rank", "\(rank)", "\(wanted.rank)"), ("alpha", "\(alpha)", "\(wanted.alpha)"),
            ("targets", names(targets), names(wanted.targets)),
        ]
        return values.filter { $0.own != $0.wanted }.map { "its \($0.name) is \($0.own), not \($0.wanted)" }
    }
}
