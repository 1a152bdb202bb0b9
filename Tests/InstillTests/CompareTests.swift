// A comparison on the tiny model: what comes out, and what happens when it is stopped, typed again or changed.

import Foundation
import Store
import Testing

@Suite struct CompareTests {
    private static let methods = """
        comparison:
          seeds: [1, 2]
          methods:
            - {name: pd}
            - {name: sft, label: Fine-tuned, settings: {training: {objective: fine_tuning}}}
            - {name: uft, settings: {training: {objective: document_fine_tuning, epochs: 1}}}
          sweeps:
            - {method: pd, setting: training.temperature, values: [1, 2], label: Temperature, isLogarithmic: true}
        retrieval: {methods: [bm25], topK: 1}
        """

    private func figures(_ place: Workplace) throws -> [String: Any] {
        let json = try Data(contentsOf: place.folder.appending(path: "out/report.json"))
        return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    }

    @Test func everyMethodIsShownUnderEveryCondition() throws {
        let place = try Workplace(Self.methods)
        let run = try instill("compare", place.config)
        #expect(run.code == 0, "\(run.errors)")
        for word in ["Base", "Prompt distillation", "Fine-tuned", "UFT", "BM25", "mean of 2 seeds", "report.html"] {
            #expect(run.output.contains(word), "\(word) in \(run.output)")
        }
        let report = try figures(place)
        let methods = try #require(report["methods"] as? [[String: Any]])
        #expect(methods.map { $0["name"] as? String } == ["base", "pd", "sft", "uft"])
        let accuracies = try #require(report["accuracies"] as? [[String: Any]])
        #expect(accuracies.count == 2 * 4 * 3, "closed-book, bm25 and oracle each")
        let trained = accuracies.filter { $0["method"] as? String != "base" }
        #expect(trained.allSatisfy { ($0["ofSeeds"] as? [Double])?.count == 2 })
        let sweep = try #require((report["sweeps"] as? [[String: Any]])?.first)
        let points = try #require(sweep["points"] as? [[String: Any]]).filter { $0["condition"] as? String == "oracle" }
        #expect(points.map { $0["parameter"] as? Double } == [1, 2] && sweep["parameter"] as? String == "Temperature")
        // The preset's temperature is 1, so that the point at 1 is the method itself.
        let adapters = try FileManager.default.contentsOfDirectory(atPath: place.path("out/adapters")).sorted()
        #expect(
            adapters == [
                "pd-1", "pd-2", "pd_training.temperature_2-1", "pd_training.temperature_2-2", "sft-1", "sft-2", "uft-1",
                "uft-2",
            ])
    }

    @Test func nothingIsDoneTwice() throws {
        let place = try Workplace(Self.methods)
        #expect(try instill("compare", place.config).code == 0)
        let before = try place.rows()
        let again = try instill("compare", "--output", place.output, "--json")
        #expect(again.code == 0, "\(again.errors)")
        #expect(try !again.events.contains { $0["event"] as? String == "advanced" })
        #expect(try place.rows() == before)
        let curves = try instill("report", place.output, "--tensorboard", place.path("curves"))
        #expect(curves.code == 0 && curves.output.split(separator: "\n").count == 8, "a folder an adapter")
    }

    @Test func aFurtherMethodLeavesTheOthersAlone() throws {
        let place = try Workplace("comparison: {methods: [{name: pd}]}")
        #expect(try instill("compare", place.config).code == 0)
        let adapter = place.folder.appending(path: "out/adapters/pd-1/adapter_model.safetensors")
        let before = try Data(contentsOf: adapter)
        let config = try String(contentsOfFile: place.config, encoding: .utf8).replacing(
            "[{name: pd}]", with: "[{name: pd}, {name: reverse, settings: {training: {divergence: reverse}}}]")
        try place.write(config, to: "config.yaml")
        let more = try instill("compare", place.config, "--json")
        #expect(more.code == 0, "\(more.errors)")
        let trained = try more.events.filter {
            $0["event"] as? String == "started" && $0["stage"] as? String == "train"
        }
        #expect(trained.count == 1)
        #expect(try Data(contentsOf: adapter) == before)
        #expect(try !more.events.contains { ($0["message"] as? String)?.contains("made anew") == true })
    }

    @Test func oneOfItsAdaptersCanBeTalkedWith() throws {
        let place = try Workplace("comparison: {methods: [{name: pd}], seeds: [1, 2]}")
        #expect(try instill("compare", place.config).code == 0)
        func chat(_ further: String...) throws -> Finished {
            let asked = ["chat", "--output", place.output, "--question", "Who?", "--maximum-tokens", "4"]
            return try RunningCommand(asked + further).wait()
        }
        let unnamed = try chat()
        #expect(unnamed.code == 64 && unnamed.errors.contains("one of pd-1, pd-2"), "\(unnamed.errors)")
        let named = try chat("--adapter", "pd-2")
        #expect(named.code == 0, "\(named.errors)")
        let none = try chat("--adapter", "pd-3")
        #expect(none.code == 66 && none.errors.contains("pd-3"), "\(none.errors)")
        #expect(try chat("--no-adapter").code == 0)
    }

    @Test func whatCannotBeComparedIsNamedBeforeAnyWork() throws {
        let wrong = [
            ("methods: [{name: a b}]", "comparison.methods.name"), ("methods: [{name: pd}, {name: pd}]", "taken"),
            ("methods: [{name: base}]", "taken"),
            ("methods: [{name: pd, settings: {evaluation: {maximumTokens: 4}}}]", "\"evaluation\" of pd"),
            ("methods: [{name: pd, settings: {training: {rnak: 4}}}]", "training.rank"),
            ("methods: [{name: pd, settings: {training: {rank: 0}}}]", "training.rank"),
            ("sweeps: [{method: sgd, setting: training.rank, values: [1]}]", "one of pd, sft, uft"),
            ("seeds: []", "comparison.seeds"),
        ]
        for (settings, message) in wrong {
            let place = try Workplace("comparison: {\(settings)}")
            let run = try instill("compare", place.config)
            #expect(run.code == 64 && run.errors.contains(message), "\(settings): \(run.errors)")
        }
        let place = try Workplace()
        try place.write("", to: "held-out.jsonl")
        let none = try instill("compare", place.config)
        #expect(none.code != 0 && none.errors.contains("held-out questions"), "\(none.errors)")
    }

    @Test func killedComparisonsEndAsUndisturbedOnes() throws {
        let settings = """
            comparison:
              methods: [{name: pd}, {name: sft, settings: {training: {objective: fine_tuning}}}]
            """
        let undisturbed = try Workplace(settings)
        let start = ContinuousClock.now
        #expect(try instill("compare", undisturbed.config).code == 0)
        let duration = (ContinuousClock.now - start) / .seconds(1)
        let disturbed = try Workplace(settings)
        for part in 1...4 {
            let command = try RunningCommand(["compare", disturbed.config])
            Thread.sleep(forTimeInterval: duration * Double(part) / 5)
            kill(command.process.processIdentifier, SIGKILL)
            _ = command.wait()
        }
        let resumed = try instill("compare", disturbed.config)
        #expect(resumed.code == 0, "\(resumed.errors)")
        for adapter in ["pd-1", "sft-1"] {
            let file = "out/adapters/\(adapter)/adapter_model.safetensors"
            let both = try [disturbed, undisturbed].map { try Data(contentsOf: $0.folder.appending(path: file)) }
            #expect(both[0] == both[1], "\(adapter)")
        }
        let (accuracies, expected) = try (figures(disturbed)["accuracies"], figures(undisturbed)["accuracies"])
        #expect((accuracies as? NSArray) == (expected as? NSArray))
    }
}
