// Progress on a terminal: one live line for the stage at work, drawn at most ten times a second, with what is done above
// it. Knows terminals and stages, not the work.

import Foundation
import Lineage
import Pipeline
import Synchronization

final class ProgressBars: Sendable {
    private struct State {
        var pace: StagePace?
        var lastDrawn: ContinuousClock.Instant?
    }

    private static let interval = Duration.milliseconds(100)
    private let state = Mutex(State())

    /// The clock in the bar goes on while a piece of work takes its time.
    init() {
        Thread.detachNewThread { [weak self] in
            while true {
                Thread.sleep(forTimeInterval: 0.5)
                guard let self else { return }
                self.state.withLock { self.draw(&$0) }
            }
        }
    }

    func show(_ event: ProgressEvent) {
        state.withLock { state in
            switch event {
            case .started(let stage, let done, let total):
                state.pace = StagePace(stage, done: done, total: total)
                state.lastDrawn = nil
            case .advanced(_, let done, _, let detail):
                state.pace?.advance(done: done, detail: detail)
            case .finished(let stage, let summary):
                let time = state.pace?.stage == stage ? state.pace.map { $0.elapsed().clock } : nil
                state.pace = nil
                above(finishedLine(stage, summary.printable, time))
            case .notice(let text):
                above(text.printable)
                state.lastDrawn = nil
            }
            draw(&state)
        }
    }

    /// Takes the bar away.
    func clear() {
        state.withLock { state in
            guard state.pace != nil else { return }
            state.pace = nil
            Console.write("\r\u{1B}[K", to: STDERR_FILENO)
        }
    }

    private func above(_ line: String) { Console.write("\r\u{1B}[K\(line)\n", to: STDERR_FILENO) }

    private func draw(_ state: inout State) {
        guard let pace = state.pace else { return }
        let now = ContinuousClock.now
        if let last = state.lastDrawn, now - last < ProgressBars.interval, pace.done < pace.total { return }
        state.lastDrawn = now
        let line = pace.bar(columns: Console.columns - 1, now: now, isColored: Console.usesColor)
        Console.write("\r\(line)\u{1B}[K", to: STDERR_FILENO)
    }

    private func finishedLine(_ stage: Stage, _ summary: String, _ time: String?) -> String {
        let mark = Console.usesColor ? "\u{1B}[32m✓\u{1B}[0m" : "✓"
        return "\(mark) \(stage.rawValue.padded(to: StagePace.nameWidth))  \(summary)"
            + (time.map { "  (\($0))" } ?? "")
    }
}

extension StagePace {
    /// Columns of the longest stage's name.
    static let nameWidth = Stage.allCases.map(\.rawValue.count).max() ?? 0
    private static let barWidth = 24

    /// "  train      ━━━━━━━━╌╌╌╌  30 %  1:10  about 2:43 left  loss 0.812", cut where the terminal ends.
    func bar(columns: Int, now: ContinuousClock.Instant = .now, isColored: Bool) -> String {
        var parts: [String] = []
        if let fraction { parts.append(String(format: "%3d %%", Int(100 * fraction))) }
        parts.append(elapsed(now).clock)
        if let remaining = remaining(now) { parts.append("about \(remaining.clock) left") }
        if !detail.isEmpty { parts.append(detail) }
        let name = "  \(stage.rawValue.padded(to: StagePace.nameWidth))  "
        let text = parts.joined(separator: "  ")
        // A narrow terminal gets the figures and no bar.
        guard let fraction, columns >= 60 else { return (name + text).fitting(columns) }
        let filled = Int((fraction * Double(StagePace.barWidth)).rounded(.down))
        let (full, empty) = (
            String(repeating: "━", count: filled), String(repeating: "╌", count: StagePace.barWidth - filled)
        )
        let bar = isColored ? "\u{1B}[36m\(full)\u{1B}[2m\(empty)\u{1B}[0m" : full + empty
        return name + bar + "  " + text.fitting(columns - name.count - StagePace.barWidth - 2)
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - columnCount)) }
}
