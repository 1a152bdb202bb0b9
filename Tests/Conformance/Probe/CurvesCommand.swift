// `curves START FOLDER`: writes training curves as `instill report --tensorboard` does. Reads one point a line, "step seconds
// value name", from standard input; START is the time in seconds since 1970.

import Foundation
import Report
import Store

enum CurvesProbe {
    private struct Usage: Error, CustomStringConvertible {
        let description = "usage: curves START FOLDER, with \"step seconds value name\" on each line of the input"
    }

    static func run(arguments: [String]) throws {
        guard arguments.count == 2, let start = Double(arguments[0]) else { throw Usage() }
        var metrics: [Metric] = []
        while let line = readLine() {
            let fields = line.split(separator: " ", maxSplits: 3).map(String.init)
            guard fields.count == 4, let step = Int(fields[0]), let seconds = Double(fields[1]),
                let value = Double(fields[2])
            else { throw Usage() }
            metrics.append(Metric(step: step, name: fields[3], value: value, seconds: seconds))
        }
        let curves = TrainingCurves(label: "curves", startedAt: Date(timeIntervalSince1970: start), metrics: metrics)
        _ = try TrainingCurves.write([curves], to: URL(fileURLWithPath: arguments[1]))
    }
}
