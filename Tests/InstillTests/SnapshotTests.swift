// Adapters at marks of a training's clock, and that clock over processes that are killed.

import Foundation
import Lineage
import Store
import Testing

@Suite struct SnapshotTests {
    private func workplace(_ training: String, _ settings: String = "") throws -> Workplace {
        let place = try Workplace(settings)
        let config = try String(contentsOfFile: place.config, encoding: .utf8)
        try place.write(
            config.replacingOccurrences(of: "epochs: 2, batchSize: 2,", with: "\(training), batchSize: 2,"),
            to: "config.yaml")
        return place
    }

    @Test func aMarkThatIsPassedHasAnAdapterAndAPointInTheReport() throws {
        let place = try workplace(
            "epochs: 2, snapshotSeconds: [0.000001, 100000]", "comparison: {methods: [{name: pd}], seeds: [1]}")
        let run = try instill("compare", place.config)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.errors.contains("Training ended before 100000.0 s"), "\(run.errors)")
        let json = try Data(contentsOf: place.folder.appending(path: "out/report.json"))
        let report = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        let sweep = try #require((report["sweeps"] as? [[String: Any]])?.first)
        let points = try #require(sweep["points"] as? [[String: Any]])
        #expect(!points.isEmpty && points.allSatisfy { $0["parameter"] as? Double == 0.000001 })
    }

    /// The time of a step is the training's, not the process's: what a kill cost is not in it, and what was before it is.
    @Test func theClockGoesOnAfterAKill() throws {
        let place = try workplace("epochs: 300, checkpointSeconds: 0")
        let killed = try RunningCommand(["run", place.config])
        let checkpoints = place.path("out/checkpoints")
        let deadline = Date(timeIntervalSinceNow: 60)
        while Date() < deadline, killed.process.isRunning {
            let trainings = (try? FileManager.default.subpathsOfDirectory(atPath: checkpoints)) ?? []
            if trainings.contains(where: { $0.hasSuffix(".safetensors") }) { break }
            usleep(1_000)
        }
        usleep(100_000)
        kill(killed.process.processIdentifier, SIGKILL)
        #expect(killed.wait().code == 1000 + SIGKILL, "it was to be killed while it trained")
        let before = try steps(place)
        let resumed = try instill("run", place.config, "--json")
        #expect(resumed.code == 0, "\(resumed.errors)")
        let start = try #require(
            try resumed.events.first { $0["event"] as? String == "started" && $0["stage"] as? String == "train" })
        let first = try #require(start["done"] as? Int)
        #expect(first > 0 && first <= before.count)
        let after = try steps(place)
        #expect(after.count == 600)
        #expect(after.prefix(first).map(\.seconds) == before.prefix(first).map(\.seconds))
        #expect(zip(after, after.dropFirst()).allSatisfy { $0.seconds < $1.seconds })
    }

    private func steps(_ place: Workplace) throws -> [Metric] {
        let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
        let training = try #require(try store.recipes(stage: .training).first)
        return try store.metrics(recipe: training.key, name: "train.loss")
    }
}
