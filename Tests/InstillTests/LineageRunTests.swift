// Figures of a run are of the adapter that they name, whatever else was begun since; a training goes on where a setting changes
// that no number depends on; what cannot be read is told of.

import Foundation
import Lineage
import Store
import Testing

@Suite struct LineageRunTests {
    private func trainingSeconds(_ place: Workplace) throws -> Double {
        let summary = try JSONSerialization.jsonObject(
            with: Data(contentsOf: place.folder.appending(path: "out/summary.json")))
        let seconds = try #require((summary as? [String: Any])?["seconds"] as? [String: Any])
        return try #require(seconds["train"] as? Double)
    }

    private func firstStep(_ run: Finished) throws -> Int {
        let started = try run.events.first {
            $0["event"] as? String == "started" && $0["stage"] as? String == "train"
        }
        return try #require(started?["done"] as? Int)
    }

    /// Starts a training and interrupts it once it has written a checkpoint.
    private func interruptTraining(_ place: Workplace) throws {
        let command = try RunningCommand(["train", place.config])
        let checkpoints = place.path("out/checkpoints")
        let before = Set((try? FileManager.default.subpathsOfDirectory(atPath: checkpoints)) ?? [])
        let deadline = Date(timeIntervalSinceNow: 60)
        while Date() < deadline, command.process.isRunning {
            let files = Set((try? FileManager.default.subpathsOfDirectory(atPath: checkpoints)) ?? [])
            if files.subtracting(before).contains(where: { $0.hasSuffix(".safetensors") }) { break }
            usleep(1_000)
        }
        kill(command.process.processIdentifier, SIGINT)
        #expect(command.wait().code == 130, "it was to be interrupted while it trained")
    }

    @Test func anInterruptedTrainingHasNoPartInTheFiguresOfTheOneBefore() throws {
        let place = try Workplace()
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let seconds = try trainingSeconds(place)
        try place.replaceInConfig("epochs: 2,", "epochs: 3000, checkpointSeconds: 0,")
        try interruptTraining(place)
        let evaluated = try instill("evaluate", place.config, "--quiet")
        #expect(evaluated.code == 0, "\(evaluated.errors)")
        #expect(try trainingSeconds(place) == seconds)
    }

