// What the untrained models make of the answers, measured once and kept, a batch at a time; and what of them is trained on
// for it (paper, Appendix K).

import Basics
import Distillation
import Foundation
import LanguageModels
import Lineage
import Store

extension RunContext {
    /// Answers that are measured and kept together. The batches follow from the answers' keys, so that a measuring that was
    /// stopped goes on to the same bits.
    private static let measuredTogether = 64

    /// Narrows the data to the answers that the configuration selects, and tells how they are spread.
    func select(in data: inout ChosenAnswers, of answers: AnswerSet) throws {
        let selection = configuration.selection
        let recipe = try measure(data, of: answers)
        let measures = try data.train(on: selection, measured: recipe)
        let chosen = data.answers.training.count
        guard chosen > 0 else {
            throw ConfigurationError.invalid(
                key: "selection.keep", value: "\(selection.keep)",
                expected: "a range with at least one of the \(measures.count) answers in it")
        }
        let shares = selection.keep.map { String(format: "%g", $0) }.joined(separator: " to ")
        tell(
            .notice(
                """
                Initial KL, teacher to student: \(measures.map(\.initialKL).spread). Teacher entropy: \
                \(measures.map(\.teacherEntropy).spread). Training takes \(chosen) of \(measures.count) answers: those of rank \
                \(shares) by \(selection.by.rawValue).
                """))
    }

    /// Measures what has not been measured yet.
    private func measure(_ data: ChosenAnswers, of answers: AnswerSet) throws -> ContentKey {
        let temperature = configuration.selection.temperature ?? configuration.training.temperature
        // The training's recipe tells of settings that have changed.
        let recipe = try store.recordRecipe(
            MeasuresRecipe(
                answers: answers.recipe, model: try name(ofModelAt: configuration.model), precision: precision,
                temperature: temperature),
            stage: .measures)
        let keys = (data.answers.training + data.answers.validation).sorted()
        let measurer = SampleMeasurer(
            decoder: try model().decoder, teacherHead: try teacherHead(), temperature: temperature,
            maximumTokensPerPass: configuration.training.maximumTokensPerPass)
        var hasStarted = false
        try timed(recipe) {
            for start in stride(from: 0, to: keys.count, by: Self.measuredTogether) {
                let end = min(start + Self.measuredTogether, keys.count)
                let open = try unmeasured(Array(keys[start..<end]), recipe)
                guard !open.isEmpty else { continue }
                if !hasStarted { tell(.started(.train, done: start, total: keys.count)) }
                hasStarted = true
                try checkForStop()
                try keepMeasures(of: source(of: open, recipe: answers.recipe), measurer, recipe)
                tell(.advanced(.train, done: end, total: keys.count, detail: "measuring answers"))
            }
        }
        return recipe
    }

    private func unmeasured(_ keys: [ContentKey], _ recipe: ContentKey) throws -> [ContentKey] {
        let measured = Set(try store.measures(of: keys, recipe: recipe).map(\.answer))
        return keys.filter { !measured.contains($0) }
    }

    private func keepMeasures(
        of source: AnswerSource, _ measurer: SampleMeasurer, _ recipe: ContentKey
    ) throws {
        let samples = try source.samples(at: Array(0..<source.count), step: 0, student: nil)
        let rows = zip(source.answers, try measurer.measures(of: samples)).map {
            AnswerMeasure(answer: $0, initialKL: $1.initialKL, teacherEntropy: $1.teacherEntropy)
        }
        try store.keepMeasures(rows, recipe: recipe)
    }
}

extension [Double] {
    /// "mean 0.41, quintiles from 0.02 to 0.11, 0.25, 0.48, 0.90, 2.31".
    fileprivate var spread: String {
        guard !isEmpty else { return "none" }
        let ranked = sorted()
        let bounds = (1...5).map { ranked[Swift.max(0, Int((Double(count * $0) / 5).rounded()) - 1)] }
        let numbers = ([reduce(0, +) / Double(count), ranked[0]] + bounds).map { String(format: "%.2f", $0) }
        return "mean \(numbers[0]), quintiles from \(numbers[1]) to \(numbers.dropFirst(2).joined(separator: ", "))"
    }
}
