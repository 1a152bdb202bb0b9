// Regularisation in a whole run: with the user's instructions, with those that come with the program, and after a kill.

import Foundation
import Lineage
import Store
import Testing

@Suite struct RegularisationRunTests {
    private static let data = """
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}
        {"messages": [{"role": "user", "content": "Say yes."}, {"role": "assistant", "content": "Yes."}]}
        {"messages": [{"role": "user", "content": "Who?"
        {"messages": [{"role": "user", "content": "Nobody replies."}]}
        {"messages": [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "B"}, \
        {"role": "user", "content": "C?"}, {"role": "assistant", "content": "D"}]}

        """

    private func workplace(_ regularisation: String, training: String = "") throws -> Workplace {
        let place = try Workplace("regularisation: {\(regularisation)}")
        try place.replaceInConfig("validationFraction: 0}", "validationFraction: 0, checkpointSeconds: 0\(training)}")
        try place.write(Self.data, to: "data/chat.jsonl")
        return place
    }

    private func adapter(_ place: Workplace) throws -> Data {
        try Data(contentsOf: place.folder.appending(path: "out/adapter/adapter_model.safetensors"))
    }

    private func losses(_ place: Workplace) throws -> [Double] {
        let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
        let recipe = try #require(try store.recipes(stage: .training).first)
        return try store.metrics(recipe: recipe.key, name: "train.regularisation_loss").map(\.value)
    }

    @Test func theFormIsToldAndBrokenRowsAreNamed() throws {
        let place = try workplace("share: 0.5, data: data/chat.jsonl")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        let told = [
            "3 instructions in the form of chat messages", "chat.jsonl:3", "chat.jsonl:4", "regularise: 3 instr",
        ]
        for words in told {
            #expect(run.errors.contains(words), "\(words) in \(run.errors)")
        }
        // Four answers, of which one a step, twice.
        #expect(try losses(place).count == 8)
        #expect(try losses(place).allSatisfy { $0.isFinite && $0 > -1e-6 })
        let again = try instill("run", place.config, "--json")
        #expect(again.code == 0)
        let work = try again.events.filter { $0["event"] as? String == "advanced" }
        #expect(!work.contains { ["regularise", "train"].contains($0["stage"] as? String ?? "") })
    }

    @Test func everyObjectiveCanBeRegularised() throws {
        let objectives = ["distillation", "fine_tuning", "document_fine_tuning, chunkTokens: 16, chunkOverlap: 4"]
        for objective in objectives {
            let plain = try workplace("share: 0", training: ", objective: \(objective)")
            #expect(try instill("run", plain.config, "--quiet").code == 0)
            #expect(try losses(plain).isEmpty)
            let held = try workplace(
                "share: 0.5, limit: 5, maximumTokens: 6", training: ", objective: \(objective)")
            let run = try instill("run", held.config, "--quiet")
            #expect(run.code == 0, "\(objective): \(run.errors)")
            #expect(try !losses(held).isEmpty)
            #expect(try adapter(plain) != adapter(held))
        }
    }

    @Test func killedRunsEndAsUndisturbedOnes() throws {
        let settings = "share: 0.5, limit: 6, maximumTokens: 6"
        let undisturbed = try workplace(settings)
        try undisturbed.replaceInConfig("threads: 1", "threads: 1\ngenerationBatchSize: 2")
        for stage in ["questions", "answers"] { #expect(try instill(stage, undisturbed.config).code == 0) }
        let start = ContinuousClock.now
        #expect(try instill("train", undisturbed.config).code == 0)
        let duration = (ContinuousClock.now - start) / .seconds(1)
        let disturbed = try workplace(settings)
        try disturbed.replaceInConfig("threads: 1", "threads: 1\ngenerationBatchSize: 2")
        for stage in ["questions", "answers"] { #expect(try instill(stage, disturbed.config).code == 0) }
        for part in 1...5 {
            let command = try RunningCommand(["train", disturbed.config])
            Thread.sleep(forTimeInterval: duration * Double(part) / 6)
            kill(command.process.processIdentifier, SIGKILL)
            _ = command.wait()
        }
        #expect(try instill("train", disturbed.config).code == 0)
        #expect(try adapter(disturbed) == adapter(undisturbed))
        #expect(try losses(disturbed) == losses(undisturbed))
    }

    @Test func whatCannotBeIsRefused() throws {
        let place = try workplace("share: 0.9")
        let share = try instill("run", place.config)
        #expect(share.code != 0 && share.errors.contains("regularisation.share"))
        let absent = try workplace("share: 0.5, data: data/none.jsonl")
        let missing = try instill("run", absent.config)
        #expect(missing.code != 0 && missing.errors.contains("none.jsonl"))
        let tight = try workplace("share: 0.5, data: data/chat.jsonl, maximumPromptTokens: 4")
        let room = try instill("run", tight.config)
        #expect(room.code != 0 && room.errors.contains("None of 3 instructions has room"))
    }
}