    @Test func aTrainingGoesOnWithSettingsThatNoNumberDependsOn() throws {
        let place = try Workplace()
        try place.replaceInConfig("epochs: 2,", "epochs: 3000, checkpointSeconds: 0,")
        for stage in ["questions", "answers"] { #expect(try instill(stage, place.config, "--quiet").code == 0) }
        try interruptTraining(place)
        try place.replaceInConfig(
            "checkpointSeconds: 0,", "checkpointSeconds: 60, recomputesLayers: true, jensenShannonBeta: 0.3,")
        let command = try RunningCommand(["train", place.config, "--json"])
        Thread.sleep(forTimeInterval: 2)
        kill(command.process.processIdentifier, SIGINT)
        let resumed = command.wait()
        #expect(try firstStep(resumed) > 0, "\(resumed.errors)")
    }

    /// The loss of each step that a training told of.
    private func losses(_ run: Finished) throws -> [Double] {
        try run.events.filter { $0["event"] as? String == "advanced" }.compactMap {
            ($0["detail"] as? String)?.split(separator: " ").last.flatMap { Double($0) }
        }
    }

    @Test func aTrainingGoesOnFromAnotherAdapter() throws {
        let place = try Workplace()
        for stage in ["questions", "answers"] { #expect(try instill(stage, place.config, "--quiet").code == 0) }
        let fresh = try losses(instill("train", place.config, "--json"))
        try FileManager.default.copyItem(atPath: place.path("out/adapter"), toPath: place.path("first"))
        try place.replaceInConfig("epochs: 2,", "epochs: 2, startingAdapter: first,")
        let second = try instill("train", place.config, "--json")
        let further = try losses(second)
        #expect(second.code == 0, "\(second.errors)")
        #expect(try firstStep(second) == 0)
        #expect(try #require(further.first) < #require(fresh.first))
        #expect((second.output + second.errors).contains("training.startingAdapter was not set"))
        #expect(try losses(instill("train", place.config, "--json")).isEmpty, "it is there already")
        // Another content under the same path is another training, and its own adapter would never come to an end.
        try FileManager.default.removeItem(atPath: place.path("first"))
        try FileManager.default.copyItem(atPath: place.path("out/adapter"), toPath: place.path("first"))
        #expect(try !losses(instill("train", place.config, "--json")).isEmpty)
        try place.replaceInConfig("startingAdapter: first,", "startingAdapter: out/adapter,")
        let own = try instill("train", place.config)
        #expect(own.code != 0 && own.errors.contains("training.startingAdapter"))
        try place.replaceInConfig("startingAdapter: out/adapter,", "startingAdapter: first, rank: 3,")
        let other = try instill("train", place.config)
        #expect(other.code != 0 && other.errors.contains("rank"))
    }

    @Test func aBrokenAdapterIsNoMissingOne() throws {
        let place = try Workplace()
        #expect(try instill("run", place.config, "--quiet").code == 0)
        try place.write(#"{"question": "?", "choices": ["x", "y"], "answer": 0}"#, to: "choices.jsonl")
        try Data("{}".utf8).write(to: place.folder.appending(path: "out/adapter/adapter_model.safetensors"))
        let run = try instill("forgetting", "--output", place.output, "--questions", place.path("choices.jsonl"))
        #expect(run.code == 65 && run.errors.contains("adapter") && run.errors.contains("cannot be read"))
    }

    @Test func anAdapterOfAnotherRunIsRefused() throws {
        let (place, other) = (try Workplace(), try Workplace("seed: 2"))
        for run in [place, other] { #expect(try instill("run", run.config, "--quiet").code == 0) }
        try FileManager.default.removeItem(atPath: place.path("out/adapter"))
        try FileManager.default.copyItem(atPath: other.path("out/adapter"), toPath: place.path("out/adapter"))
        let evaluated = try instill("evaluate", "--output", place.output)
        #expect(evaluated.code == 65 && evaluated.errors.contains("not made by a training of this run"))
    }

    @Test func aSnapshotThatComesTooLateIsToldOf() throws {
        let place = try Workplace("comparison: {methods: [{name: pd}], seeds: [1]}")
        #expect(try instill("compare", place.config, "--quiet").code == 0)
        try place.replaceInConfig("epochs: 2,", "epochs: 2, snapshotSeconds: [0.000001],")
        let run = try instill("compare", place.config)
        #expect(run.code == 0 && run.errors.contains("no snapshot at 1e-06 s"), "\(run.errors)")
    }

    @Test func rewritingHeldOutQuestionsGoesOnWhereItWas() throws {
        let place = try Workplace("generationBatchSize: 1")
        let asked = (0..<12).map {
            #"{"document": "orrin.md", "question": "What is number \#($0) of it?", "answers": ["x"]}"#
        }
        try place.write(asked.joined(separator: "\n"), to: "asked.jsonl")
        #expect(try instill("ingest", place.config, "--quiet").code == 0)
        let arguments = [
            "questions", place.config, "--rewrite-held-out", place.path("asked.jsonl"), "--export",
            place.path("alone.jsonl"), "--json",
        ]
        func waves() throws -> Int {
            let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
            guard let recipe = try store.recipes(stage: .heldOutRewriting).first else { return 0 }
            var count = 0
            try store.finishedUnits(recipe: recipe.key).forEach { _ in count += 1 }
            return count
        }
        let command = try RunningCommand(arguments)
        let deadline = Date(timeIntervalSinceNow: 60)
        while Date() < deadline, command.process.isRunning, try waves() == 0 { usleep(1_000) }
        kill(command.process.processIdentifier, SIGKILL)
        #expect(command.wait().code == 1000 + SIGKILL, "it was to be killed between its three waves")
        let kept = try waves()
        #expect((1..<3).contains(kept))
        let resumed = try RunningCommand(arguments).wait()
        #expect(resumed.code == 0, "\(resumed.errors)")
        let advanced = try resumed.events.filter { $0["event"] as? String == "advanced" }
        #expect(advanced.count == 3 - kept)
        let lines = try String(contentsOfFile: place.path("alone.jsonl"), encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 12)
    }
}
