// Estimates, bars and figures, without a process or a terminal.

import Basics
import Foundation
import Lineage
import Pipeline
import Testing

@testable import instill

@Suite struct RenderingTests {
    private let start = ContinuousClock.now

    private func pace(done: Int, of total: Int, before: Int = 0) -> StagePace {
        var pace = StagePace(.train, done: before, total: total, now: start)
        pace.advance(done: done, detail: "loss 0.5")
        return pace
    }

    @Test func estimatesComeFromThisProcessAlone() {
        // 10 of its own in 20 s, 40 to go.
        #expect(pace(done: 60, of: 100, before: 50).remaining(start + .seconds(20)) == .seconds(80))
    }

    @Test func estimatesWaitUntilTheyMeanSomething() {
        #expect(pace(done: 2, of: 100).remaining(start + .seconds(60)) == nil)
        #expect(pace(done: 50, of: 100).remaining(start + .seconds(4)) == nil)
        #expect(pace(done: 50, of: 100, before: 50).remaining(start + .seconds(60)) == nil)
        #expect(pace(done: 100, of: 100).remaining(start + .seconds(60)) == nil)
    }

    @Test(arguments: [20, 59, 60, 80, 200])
    func barsFitTheTerminal(_ columns: Int) {
        var pace = pace(done: 30, of: 100)
        pace.advance(done: 30, detail: "12 on 東京の灯台\u{1B}[2J and a title that goes on and on and on and on")
        let bar = pace.bar(columns: columns, now: start + .seconds(20), isColored: false)
        #expect(bar.columnCount <= columns)
        #expect(!bar.contains("\u{1B}"))
        #expect(bar.contains("train"))
        let colored = pace.bar(columns: columns, now: start + .seconds(20), isColored: true)
        #expect(colored.replacing(/\u{1B}\[\d*m/, with: "") == bar)
    }

    @Test func figuresForPeople() {
        #expect([0, 999, 1000, -1_234_567].map(\.grouped) == ["0", "999", "1,000", "-1,234,567"])
        #expect([7, 750, 3723].map { Duration.seconds($0).clock } == ["0:07", "12:30", "1:02:03"])
        #expect("runs/my run's".shellQuoted == "'runs/my run'\\''s'")
        #expect("runs/demo".shellQuoted == "runs/demo")
    }

    @Test func systemErrorsAreSentences() {
        let error = CocoaError(.fileNoSuchFile)
        #expect(!sentence(for: error).contains("Error"))
        #expect(ExitStatus.code(of: error) == 66)
    }
}
