// The measure of forgetting: multiple-choice questions that have nothing to do with the documents, to the base model and to
// the distilled one, where there is one yet.

import Basics
import Distillation
import Evaluation
import Foundation
import Generation
import LanguageModels
import Lineage
import ModelFiles
import Store

/// What choices depend on.
private struct ForgettingRecipe: Encodable {
    let model: String
    /// The training of the adapter; empty for the base model.
    let adapter: String
    let precision: String
    let systemMessage: String
    /// Of replies; nil where likelihoods are compared.
    let stepByStep: Bool?
    let maximumTokens: Int?
}

/// One model's choices by one measure.
private struct Measurement {
    let measure: ChoiceMeasure
    let subject: EvaluationCondition.Subject
    let recipe: ContentKey
}

extension Pipeline {
    /// Asks what has not been asked yet, and writes ``Forgetting/file(in:adapter:)``.
    /// - Parameter settings: which questions, and how; the configuration's where none are given.
    public func measureForgetting(_ settings: ForgettingSettings? = nil) throws -> Forgetting {
        let settings = settings ?? configuration.forgetting
        guard !settings.questions.isEmpty else { throw PipelineError.noMultipleChoice }
        let file = try MultipleChoiceFile(URL(fileURLWithPath: settings.questions))
        for skipped in file.skipped { tell(.notice("Skipped \(skipped)")) }
        // Where there is no adapter yet, the base model is measured alone.
        let adapter = try? adapter()
        if adapter == nil { tell(.notice("There is no adapter yet: the base model is measured alone.")) }
        let measurements = try measurements(settings, adapter)
        let questions = try readable(file.sample(settings.limit), by: measurements)
        try ask(questions, measurements, adapter)
        let result = try forgetting(questions, measurements)
        let place = Forgetting.file(in: directory, adapter: adapterName)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try WholeFile.write(json: result, to: place.path)
        tell(.finished(.forgetting, summary: result.summary))
        return result
    }

    private func measurements(_ settings: ForgettingSettings, _ adapter: TrainedAdapter?) throws -> [Measurement] {
        let subjects: [EvaluationCondition.Subject] = [.base] + (adapter.map { [.adapter($0.name)] } ?? [])
        return try settings.measures.flatMap { measure in
            try subjects.map { subject in
                let recipe = try forgettingRecipe(measure, subject, adapter)
                return Measurement(measure: measure, subject: subject, recipe: recipe)
            }
        }
    }

    private func forgettingRecipe(
        _ measure: ChoiceMeasure, _ subject: EvaluationCondition.Subject, _ adapter: TrainedAdapter?
    ) throws -> ContentKey {
        var (stepByStep, maximumTokens): (Bool?, Int?) = (nil, nil)
        if case .reply(let thinks, let limit) = measure { (stepByStep, maximumTokens) = (thinks, limit) }
        return try recordRecipe(
            "forgetting of \(subject.name) by \(measure.name)",
            ForgettingRecipe(
                model: try model().fingerprint, adapter: subject == .base ? "" : adapter?.recipe.description ?? "",
                precision: "\(configuration.resolvedPrecision)", systemMessage: configuration.systemMessage,
                stepByStep: stepByStep, maximumTokens: maximumTokens))
    }

    /// The questions that fit into the model's context by every measure; the others are told of.
    private func readable(
        _ questions: [MultipleChoiceQuestion], by measurements: [Measurement]
    ) throws -> [MultipleChoiceQuestion] {
        let expert = LocalExpert(try model(), batchSize: 1)
        let fitting = try measurements.filter { $0.subject == .base }.reduce(questions) { left, measurement in
            try examiner(measurement).readable(left, by: expert)
        }
        let tooLong = questions.count - fitting.count
        if tooLong > 0 { tell(.notice("\(tooLong) questions are longer than the model can read, and left out.")) }
        return fitting
    }

    private func examiner(_ measurement: Measurement) -> MultipleChoiceExaminer {
        MultipleChoiceExaminer(
            store: store, prompts: configuration.prompts, measure: measurement.measure, recipe: measurement.recipe)
    }

    private func ask(
        _ questions: [MultipleChoiceQuestion], _ measurements: [Measurement], _ adapter: TrainedAdapter?
    ) throws {
        let base = try model()
        let weights = try adapter.map { try LoRAAdapter(directory: $0.directory, base: base).copy(base.decoder.dtype) }
        let size = configuration.generationBatchSize
        let batches = MultipleChoiceExaminer.batches(questions, size: size)
        let total = measurements.count * batches.count
        tell(.started(.forgetting, done: 0, total: total))
        var done = 0
        for measurement in measurements {
            let expert = LocalExpert(
                base, adapter: measurement.subject == .base ? nil : weights, batchSize: size)
            for batch in batches {
                try checkForStop()
                try timed(measurement.recipe) { try examiner(measurement).examine(batch, with: expert) }
                done += 1
                let detail = "\(measurement.subject.name), \(measurement.measure.name)"
                tell(.advanced(.forgetting, done: done, total: total, detail: detail))
            }
        }
    }

    private func forgetting(_ questions: [MultipleChoiceQuestion], _ measurements: [Measurement]) throws -> Forgetting {
        func choices(_ measure: ChoiceMeasure, ofBase: Bool) throws -> [ContentKey: Choice]? {
            let found = measurements.first { $0.measure == measure && ($0.subject == .base) == ofBase }
            return try found.map { try store.choices(recipe: $0.recipe) }
        }
        let measures = try measurements.filter { $0.subject == .base }.map(\.measure).map { measure in
            Forgetting.Measure(
                measure, questions, base: try choices(measure, ofBase: true) ?? [:],
                distilled: try choices(measure, ofBase: false))
        }
        let seconds = try measurements.reduce(0) { try $0 + (store.recipe($1.recipe)?.seconds ?? 0) }
        return Forgetting(questions: questions.count, measures: measures, seconds: seconds)
    }
}

extension Forgetting {
    /// "letter: base 27 %, distilled 26 %".
    fileprivate var summary: String {
        measures.map { measure in
            let scores = [("base", measure.all.base), ("distilled", measure.all.distilled)].compactMap { name, score in
                score.map { "\(name) \(String(format: "%.0f", 100 * $0.accuracy)) %" }
            }
            return "\(measure.name): \(scores.joined(separator: ", "))"
        }.joined(separator: "; ")
    }
}
