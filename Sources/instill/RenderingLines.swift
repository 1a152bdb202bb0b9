// Progress as plain lines, for log files and pipes: never a control character, and at most a line every few seconds.

import Foundation
import Lineage
import Pipeline

final class PlainLines {
    private static let interval = Duration.seconds(5)
    private var pace: StagePace?
    private var lastLine = ContinuousClock.now

    func show(_ event: ProgressEvent) {
        switch event {
        case .started(let stage, let done, let total):
            pace = StagePace(stage, done: done, total: total)
            say("\(stage.rawValue): " + (done == 0 ? "started" : "\(done) of \(total) done before"))
        case .advanced(_, let done, _, let detail):
            pace?.advance(done: done, detail: detail)
            if ContinuousClock.now - lastLine >= PlainLines.interval, let pace { say(pace.line) }
        case .finished(let stage, let summary):
            let time = pace?.stage == stage ? pace.map { " (\($0.elapsed().clock))" } ?? "" : ""
            pace = nil
            say("\(stage.rawValue): \(summary.printable)\(time)")
        case .notice(let text):
            say(text.printable)
        }
    }

    private func say(_ line: String) {
        lastLine = .now
        Console.error(line)
    }
}

extension StagePace {
    /// "train: 120 of 400, 30 %, 1:10, about 2:43 left, loss 0.812".
    fileprivate var line: String {
        var parts = ["\(stage.rawValue): \(done) of \(total)"]
        if let fraction { parts.append("\(Int(100 * fraction)) %") }
        parts.append(elapsed().clock)
        if let remaining = remaining() { parts.append("about \(remaining.clock) left") }
        if !detail.isEmpty { parts.append(detail) }
        return parts.joined(separator: ", ")
    }
}
