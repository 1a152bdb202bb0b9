// How far a stage is and how long it may yet take, from this process's own pace. Knows time and counts, not how they are
// shown.

import Foundation
import Lineage
import Pipeline

/// A stage at work.
struct StagePace: Sendable {
    let stage: Stage
    let total: Int
    private(set) var done: Int
    private(set) var detail = ""
    private let doneBefore: Int
    private let start: ContinuousClock.Instant

    /// A stage that begins now; pieces of work that were there from before say nothing about the pace.
    init(_ stage: Stage, done: Int, total: Int, now: ContinuousClock.Instant = .now) {
        (self.stage, self.done, self.total, doneBefore, start) = (stage, done, total, done, now)
    }

    mutating func advance(done: Int, detail: String) { (self.done, self.detail) = (done, detail.printable) }

    /// From 0 to 1; nil where it is not known how much there is to do.
    var fraction: Double? { total > 0 ? min(1, Double(done) / Double(total)) : nil }

    func elapsed(_ now: ContinuousClock.Instant = .now) -> Duration { now - start }

    /// Time that the rest takes at the pace so far; nil before 3 % or five seconds, when it would be a guess.
    func remaining(_ now: ContinuousClock.Instant = .now) -> Duration? {
        let (own, elapsed) = (done - doneBefore, elapsed(now))
        guard total > done, own > 0, Double(own) >= 0.03 * Double(total), elapsed >= .seconds(5) else { return nil }
        return elapsed * (Double(total - done) / Double(own))
    }
}

extension Duration {
    /// "0:07", "12:30", "1:02:03".
    var clock: String {
        let seconds = Int((self / .seconds(1)).rounded())
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let rest = String(format: "%02d", seconds % 60)
        return hours > 0 ? "\(hours):\(String(format: "%02d", minutes)):\(rest)" : "\(minutes):\(rest)"
    }
}
