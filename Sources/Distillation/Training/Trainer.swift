// The training loop: samples in, adapter out. It can be stopped after any step and goes on from its newest checkpoint to
// bit-identical weights (on a CPU with the same number of threads). Knows samples and weights, not text or stores.

import Foundation
import LanguageModels
import Lineage
import Torch

/// What a step did.
public struct StepReport: Sendable {
    /// Steps done, this one included.
    public let step: Int
    /// Steps in all.
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

/// Where the trainer gets its samples.
public struct SampleSource {
    /// Samples to learn from.
    public let training: Int
    /// Samples to measure on.
    public let validation: Int
    /// The samples with the given indices; validation samples are numbered after the training samples.
    public let load: ([Int]) throws -> [TrainingSample]
    /// Instruction samples that stand beside the others in every batch; nil without regularisation.
    public var instructions: InstructionSource?
    /// What becomes of a step's training samples where the student has a say in them, given the step and the student's adapter
    /// as it is then; nil leaves them as they are. It must follow from these alone, or a resumed training ends elsewhere.
    public var resample: (([TrainingSample], _ step: Int, _ student: LoRAAdapter) throws -> [TrainingSample])?

    /// A source of so many samples.
    public init(training: Int, validation: Int, load: @escaping ([Int]) throws -> [TrainingSample]) {
        self.training = training
        self.validation = validation
        self.load = load
    }
}

/// Trains an adapter: by prompt distillation where its samples have a teacher, else by fine-tuning.
public struct Trainer {
    private let decoder: Decoder
    private let settings: TrainingSettings
    private let source: SampleSource
    private let checkpoints: CheckpointFolder
    private let order: SampleOrder
    private let instructions: InstructionOrder
    private let schedule: LearningRateSchedule
    private let teacherHead: TeacherHead?
    /// What is trained: every step changes its numbers in place.
    public let adapter: LoRAAdapter
    private let optimizer: AdamW
    private let firstStep: Int

    /// A training run, fresh or where its newest valid checkpoint left it.
    /// - Parameters:
    ///   - decoder: the frozen base.
    ///   - settings: how to train.
    ///   - source: what to learn from.
    ///   - seed: of the adapter's first weights and of the order of the samples.
    ///   - checkpoints: where checkpoints are kept, one folder for each combination of data and settings.
    ///   - teacherHead: what makes logits of the samples' teacher states; nil where the base itself is the teacher.
    public init(
        decoder: Decoder, settings: TrainingSettings, seed: UInt64, source: SampleSource, checkpoints: CheckpointFolder,
        teacherHead: TeacherHead? = nil
    ) throws {
        guard source.training > 0 else { throw TrainingError.noSamples }
        self.decoder = decoder
        self.settings = settings
        self.source = source
        self.checkpoints = checkpoints
        self.teacherHead = teacherHead
        order = SampleOrder(
            sampleCount: source.training, batchSize: settings.batchSize - (source.instructions?.perStep ?? 0),
            epochs: settings.epochs, seed: seed)
        instructions = InstructionOrder(source.instructions, beside: order, seed: seed)
        schedule = LearningRateSchedule(
            peak: settings.learningRate,
            warmupSteps: settings.warmupSteps(of: order.totalSteps),
            totalSteps: order.totalSteps)
        adapter = try LoRAAdapter(settings.lora, for: decoder.configuration, seed: seed, device: decoder.device)
        optimizer = try AdamW(adapter, dtype: decoder.dtype)
        firstStep = try checkpoints.restoreNewest(into: optimizer)
    }

    /// Steps that a checkpoint has spared.
    public var resumedSteps: Int { firstStep }

    /// Steps in all.
    public var totalSteps: Int { order.totalSteps }

    /// Trains to the end.
    /// - Parameters:
    ///   - onStep: told of every step; what it throws ends the run.
    ///   - shouldStop: asked after every step; true writes a checkpoint and ends the run early.
    /// - Returns: the adapter, or nil if the run was stopped early.
    public func run(onStep: (StepReport) throws -> Void, shouldStop: () -> Bool) throws -> LoRAAdapter? {
        var lastSave = Date()
        var indices: [Int] = []
        var instructions = instructions
        for step in firstStep..<max(firstStep, order.totalSteps) {
            if indices.isEmpty || step % order.stepsPerEpoch == 0 { indices = order.epoch(step / order.stepsPerEpoch) }
            try onStep(
                train(step, on: Array(order.batch(step: step, in: indices)), beside: instructions.batch(step: step)))
            let done = step + 1
            let stopping = shouldStop() && done < order.totalSteps
            let isDue = Date().timeIntervalSince(lastSave) >= settings.checkpointSeconds
            if isDue || stopping || done == order.totalSteps {
                try checkpoints.save(optimizer, step: done)
                lastSave = Date()
            }
            if stopping { return nil }
        }
        return adapter
    }

    private func train(_ step: Int, on indices: [Int], beside instructions: [Int]) throws -> StepReport {
        let loaded = try source.load(indices)
        let answered = try source.resample?(loaded, step, optimizer.working) ?? loaded
        let samples = try answered + (source.instructions?.load(instructions) ?? [])
        try samples.forEach { try $0.check() }
        var loss = 0.0
        var regularisation = 0.0
        for part in samples.parts(maximumTokens: settings.maximumTokensPerPass) {
            let own = try accumulateGradients(part, batchSize: samples.count)
            loss += own
            if part[0].isInstruction { regularisation += own }
        }
        try requireFinite(loss, "loss", step, samples)
        let rate = schedule.rate(step: step)
        let numbers = AdamWStep(learningRate: rate, weightDecay: settings.weightDecay)
        let norm = try optimizer.step(numbers, step: step + 1, clipNorm: settings.clipNorm)
        try requireFinite(norm, "gradient norm", step, samples)
        let endsEpoch = (step + 1) % order.stepsPerEpoch == 0
        return StepReport(
            step: step + 1, totalSteps: order.totalSteps, loss: loss,
            regularisationLoss: instructions.isEmpty
                ? nil : regularisation * Double(samples.count) / Double(instructions.count),
            gradientNorm: norm, learningRate: rate,
            tokens: samples.map(\.inputCount).reduce(0, +), validationLoss: endsEpoch ? try validate() : nil)
    }

    /// One forward and backward pass; adds to the parameters' gradients.
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
        guard source.validation > 0 else { return nil }
        var total = 0.0
        for start in stride(from: 0, to: source.validation, by: settings.batchSize) {
            let end = min(start + settings.batchSize, source.validation)
            let samples = try source.load((start..<end).map { source.training + $0 })
            try samples.forEach { try $0.check() }
            for part in samples.parts(maximumTokens: settings.maximumTokensPerPass) {
                let batch = try TrainingBatch(part, batchSize: source.validation, decoder: decoder)
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
            quantity: quantity, step: step + 1, rows: samples.map(\.name), lastCheckpoint: checkpoints.newest?.path)
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
