// The report's figures as one table in long form, one figure a row, and its replies as another. Knows no files.

import Foundation
import Statistics

extension ComparisonReport {
    /// One figure, for a row of the table.
    private struct Figure {
        var section: String
        var method: String?
        var condition: String?
        var grader: String?
        var dataset: String?
        var seed: UInt64?
        /// What else tells the figure from its like: the other side of a difference, a curve, a category, a stage.
        var name: String?
        /// The place on an axis: a step, a parameter's value, k.
        var x: Double?
        var estimate: Estimate
        /// How many questions, sentences or tokens stand behind it.
        var count: Int?

        static let columns = [
            "section", "method", "condition", "grader", "dataset", "seed", "name", "x", "value", "low", "high", "count",
        ]

        var fields: [String?] {
            let value = estimate.value.isFinite ? "\(estimate.value)" : nil
            return [section, method, condition, grader, dataset, seed.map { "\($0)" }, name, x.map { "\($0)" }]
                + [value, estimate.low.map { "\($0)" }, estimate.high.map { "\($0)" }, count.map { "\($0)" }]
        }
    }

    /// Every figure in long form: read it with a filter on `section`.
    func figuresCSV() -> Data {
        var csv = CSVTable(columns: Figure.columns)
        for figure in answerFigures + trainingFigures + otherFigures { csv.append(figure.fields) }
        return csv.data
    }

    private var answerFigures: [Figure] {
        accuracies.flatMap { row in
            var figure = Figure(
                section: "accuracy", method: row.method, condition: row.condition, grader: row.grader,
                dataset: row.dataset, estimate: row.share, count: row.questions)
            let whole = figure
            return [whole]
                + [("unparsed", row.unparsed), ("repeating", row.repeating)].map { section, count in
                    (figure.section, figure.estimate, figure.count) = (section, Estimate(Double(count)), nil)
                    return figure
                }
        }
            + differences.map { row in
                Figure(
                    section: "difference", method: row.first.method, condition: row.first.condition, grader: row.grader,
                    name: "minus \(row.second.method) \(row.second.condition)", estimate: row.difference,
                    count: row.questions)
            }
    }

    private func figures(of stage: StageTime) -> [Figure] {
        let took: [(String, Double?)] = [
            ("seconds", stage.seconds), ("endpoint tokens", stage.endpointTokens.map(Double.init)),
            ("cost", stage.cost),
        ]
        return took.compactMap { section, value in
            value.map {
                Figure(
                    section: section, method: stage.method, seed: stage.seed, name: stage.stage, estimate: Estimate($0))
            }
        }
    }

    private var trainingFigures: [Figure] {
        curves.flatMap { curve in
            zip(curve.steps, curve.values).map { step, value in
                Figure(
                    section: "curve", method: curve.method, seed: curve.seed, name: curve.name, x: Double(step),
                    estimate: Estimate(value ?? .nan))
            }
        }
            + stages.flatMap(figures)
            + trainingData.flatMap { row in
                row.counts.compactMap { name, count in
                    count.map {
                        Figure(
                            section: "training data", method: row.method, seed: row.seed, name: name,
                            estimate: Estimate(Double($0)))
                    }
                }
            }
    }

    private var otherFigures: [Figure] {
        sweeps.flatMap { sweep in
            sweep.points.map { point in
                Figure(
                    section: "sweep", method: point.method, condition: point.condition, dataset: point.dataset,
                    name: sweep.parameter, x: point.parameter, estimate: point.share)
            }
        }
            + coverage.map { row in
                Figure(
                    section: "coverage", method: row.method,
                    estimate: Estimate(Double(row.reached) / Double(row.sentences)), count: row.sentences)
            }
            + forgetting.flatMap { row in
                [("before", row.before), ("after", row.after)].map { when, share in
                    Figure(
                        section: "forgetting \(when)", method: row.method, name: row.category, estimate: share,
                        count: row.questions)
                }
            }
            + recall.map { row in
                Figure(section: "recall", name: row.retriever, x: Double(row.k), estimate: row.share)
            }
    }

    /// Every reply with its grades, a column for each grader.
    func repliesCSV() -> Data {
        var csv = CSVTable(
            columns: [
                "question_id", "dataset", "document", "question", "golds", "method", "condition", "seed", "reply",
            ] + graders + ["repeats"])
        for (place, question) in questions.enumerated() {
            // Golds as JSON, since any separator may be part of one.
            let golds = (try? JSONEncoder().encode(question.golds)).map { String(decoding: $0, as: UTF8.self) }
            for evaluation in evaluations {
                guard let reply = evaluation.replies[place] else { continue }
                csv.append(
                    [question.id, question.dataset, question.document, question.text, golds, evaluation.method]
                        + [evaluation.condition, "\(evaluation.seed)", reply.text]
                        + graders.map { reply.outcomes[$0]?.rawValue } + [reply.repeats == true ? "true" : "false"])
            }
        }
        return csv.data
    }
}
