// The measure of forgetting: multiple-choice questions that have nothing to do with the documents, to the base model and to
// the distilled one, where there is one yet.

import Basics
import Distillation
import Evaluation
import Foundation
import Generation
import LanguageModels
import Lineage
import Store

/// One model's choices by one measure.
private struct Measurement {
    let measure: ChoiceMeasure
    let subject: EvaluationCondition.Subject
    let recipe: ContentKey
}

struct ForgettingStage {
    private let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    init(_ run: RunContext) { self.run = run }

    /// Asks what has not been asked yet, and writes ``Forgetting/file(in:subject:)``. Where there is no adapter yet, the base model
    /// is measured alone.
    func measure() throws -> Forgetting {
        let settings = configuration.forgetting
        guard !settings.questions.isEmpty else { throw PipelineError.noMultipleChoice }
        let file = try MultipleChoiceFile(URL(fileURLWithPath: settings.questions))
        for skipped in file.skipped { run.tell(.notice("Skipped \(skipped)")) }
        if file.countsFromOne {
            run.tell(
                .notice(
                    "The answers of \(settings.questions) are taken as places counted from 1: none is 0, and some are the number "
                        + "of options."))
        }
        let adapter = try run.found.adapterIfTrained()
        if adapter == nil { run.tell(.notice("There is no adapter yet: the base model is measured alone.")) }
        let measurements = try measurements(settings, adapter)
        let questions = try readable(file.sample(settings.limit), by: measurements)
        try ask(questions, measurements, adapter)
        let result = try forgetting(questions, measurements)
        let place = Forgetting.file(in: run.folder.directory, subject: run.subject)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try WholeFile.write(json: result, to: place.path)
        run.tell(.finished(.forgetting, summary: result.summary(of: run.subject)))
        return result
    }

    private func measurements(_ settings: ForgettingSettings, _ adapter: TrainedAdapter?) throws -> [Measurement] {
        try settings.measures.flatMap { measure in
            try ([nil] + (adapter.map { [$0] } ?? [])).map { (adapter: TrainedAdapter?) in
                let subject = adapter?.subject ?? .base
                let recipe = try run.record(
                    ForgettingRecipe(
                        model: run.name(ofModelAt: configuration.model), adapter: adapter?.recipeKey ?? .base,
                        precision: run.precision,
                        systemMessage: configuration.systemMessage, measure: measure),
                    .forgetting(of: subject, by: measure))
                return Measurement(measure: measure, subject: subject, recipe: recipe)
            }
        }
    }

    /// The questions that fit into the model's context by every measure; the others are told of.
    private func readable(
        _ questions: [MultipleChoiceQuestion], by measurements: [Measurement]
    ) throws -> [MultipleChoiceQuestion] {
        let expert = LocalExpert(try run.model(), batchSize: 1)
        let fitting = try measurements.filter { $0.subject == .base }.reduce(questions) { left, measurement in
            try examiner(measurement).readable(left, by: expert)
        }
        let tooLong = questions.count - fitting.count
        if tooLong > 0 { run.tell(.notice("\(tooLong) questions are longer than the model can read, and left out.")) }
        return fitting
    }

    private func examiner(_ measurement: Measurement) -> MultipleChoiceExaminer {
        MultipleChoiceExaminer(
            store: run.store, prompts: configuration.prompts, measure: measurement.measure, recipe: measurement.recipe)
    }

    private func ask(
        _ questions: [MultipleChoiceQuestion], _ measurements: [Measurement], _ adapter: TrainedAdapter?
    ) throws {
        let base = try run.model()
        let weights = try adapter.map { try LoRAAdapter(directory: $0.directory, base: base).copy(base.decoder.dtype) }
        let size = configuration.generationBatchSize
        let batches = MultipleChoiceExaminer.batches(questions, size: size)
        let total = measurements.count * batches.count
        run.tell(.started(.forgetting, done: 0, total: total))
        var done = 0
        for measurement in measurements {
            let expert = LocalExpert(
                base, adapter: measurement.subject == .base ? nil : weights, batchSize: size)
            for batch in batches {
                try run.checkForStop()
                try run.timed(measurement.recipe) { try examiner(measurement).examine(batch, with: expert) }
                done += 1
                let detail = "\(measurement.subject.name), \(measurement.measure.name)"
                run.tell(.advanced(.forgetting, done: done, total: total, detail: detail))
            }
        }
    }

    private func forgetting(_ questions: [MultipleChoiceQuestion], _ measurements: [Measurement]) throws -> Forgetting {
        func choices(_ measure: ChoiceMeasure, ofBase: Bool) throws -> [ContentKey: Choice]? {
            let found = measurements.first { $0.measure == measure && ($0.subject == .base) == ofBase }
            return try found.map { try run.store.choices(recipe: $0.recipe) }
        }
        let measures = try measurements.filter { $0.subject == .base }.map(\.measure).map { measure in
            Forgetting.Measure(
                measure, questions, base: try choices(measure, ofBase: true) ?? [:],
                distilled: try choices(measure, ofBase: false))
        }
        let seconds = try measurements.reduce(0) { try $0 + (run.store.recipe($1.recipe)?.seconds ?? 0) }
        return Forgetting(questions: questions.count, measures: measures, seconds: seconds)
    }
}

extension Forgetting {
    /// "letter: base 27 %, distilled 26 %".
    fileprivate func summary(of subject: EvaluationCondition.Subject) -> String {
        measures.map { measure in
            let scores = [(EvaluationCondition.Subject.base, measure.all.base), (subject, measure.all.distilled)]
            return "\(measure.name): "
                + scores.compactMap { subject, score in
                    score.map { "\(subject.name) \(String(format: "%.0f", 100 * $0.accuracy)) %" }
                }.joined(separator: ", ")
        }.joined(separator: "; ")
    }
}
