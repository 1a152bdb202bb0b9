// Training curves from a store's metrics: thinned for the report, whole for other programs. Knows no file formats.

import Algorithms
import Foundation
import Lineage
import Store

extension ComparisonReport.Curve {
    /// The most points of a curve in a report, which a screen can show.
    static let mostPoints = 400

    /// The curves of one training, by name. Of more than `mostPoints` points, as many neighbours as it takes are one point:
    /// their mean, at the last one's step.
    static func curves(of metrics: [Metric], method: String, seed: UInt64) -> [Self] {
        Dictionary(grouping: metrics, by: \.name).sorted { $0.key < $1.key }.map { name, metrics in
            let size = (metrics.count + mostPoints - 1) / mostPoints
            let groups = metrics.chunks(ofCount: size)
            return Self(
                method: method, seed: seed, name: name, steps: groups.map { $0.last?.step ?? 0 },
                seconds: groups.map { $0.last?.seconds ?? 0 },
                values: groups.map { group in
                    let mean = group.reduce(0) { $0 + $1.value } / Double(group.count)
                    return mean.isFinite ? mean : nil
                })
        }
    }
}

/// All points of one training's curves, for other programs.
public struct TrainingCurves: Sendable {
    public let label: String
    /// When the training was first started.
    public let startedAt: Date
    /// Its points, by step and name.
    public let metrics: [Metric]

    /// The trainings of a run: the latest, and of a comparison all whose adapters have been evaluated.
    public static func all(of run: ReportedRun) throws -> [TrainingCurves] {
        let store = try RunStore(directory: run.directory, access: .readOnly)
        func curves(_ label: String, _ training: Recipe) throws -> TrainingCurves {
            TrainingCurves(
                label: label, startedAt: training.createdAt, metrics: try store.metrics(recipe: training.key))
        }
        guard let plan = ComparisonPlan(folder: run.directory) else {
            return try store.recipes(stage: .training).prefix(1).map { try curves(run.label, $0) }
        }
        return try plan.subjects.compactMap { subject, _ in
            let condition = EvaluationCondition(subject: subject, book: .closed)
            let evaluation = try store.recipes(stage: .evaluation(of: condition)).first
            let training = try evaluation.flatMap { try store.parent(.training, of: $0) }
            return try training.map { try curves(subject.name, $0) }
        }
    }

    /// All points of one training's curves.
    public init(label: String, startedAt: Date, metrics: [Metric]) {
        (self.label, self.startedAt, self.metrics) = (label, startedAt, metrics)
    }
}
