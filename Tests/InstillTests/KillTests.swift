// A run whose every stage is killed at random moments and started again, until it is through, ends as one that was never
// disturbed: nothing lost, nothing twice, the adapter the same to the bit.

import Foundation
import Testing

@Suite struct KillTests {
    /// Kills of each stage.
    private static var kills: Int { ProcessInfo.processInfo.environment["INSTILL_TEST_SCALE"] == "full" ? 50 : 5 }
    private static let stages = ["questions", "answers", "train", "evaluate"]

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
        // The longest that a stage may take before it is killed; too long on a machine that has meanwhile become faster, and
        // then cut to the moment that came too late.
        var durations: [String: Double] = [:]
        for stage in KillTests.stages {
            let start = ContinuousClock.now
            #expect(try instill(stage, undisturbed.config).code == 0)
            durations[stage] = (ContinuousClock.now - start) / .seconds(1)
        }
        #expect(try instill("run", undisturbed.config).code == 0)
        let expected = try outcome(undisturbed)
        #expect(expected.answers == 4 && expected.questions == 4)

        var kills: [String: Int] = [:]
        while KillTests.stages.contains(where: { kills[$0, default: 0] < KillTests.kills }) {
            let disturbed = try workplace()
            for stage in KillTests.stages {
                kills[stage, default: 0] += try disturb(stage, disturbed, &durations[stage, default: 0])
                let end = try instill(stage, disturbed.config)
                #expect(end.code == 0, "\(stage): \(end.errors)")
            }
            #expect(try instill("run", disturbed.config).code == 0)
            #expect(try outcome(disturbed) == expected)
        }
    }

    /// Starts a stage three times and kills it each time.
    /// - Returns: how often it was killed before it was through.
    private func disturb(_ stage: String, _ workplace: Workplace, _ duration: inout Double) throws -> Int {
        for attempt in 0..<3 {
            let moment = Double.random(in: 0...duration)
            let command = try RunningCommand([stage, workplace.config])
            Thread.sleep(forTimeInterval: moment)
            kill(command.process.processIdentifier, SIGKILL)
            guard command.wait().code == 1000 + SIGKILL else {
                if attempt == 0 { duration = moment }
                return attempt
            }
        }
        return 3
    }
}
