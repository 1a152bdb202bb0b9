// Questions out of a run and back into it, chats, and the diagnosis of the machine.

import Foundation
import TestSupport
import Testing

@Suite struct QuestionsAndChatTests {
    @Test func exportedQuestionsCanBeEditedAndImported() throws {
        let place = try Workplace()
        #expect(try instill("ingest", place.config).code == 0)
        #expect(try instill("questions", "--output", place.output, "--export", "-").code == 66)
        #expect(try instill("questions", "--output", place.output).code == 0)
        let file = place.path("edited.jsonl")
        #expect(try instill("questions", "--output", place.output, "--export", file).code == 0)
        let lines = try String(contentsOfFile: file, encoding: .utf8)
        #expect(lines.split(separator: "\n").count == 4)
        let added = "{\"document\": \"orrin.md\", \"question\": \"Is Orrin a village?\"}\n"
        try place.write(lines + added, to: "edited.jsonl")
        let imported = try instill("questions", "--output", place.output, "--import", file)
        #expect(imported.code == 0, "\(imported.errors)")
        try FileManager.default.createSymbolicLink(atPath: place.path("link"), withDestinationPath: file)
        #expect(try instill("questions", "--output", place.output, "--export", place.path("link")).code == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place.path("link")) == file)
        #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == 5)
        let exported = try instill("questions", "--output", place.output, "--export", "-")
        #expect(exported.code == 0)
        #expect(exported.output.split(separator: "\n").count == 5)
        #expect(exported.output.contains("Is Orrin a village?"))
    }

    @Test func chatAnswersOneQuestion() throws {
        let place = try Workplace()
        let arguments = ["chat", "--model", place.path("model"), "--maximum-tokens", "8", "--threads", "1"]
        let question = ["--question", "Who is the mayor of Orrin?", "--json"]
        let bare = try RunningCommand(arguments + question).wait()
        #expect(bare.code == 0, "\(bare.errors)")
        #expect(try bare.events.map { $0["model"] as? String } == ["base"])
        let document = try RunningCommand(arguments + question + ["--document", place.path("documents/orrin.md")])
            .wait()
        #expect(document.code == 0, "\(document.errors)")
        let lines = try RunningCommand(arguments, input: "One?\n\nTwo?\n").wait()
        #expect(lines.code == 0)
        #expect(lines.errors.isEmpty)
    }

    @Test func chatWithAndWithoutTheAdapter() throws {
        let place = try Workplace()
        let unfinished = try instill(
            "chat", "--model", place.path("model"), "--adapter", place.path("none"), "--question", "x")
        #expect(unfinished.code == 66)
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let both = try instill(
            "chat", "--output", place.output, "--both", "--json", "--maximum-tokens", "8", input: "One?\nTwo?\n")
        #expect(both.code == 0, "\(both.errors)")
        #expect(try both.events.map { $0["model"] as? String } == ["base", "distilled", "base", "distilled"])
        let off = try instill(
            "chat", "--output", place.output, "--no-adapter", "--json", "--maximum-tokens", "8", input: "One?\n")
        #expect(try off.events.first?["reply"] as? String == both.events.first?["reply"] as? String)
    }

    @Test func adapterOfAnotherModelIsRefused() throws {
        let (place, other) = (try Workplace(), try Workplace())
        #expect(try instill("run", place.config, "--quiet").code == 0)
        try TinyModel.write(to: other.folder.appending(path: "model"), seed: 8)
        let refused = try instill(
            "chat", "--model", other.path("model"), "--adapter", place.path("out/adapter"), "--question", "One?")
        #expect(refused.code == 65)
        #expect(refused.errors.contains("does not fit this model"))
    }

    @Test func doctorFindsWhatIsThere() throws {
        let place = try Workplace()
        let well = try instill("doctor", "--model", place.path("model"), "--output", place.output)
        #expect(well.code == 0, "\(well.output)")
        for word in ["libtorch", "threads", "bfloat16", "model", "memory", "output", "driver", "cuda"] {
            #expect(well.output.contains(word))
        }
        let ill = try instill("doctor", "--model", place.path("nowhere"), "--json")
        #expect(ill.code == 1)
        #expect(ill.errors.contains("instill: Not ready: model"))
        let missing = try ill.events.filter { $0["state"] as? String == "missing" }
        #expect(missing.map { $0["subject"] as? String } == ["model"])
    }

    @Test func doctorSaysWhetherThereIsAnEmbedder() throws {
        let (place, encoder) = (try Workplace(), try TinyEncoderFolder())
        func embedder(_ path: String) throws -> [String: Any]? {
            let found = try instill(
                "doctor", "--model", place.path("model"), "--output", place.output, "--json",
                environment: ["INSTILL_EMBEDDER": path])
            return try found.events.first { $0["subject"] as? String == "embedder" }
        }
        let there = try embedder(encoder.encoder.path)
        #expect(there?["state"] as? String == "ok")
        #expect((there?["found"] as? String)?.contains("8 numbers a text") == true)
        #expect(try embedder(place.path("nowhere"))?["state"] as? String == "missing")
    }

    @Test func modelFromTheEnvironment() throws {
        let place = try Workplace()
        let found = try instill("doctor", environment: ["INSTILL_MODEL": place.path("model")])
        #expect(found.output.contains(place.path("model")))
    }
}
