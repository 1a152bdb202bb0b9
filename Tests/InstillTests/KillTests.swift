// A run that is killed at random moments and started again, until it is through, ends as one that was never disturbed:
// nothing lost, nothing twice, the adapter the same to the bit.

import Foundation
import Testing

@Suite struct KillTests {
    /// Kills: as many as 50 for each of the four stages in a full test, a few otherwise.
    private static var kills: Int { ProcessInfo.processInfo.environment["INSTILL_TEST_SCALE"] == "full" ? 200 : 20 }

    private struct Outcome: Equatable {
        let adapter: Data
        let replies: String
        let answers: Int?
        let questions: Int?
    }

    private func workplace() throws -> Workplace {
        let workplace = try Workplace()
        let config = try String(contentsOfFile: workplace.config, encoding: .utf8)
        try workplace.write(
            config.replacingOccurrences(
                of: "validationFraction: 0}", with: "validationFraction: 0, checkpointSeconds: 0}"),
            to: "config.yaml")
        return workplace
    }

    private func outcome(_ workplace: Workplace) throws -> Outcome {
        let summary = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: workplace.path("out/summary.json"))))
        let figures = try #require(summary as? [String: Any])
        return Outcome(
            adapter: try Data(
                contentsOf: URL(fileURLWithPath: workplace.path("out/adapter/adapter_model.safetensors"))),
            replies: try String(contentsOfFile: workplace.path("out/replies.jsonl"), encoding: .utf8),
            answers: figures["answers"] as? Int, questions: figures["questions"] as? Int)
    }

    @Test func killedRunsEndAsUndisturbedOnes() throws {
        let undisturbed = try workplace()
        let start = ContinuousClock.now
        #expect(try instill("run", undisturbed.config).code == 0)
        // The longest that a run may take before it is killed; too long on a machine that has meanwhile become faster, and
        // then cut to the moment that came too late.
        var duration = (ContinuousClock.now - start) / .seconds(1)
        let expected = try outcome(undisturbed)
        #expect(expected.answers == 4 && expected.questions == 4)

        var random = SystemRandomNumberGenerator()
        var kills = 0
        while kills < KillTests.kills {
            let disturbed = try workplace()
            for attempt in 0..<3 {
                let moment = Double.random(in: 0...duration, using: &random)
                let command = try RunningCommand(["run", disturbed.config])
                Thread.sleep(forTimeInterval: moment)
                kill(command.process.processIdentifier, SIGKILL)
                guard command.wait().code == 1000 + SIGKILL else {
                    if attempt == 0 { duration = moment }
                    break
                }
                kills += 1
            }
            let last = try instill("run", disturbed.config)
            #expect(last.code == 0, "\(last.errors)")
            #expect(try outcome(disturbed) == expected)
        }
    }
}
