// Training curves for other programs: one folder a training, with an event file for TensorBoard and the same as JSONL.

import Basics
import Foundation

import Store

extension TrainingCurves {
    /// The folder's name: the label without what a path would read otherwise.
    private var folderName: String {
        let name = label.unicodeScalars.map { $0 == "/" ? "-" : $0 }.drop { $0 == "." }
        return name.isEmpty ? "training" : String(String.UnicodeScalarView(name))
    }

    /// Writes trainings below a folder, each in one of its own, and gives their paths.
    ///
    /// TensorBoard shows each as a run: `tensorboard --logdir folder`. A training that is written again replaces its files.
    public static func write(_ trainings: [TrainingCurves], to folder: URL) throws -> [String] {
        var taken: Set<String> = []
        return try trainings.map { training in
            let names = sequence(first: 1) { $0 + 1 }.lazy.map { training.folderName + ($0 == 1 ? "" : "-\($0)") }
            let name = names.first { !taken.contains($0) } ?? training.folderName
            taken.insert(name)
            let place = folder.appending(path: name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            // TensorBoard knows event files by the word "tfevents".
            try WholeFile.write(training.eventFile, to: place.appending(path: "events.out.tfevents.instill").path)
            try WholeFile.write(try training.lines(), to: place.appending(path: "curves.jsonl").path)
            return place.path
        }
    }

    /// "train.loss" becomes "train/loss", which TensorBoard puts into a group with the like.
    private var eventFile: Data {
        let start = startedAt.timeIntervalSince1970
        let scalars = metrics.map { metric in
            EventFile.Scalar(
                tag: metric.name.replacing(".", with: "/", maxReplacements: 1), step: metric.step,
                value: metric.value, time: start + metric.seconds)
        }
        return EventFile.data(scalars, startedAt: start)
    }

    /// One line a point: step, seconds, name and value, which is left out where it is not a finite number.
    private func lines() throws -> Data {
        struct Line: Encodable {
            let step: Int
            let seconds: Double
            let name: String
            let value: Double?
        }
        return try metrics.map { metric in
            let value = metric.value.isFinite ? metric.value : nil
            return Line(step: metric.step, seconds: metric.seconds, name: metric.name, value: value)
        }.canonicalJSONLines()
    }
}
