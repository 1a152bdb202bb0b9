// The measure of forgetting from the command line: the base model alone, both models, stopped and gone on with.

import Foundation
import Lineage
import Store
import Testing

@Suite struct ForgettingTests {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        let rows = (0..<12).map {
            #"{"question": "Number \#($0)?", "choices": ["x", "y", "z"], "answer": \#($0 % 3), "subject": "part \#($0 % 2)"}"#
        }
        try place.write(rows.joined(separator: "\n") + "\n{\"question\": \"?\"}\n", to: "choices.jsonl")
    }

    private func figures(_ run: Finished) throws -> [String: Any] {
        let last = try #require(try run.events.last)
        #expect(last["event"] as? String == "forgetting")
        return try #require(last["forgetting"] as? [String: Any])
    }

    @Test func theBaseModelIsMeasuredAloneBeforeThereIsAnAdapter() throws {
        #expect(try instill("ingest", place.config).code == 0)
        let run = try instill(
            "forgetting", "--output", place.output, "--questions", place.path("choices.jsonl"), "--by", "both",
            "--words")
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.errors.contains("choices.jsonl:13: has no list of two options or more"))
        #expect(run.errors.contains("base model is measured alone"))
        for words in [
            "part 0", "part 1", "mean of the categories", "all questions", "option's letter", "option's words",
        ] {
            #expect(run.output.contains(words))
        }
        #expect(!run.output.contains("distilled"))
    }

    @Test func bothModelsAreComparedAndNothingIsAskedTwice() throws {
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let arguments = [
            "forgetting", "--output", place.output, "--questions", place.path("choices.jsonl"), "--json", "--limit",
            "8",
        ]
        let first = try RunningCommand(arguments).wait()
        #expect(first.code == 0, "\(first.errors)")
        let measures = try #require(try figures(first)["measures"] as? [[String: Any]])
        let all = try #require(measures.first?["all"] as? [String: Any])
        let change = try #require(all["change"] as? [String: Any])
        #expect(change["p_value"] is NSNumber && (change["interval"] as? [Any])?.count == 2)
        #expect((all["base"] as? [String: Any])?["total"] as? Int == 8)
        let written = try Data(contentsOf: place.folder.appending(path: "out/forgetting.json"))
        #expect(try JSONSerialization.jsonObject(with: written) is [String: Any])
        let before = try rows()
        #expect(before == [8, 8])
        #expect(try RunningCommand(arguments).wait().code == 0)
        #expect(try rows() == before)
        // Further questions join those that were asked; the run's other questions about itself stay answered.
        #expect(try instill("forgetting", "--output", place.output, "--limit", "12", "--quiet").code == 0)
        #expect(try rows() == [12, 12])
        let table = try instill("forgetting", "--output", place.output, "--quiet")
        #expect(table.output.contains("McNemar") && table.output.contains("distilled"))
    }

    private func rows() throws -> [Int] {
        let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
        return try store.recipes().filter { $0.stage.rawValue.hasPrefix("forgetting") }.map {
            try store.choices(recipe: $0.key).count
        }
    }

    @Test func whatIsMissingIsNamed() throws {
        #expect(try instill("ingest", place.config).code == 0)
        let none = try instill("forgetting", "--output", place.output)
        #expect(none.code == 66 && none.errors.contains("--questions"))
        let nowhere = try instill("forgetting", "--output", place.output, "--questions", place.path("nowhere.jsonl"))
        #expect(nowhere.code == 66 && nowhere.errors.contains("nowhere.jsonl"))
        try place.write(#"{"text": "no question"}"#, to: "other.jsonl")
        let other = try instill("forgetting", "--output", place.output, "--questions", place.path("other.jsonl"))
        #expect(other.code == 65 && other.errors.contains("choices (or options)"))
        let thinking = try instill(
            "forgetting", "--output", place.output, "--questions", place.path("choices.jsonl"), "--by", "likelihood",
            "--step-by-step")
        #expect(thinking.code == 64)
    }
}
