// A whole run on the tiny model: what comes out, and what happens when it is run again, changed, stopped or taken apart.

import Foundation
import Store
import Testing

@Suite struct WholeRunTests {
    @Test func givesFiguresAdapterAndTable() throws {
        let place = try Workplace()
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.errors.contains("Preset small"))
        #expect(!run.errors.contains("\u{1B}") && !run.errors.contains("\r"))
        for word in ["closed book", "base", "distilled", "chat --output", "4 questions"] {
            #expect(run.output.contains(word))
        }
        let data = try Data(contentsOf: place.folder.appending(path: "out/summary.json"))
        let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for model in ["base", "distilled"] {
            let scores = try #require(summary[model] as? [String: Any])
            #expect(scores["closed_book"] is NSNumber && scores["oracle"] is NSNumber)
        }
        #expect(summary["grader"] as? String == "whole words")
        let base = try #require(summary["base"] as? [String: Any])
        #expect((base["substring"] as? [String: Double])?.keys.sorted() == ["closed_book", "oracle"])
        #expect(run.output.contains("By the paper's substring match"))
        #expect(summary["questions"] as? Int == 4)
        #expect(summary["answer_tokens"] is NSNumber)
        let seconds = try #require(summary["seconds"] as? [String: Any])
        #expect(Set(seconds.keys).isSuperset(of: ["questions", "answers", "train", "evaluate"]))
        #expect(FileManager.default.fileExists(atPath: place.path("out/adapter/adapter_model.safetensors")))
    }

    @Test func secondRunDoesNothing() throws {
        let place = try Workplace()
        let first = try instill("run", place.config, "--json")
        #expect(first.code == 0, "\(first.errors)")
        #expect(first.errors.isEmpty)
        let before = try place.rows()
        let second = try instill("run", place.config, "--json")
        #expect(second.code == 0)
        let events = try second.events
        #expect(!events.contains { $0["event"] as? String == "advanced" && $0["stage"] as? String != "evaluate" })
        #expect(events.last?["event"] as? String == "summary")
        #expect(try place.rows() == before)
        #expect(before.questions == 4 && before.answers == 4)
        #expect(try figures(first) == figures(second))
    }

    private func figures(_ run: Finished) throws -> [Double] {
        let summary = try #require(try run.events.last?["summary"] as? [String: Any])
        return try ["base", "distilled"].flatMap { model in
            let scores = try #require(summary[model] as? [String: Any])
            return try ["closed_book", "oracle"].map { try #require(scores[$0] as? Double) }
        }
    }

    @Test func changedSettingIsNamed() throws {
        let place = try Workplace()
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let changed = try instill("run", place.config, "--seed", "2")
        #expect(changed.code == 0)
        #expect(changed.errors.contains("seed was 1, is 2"))
    }

    @Test func quietSaysOnlyTheResult() throws {
        let place = try Workplace()
        let run = try instill("run", place.config, "--quiet")
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output.contains("distilled"))
    }

    @Test func stagesAlone() throws {
        let place = try Workplace()
        #expect(try instill("ingest", place.config).code == 0)
        for stage in ["questions", "answers", "train"] {
            let run = try instill(stage, "--output", place.output)
            #expect(run.code == 0, "\(stage): \(run.errors)")
            #expect(run.output.isEmpty)
        }
        let proof = try instill("evaluate", "--output", place.output)
        #expect(proof.code == 0, "\(proof.errors)")
        #expect(proof.output.contains("closed book"))
        let anew = try instill("train", "--output", place.output, "--from-scratch", "--json")
        #expect(anew.code == 0)
        #expect(try anew.events.contains { $0["event"] as? String == "advanced" })
    }

    /// The paper's baselines are the same training with other targets: each ends with an adapter of its own.
    @Test func everyObjectiveTrains() throws {
        let settings = [
            "divergence: forward", "divergence: reverse", "divergence: jensen_shannon", "objective: fine_tuning",
            "objective: document_fine_tuning, chunkTokens: 16, chunkOverlap: 4",
        ]
        let adapters = try settings.map { setting in
            let place = try Workplace()
            try place.replaceInConfig("epochs: 2", "epochs: 2, \(setting)")
            let run = try instill("run", place.config, "--quiet")
            #expect(run.code == 0, "\(setting): \(run.errors)")
            return try Data(contentsOf: place.folder.appending(path: "out/adapter/adapter_model.safetensors"))
        }
        #expect(Set(adapters).count == settings.count)
    }

    /// Learning from the documents themselves needs neither questions nor answers, in a whole run or stage by stage.
    @Test func documentsAreTrainedOnWithoutQuestions() throws {
        let place = try Workplace()
        try place.replaceInConfig(
            "epochs: 2", "epochs: 2, objective: document_fine_tuning, chunkTokens: 16, chunkOverlap: 4")
        let training = try instill("train", place.config)
        #expect(training.code == 0, "\(training.errors)")
        let run = try instill("run", place.config, "--json")
        #expect(run.code == 0, "\(run.errors)")
        let events = try run.events
        #expect(!events.contains { ["questions", "answers"].contains($0["stage"] as? String) })
        #expect(
            !events.contains { $0["event"] as? String == "advanced" && $0["stage"] as? String == "train" },
            "the stage alone has trained on the same")
        let summary = try #require(events.last?["summary"] as? [String: Any])
        #expect(summary["questions"] as? Int == 0 && summary["answers"] as? Int == 0)
        #expect(summary["documents"] as? Int == 2)
        let rows = try place.rows()
        #expect(rows.questions == 0 && rows.answers == 0 && rows.replies > 0)
        let proof = try instill("evaluate", "--output", place.output)
        #expect(proof.code == 0, "\(proof.errors)")
        #expect(proof.output.contains("Made    2 documents\n"))
        // What else the run holds does not change what was learned from.
        #expect(try instill("questions", "--output", place.output).code == 0)
        let again = try instill("train", "--output", place.output, "--json")
        #expect(again.code == 0, "\(again.errors)")
        #expect(try !again.events.contains { $0["event"] as? String == "advanced" })
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func stoppedTrainingGoesOn(_ signal: Int32) throws {
        let place = try Workplace()
        try place.replaceInConfig("epochs: 2", "epochs: 3000")
        let running = try RunningCommand(["run", place.config, "--json"])
        while running.process.isRunning, !running.output.contains("\"loss") { usleep(20_000) }
        kill(running.process.processIdentifier, signal)
        let stopped = running.wait()
        #expect(stopped.code == 128 + signal)
        #expect(stopped.errors.contains("instill: Stopped."))
        let again = try RunningCommand(["train", "--output", place.output, "--json"])
        while again.process.isRunning, !again.output.contains("\"started\"") { usleep(20_000) }
        kill(again.process.processIdentifier, signal)
        let resumed = again.wait()
        let started = try resumed.events.first { $0["event"] as? String == "started" }
        #expect(try #require(started?["done"] as? Int) > 0)
    }
}

extension Workplace {
    struct Rows: Equatable {
        var questions = 0
        var answers = 0
        var replies = 0
    }

    /// Rows of the run's store, under all recipes.
    func rows() throws -> Rows {
        let store = try RunStore(directory: URL(fileURLWithPath: output), access: .readOnly)
        var rows = Rows()
        for recipe in try store.recipes() {
            rows.questions += try store.questionCount(recipe: recipe.key)
            rows.answers += try store.answerTotals(recipe: recipe.key).answers
            for condition in try store.conditions(recipe: recipe.key) {
                rows.replies += try store.replies(recipe: recipe.key, condition: condition).count
            }
        }
        return rows
    }

    func replaceInConfig(_ old: String, _ new: String) throws {
        let text = try String(contentsOfFile: config, encoding: .utf8)
        try write(text.replacingOccurrences(of: old, with: new), to: "config.yaml")
    }
}
