// Training on the answers of the present documents, or on the documents themselves, resumed where it was, to an adapter in
// the run's folder.

import Basics
import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import Torch

/// What a training depends on.
private struct TrainingRecipe: Encodable {
    /// What made the answers; nil where the documents themselves are trained on.
    let answers: ContentKey?
    /// Names the answers or chunks that are trained on: the corpus may have changed under the same recipe.
    let data: ContentKey
    let model: String
    let precision: String
    let seed: UInt64
    let settings: TrainingSettings
    /// Nil where all answers are trained on.
    let selection: SelectionSettings?
    /// Nil where the training has no instructions beside the answers.
    let regularisation: RegularisationKey?
    /// Nil where the student writes nothing.
    let onPolicy: OnPolicySettings?
}

/// An adapter in the run's folder.
public struct TrainedAdapter: Sendable, Hashable {
    /// What it is called in the run's tables and stages.
    public let name: String
    /// What names the training.
    public let recipe: ContentKey
    /// Where the adapter is.
    public let directory: URL
}

extension Pipeline {
    /// Trains the adapter unless that has been done.
    /// - Parameter answers: what to train on; nil where the objective is to learn the documents themselves.
    public func train(on answers: AnswerSet?) throws -> TrainedAdapter {
        if let answers { try checkTargets(of: answers) }
        keepModels(at: [configuration.model, isOnPolicy ? configuration.teacherPath : nil])
        var samples = try samples(of: answers)
        let regularisation = try regularisation(beside: samples.data)
        samples.data.instructions = regularisation.map {
            ($0.source, configuration.regularisation.perStep(batchSize: configuration.training.batchSize))
        }
        let recipe = try trainingRecipe(answers, samples.key, regularisation?.key)
        let adapter = TrainedAdapter(
            name: adapterName, recipe: recipe, directory: RunFolder(directory).adapter(adapterName))
        if LoRAAdapter.training(in: adapter.directory) != recipe.description {
            try timed(recipe) { try trainAnew(recipe, samples.data, adapter.directory) }
            let counts = ["samples": samples.data.training.count]
            try store.finishUnit(UnitOfWork(recipe: recipe, key: "samples", counts: counts))
        }
        keepModels(at: [configuration.model])
        let loss = try store.metrics(recipe: recipe, name: "train.loss").last?.value
        let note = loss.map { ", last loss \(String(format: "%.3f", $0))" } ?? ""
        tell(
            .finished(
                .train, summary: "rank \(configuration.training.rank) adapter in \(adapter.directory.path)\(note)"))
        return adapter
    }

    /// The adapter as a stage finds it that is run alone.
    func adapter() throws -> TrainedAdapter {
        let directory = RunFolder(directory).adapter(adapterName)
        guard let recipe = LoRAAdapter.training(in: directory).flatMap(ContentKey.init) else {
            throw PipelineError.missingStage(needed: .train, run: .evaluate)
        }
        return TrainedAdapter(name: adapterName, recipe: recipe, directory: directory)
    }

    private func trainingRecipe(
        _ answers: AnswerSet?, _ data: ContentKey, _ regularisation: RegularisationKey?
    ) throws -> ContentKey {
        try recordRecipe(
            "training",
            TrainingRecipe(
                answers: answers?.recipe, data: data, model: try model().fingerprint,
                precision: "\(configuration.resolvedPrecision)", seed: configuration.trainingSeed,
                settings: configuration.training,
                selection: configuration.selection.by == .none ? nil : configuration.selection,
                regularisation: regularisation, onPolicy: isOnPolicy ? configuration.onPolicy : nil))
    }

    private func trainAnew(_ recipe: ContentKey, _ data: TrainingData, _ destination: URL) throws {
        let base = try model()
        var data = data
        if isOnPolicy { data.training = try onPolicy(data.training) }
        let folder = RunFolder(directory)
        let checkpoints = CheckpointFolder(
            directory: folder.checkpoints(recipe.description), identity: recipe.description)
        let (settings, seed) = (configuration.training, configuration.trainingSeed)
        let fresh = try LoRAAdapter(
            settings.lora, for: base.decoder.configuration, seed: seed, device: base.decoder.device)
        let optimizer = try AdamW(fresh, dtype: base.decoder.dtype)
        try checkpoints.restoreNewest(into: optimizer)
        let trainer = try Trainer(
            decoder: base.decoder, settings: settings, data: data, seed: seed, from: optimizer,
            checkpoints: checkpoints, teacherHead: teacherHead())
        var snapshots = SnapshotWriter(
            configuration.training.snapshotSeconds ?? [], training: recipe, base: base, folder: folder)
        tell(.started(.train, done: trainer.stepsDone, total: trainer.totalSteps))
        // The steps' own clock: a process that was killed has not added its time to the recipe's.
        let before = try store.metrics(recipe: recipe, name: "train.loss").last { $0.step <= trainer.stepsDone }
        let start = ContinuousClock.now
        let trained = try trainer.run(
            onStep: { report in
                let seconds = (before?.seconds ?? 0) + (ContinuousClock.now - start) / .seconds(1)
                try self.store.appendMetrics(report.metrics(seconds: seconds), recipe: recipe)
                try snapshots.write(trainer.adapter, step: report.step, seconds: seconds)
                self.tell(
                    .advanced(
                        .train, done: report.step, total: report.totalSteps,
                        detail: "loss \(String(format: "%.3f", report.loss))"))
            }, shouldStop: { self.isAskedToStop })
        guard let trained else { throw RunStopped() }
        try FileManager.default.createDirectory(
            at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
        for mark in snapshots.open {
            tell(.notice("Training ended before \(mark) s, so there is no snapshot of then."))
        }
        try trained.write(to: destination, base: base, training: recipe.description)
    }
}

extension StepReport {
    fileprivate func metrics(seconds: Double) -> [Metric] {
        var metrics = [
            Metric(step: step, name: "train.loss", value: loss, seconds: seconds),
            Metric(step: step, name: "train.gradient_norm", value: gradientNorm, seconds: seconds),
            Metric(step: step, name: "train.learning_rate", value: learningRate, seconds: seconds),
            Metric(step: step, name: "train.tokens", value: Double(tokens), seconds: seconds),
        ]
        if let regularisationLoss {
            metrics.append(
                Metric(step: step, name: "train.regularisation_loss", value: regularisationLoss, seconds: seconds))
        }
        if let validationLoss {
            metrics.append(Metric(step: step, name: "validation.loss", value: validationLoss, seconds: seconds))
        }
        return metrics
    }
}
