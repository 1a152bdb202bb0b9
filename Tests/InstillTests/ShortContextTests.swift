// Models that read less than a passage with its request and the reply: passages are cut, or a setting is named before any
// work.

import Foundation
import Store
import TestSupport
import Testing

@Suite struct ShortContextTests {
    /// A run over one document of some 900 tokens, a byte each.
    private func workplace(context: Int, _ settings: String = "") throws -> Workplace {
        let place = try Workplace(settings)
        try TinyModel.write(to: place.folder.appending(path: "model"), seed: 7, contextLength: context)
        let paragraph = "Orrin has twelve houses, and its mayor is Tessa Vane. The mill grinds barley on Mondays.\n\n"
        try place.write("# Orrin\n\n" + String(repeating: paragraph, count: 10), to: "documents/orrin.md")
        return place
    }

    private func documents(_ place: Workplace) throws -> [Document] {
        let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
        var documents: [Document] = []
        try store.documents().forEach { documents.append($0) }
        return documents
    }

    @Test func passagesAreCutToWhatTheModelReadsAndTheRunIsWhole() throws {
        let place = try workplace(context: 700)
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.errors.contains("fewer than maximumPassageTokens: the model reads 700 tokens"), "\(run.errors)")
        let parts = try documents(place).filter { $0.name == "orrin.md" }
        #expect(parts.count > 1 && parts.allSatisfy { $0.text.utf8.count < 700 })
    }

    /// A longer reply to held-out questions leaves their own documents less room than the teacher had.
    @Test func whatTheOracleCannotReadWholeIsToldOfAndAskedAllTheSame() throws {
        let place = try workplace(context: 700)
        try place.replaceInConfig("evaluation: {maximumTokens: 8}", "evaluation: {maximumTokens: 400}")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.errors.contains("asked with only a part of their documents"), "\(run.errors)")
    }

    @Test func aContextWithoutRoomIsRefusedByTheSettingBeforeAnyWork() throws {
        let place = try workplace(context: 400, "maximumPassageTokens: 300")
        try place.replaceInConfig("answers: {maximumTokens: 8", "answers: {maximumTokens: 350")
        let run = try instill("run", place.config)
        #expect(run.code == 65 && run.errors.contains("lower answers.maximumTokens"), "\(run.errors)")
        try place.replaceInConfig("answers: {maximumTokens: 350", "answers: {maximumTokens: 8")
        try place.replaceInConfig("evaluation: {maximumTokens: 8}", "evaluation: {maximumTokens: 400}")
        let again = try instill("run", place.config)
        #expect(again.code == 65 && again.errors.contains("lower evaluation.maximumTokens"), "\(again.errors)")
        #expect(!FileManager.default.fileExists(atPath: place.path("out/targets")))
    }

    @Test func heldOutQuestionsThatFillTheContextAreLeftOutAtTheStart() throws {
        let place = try workplace(context: 700)
        let long = String(repeating: "And who is the mayor? ", count: 40)
        try place.write(
            """
            {"id": "long", "document": "orrin.md", "question": "\(long)", "answers": ["Tessa Vane"]}
            {"id": "short", "document": "orrin.md", "question": "Who is the mayor?", "answers": ["Tessa Vane"]}

            """, to: "held-out.jsonl")
        let run = try instill("ingest", place.config)
        #expect(run.code == 0 && run.errors.contains("1 held-out questions"), "\(run.errors)")
        #expect(run.errors.contains("Skipped the held-out question long"), "\(run.errors)")
    }

    /// A prompt that nothing could be known of before it was made.
    @Test func aQuestionWithoutRoomBesideItsPassageIsLeftOutAndTold() throws {
        let place = try workplace(context: 700)
        let long = String(repeating: "Who is the mayor of Orrin, and since when? ", count: 12)
        try place.write(
            """
            {"document": "orrin.md", "question": "\(long)"}
            {"document": "orrin.md", "question": "Who is the mayor of Orrin?"}

            """, to: "questions.jsonl")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        #expect(run.errors.contains("1 prompts are not put to the model"), "\(run.errors)")
        #expect(run.errors.contains("1 answers"), "\(run.errors)")
    }

    @Test func whereNothingIsTooLongAShorterContextMakesNothingAnew() throws {
        let place = try Workplace()
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let (before, rows) = (try documents(place).map(\.id), try place.rows())
        try TinyModel.write(to: place.folder.appending(path: "model"), seed: 7, contextLength: 700)
        let run = try instill("run", place.config)
        #expect(run.code == 0 && !run.errors.contains("made anew"), "\(run.errors)")
        #expect(try documents(place).map(\.id) == before && place.rows() == rows)
    }

    @Test func anEmbedderThatCannotBeUsedIsFoundBeforeTheTraining() throws {
        let place = try workplace(context: 700, "retrieval: {methods: [embeddings], embedder: encoder}")
        try TinyEncoder.write(to: place.folder.appending(path: "encoder"))
        let whole = try instill("ingest", place.config)
        #expect(whole.code == 0 && whole.errors.contains("The embedder reads the first 24 tokens"), "\(whole.errors)")
        try changeWeights(of: place.folder.appending(path: "encoder/model.safetensors")) {
            $0["embeddings.LayerNorm.weight"]?[0] = .nan
        }
        let broken = try instill("ingest", place.config)
        #expect(broken.code == 65 && broken.errors.contains("embeddings.LayerNorm.weight"), "\(broken.errors)")
    }
}
