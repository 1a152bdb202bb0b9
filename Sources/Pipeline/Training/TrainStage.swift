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

/// An adapter in the run's folder.
public struct TrainedAdapter: Sendable, Hashable {
    /// The base model with it.
    public let subject: EvaluationCondition.Subject
    /// Names the weights: the training for those that it ended with, else the snapshot.
    public let recipe: ContentKey
    public let training: ContentKey
    public let directory: URL

    /// What names it in recipes.
    var recipeKey: AdapterKey { AdapterKey(recipe, training: training) }
}

struct TrainStage {
    private let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    init(_ run: RunContext) { self.run = run }

    /// Trains the adapter unless that has been done.
    /// - Parameter answers: what to train on; nil where the objective is to learn the documents themselves.
    func train(on answers: AnswerSet?) throws -> TrainedAdapter {
        if let answers { try run.checkTargets(of: answers) }
        let teacher = run.isOnPolicy ? configuration.teacherPath : nil
        let adapter = try run.models.lending([configuration.model, teacher]) { try trained(on: answers) }
        let loss = try run.store.metrics(recipe: adapter.training, name: Metric.trainingLoss).last?.value
        let note = loss.map { ", last loss \(String(format: "%.3f", $0))" } ?? ""
        run.tell(
            .finished(
                .train, summary: "rank \(configuration.training.rank) adapter in \(adapter.directory.path)\(note)"))
        return adapter
    }

    /// Reads the instructions that training would read beside the answers.
    func readInstructions(beside answers: AnswerSet?) throws {
        _ = try run.instructions(beside: run.samples(of: answers).data)
    }

    private func trained(on answers: AnswerSet?) throws -> TrainedAdapter {
        var samples = try run.samples(of: answers)
        let instructions = try run.instructions(beside: samples.data)
        samples.data.instructions = instructions.map {
            ($0.source, configuration.regularisation.perStep(batchSize: configuration.training.batchSize))
        }
        let directory = run.folder.adapter(run.subject)
        guard startingPlace?.standardizedFileURL.path != directory.standardizedFileURL.path else {
            throw ConfigurationError.invalid(
                key: "training.startingAdapter", value: "\"\(configuration.training.startingAdapter)\"",
                expected: "another folder than the one that the run's own adapter is written to: copy that first")
        }
        let present = LoRAAdapter.training(in: directory).flatMap(ContentKey.init)
        let recipe = try run.record(
            TrainingRecipe(
                answers: answers?.recipe, data: samples.key, model: run.name(ofModelAt: configuration.model),
                precision: run.precision,
                configuration: configuration, instructions: instructions.map { ($0.recipe, $0.key) },
                startingAdapter: startingPlace.map(LoRAAdapter.fingerprint)),
            .training, preferring: present)
        let adapter = TrainedAdapter(
            subject: run.subject, recipe: recipe, training: recipe, directory: directory)
        guard present != recipe else {
            let trained = try run.store.metrics(recipe: recipe, name: Metric.trainingLoss).last?.seconds
            _ = run.openMarks(of: recipe, trained: trained ?? 0)
            return adapter
        }
        try run.timed(recipe) { try trainAnew(recipe, samples.data, directory) }
        let counts = [TrainingRecipe.samples: samples.data.training.count]
        try run.store.finishUnit(UnitOfWork(recipe: recipe, key: TrainingRecipe.samples, counts: counts))
        return adapter
    }

    /// Where the adapter is that training goes on from; nil for a fresh one.
    private var startingPlace: URL? {
        let path = configuration.training.startingAdapter
        return path.isEmpty ? nil : URL(fileURLWithPath: path, isDirectory: true)
    }

    private func trainAnew(_ recipe: ContentKey, _ data: TrainingData, _ destination: URL) throws {
        let base = try run.model()
        var data = data
        if run.isOnPolicy { data.training = try run.onPolicy(data.training) }
        let folder = run.folder
        let checkpoints = CheckpointFolder(
            directory: folder.checkpoints(recipe.description), identity: recipe.description)
        let (settings, seed) = (configuration.training, configuration.trainingSeed)
        let start =
            try startingPlace.map { try LoRAAdapter(directory: $0, base: base) }
            ?? LoRAAdapter(settings.lora, for: base.decoder.configuration, seed: seed, device: base.decoder.device)
        let optimizer = try AdamW(start, dtype: base.decoder.dtype)
        try checkpoints.restoreNewest(into: optimizer)
        let trainer = try Trainer(
            decoder: base.decoder, settings: settings, data: data, seed: seed, from: optimizer,
            checkpoints: checkpoints, teacherHead: run.teacherHead())
        run.tell(.started(.train, done: trainer.stepsDone, total: trainer.totalSteps))
        // The steps' own clock: a process that was killed has not added its time to the recipe's.
        let before = try run.store.metrics(recipe: recipe, name: Metric.trainingLoss)
            .last { $0.step <= trainer.stepsDone }
        var snapshots = SnapshotWriter(
            run.openMarks(of: recipe, trained: before?.seconds ?? 0), training: recipe, base: base, folder: folder)
        let began = ContinuousClock.now
        let trained = try trainer.run(
            onStep: { report in
                let seconds = (before?.seconds ?? 0) + (ContinuousClock.now - began) / .seconds(1)
                try run.store.appendMetrics(report.metrics(seconds: seconds), recipe: recipe)
                try snapshots.write(trainer.adapter, step: report.step, seconds: seconds)
                run.tell(
                    .advanced(
                        .train, done: report.step, total: report.totalSteps,
                        detail: "loss \(String(format: "%.3f", report.loss))"))
            }, shouldStop: run.isAskedToStop)
        guard let trained else { throw RunStopped() }
        try FileManager.default.createDirectory(
            at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
        for mark in snapshots.open {
            run.tell(.notice("Training ended before \(mark) s, so there is no snapshot of then."))
        }
        try trained.write(to: destination, base: base, training: recipe.description)
        if let limits = trained.configuration.limits(on: base.decoder.configuration) { run.tell(.notice(limits)) }
    }
}

extension StepReport {
    fileprivate func metrics(seconds: Double) -> [Metric] {
        var metrics = [
            Metric(step: step, name: Metric.trainingLoss, value: loss, seconds: seconds),
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
