// Data files with rows that are no use: each is named, the rest is worked on, and what a run has made so far stays.

import Foundation
import Testing

@Suite struct BadInputTests {
    private static let unusable = """
        {"document": "orrin.md", "question": "How many houses has Orrin?", "answers": []}
        {"document": "orrin.md", "question": "Which houses has Orrin?", "answers": [" "]}
        {"document": "nowhere.md", "question": "Where is nowhere?", "answers": ["here"]}
        {"document": "orrin.md", "answers": ["twelve"]}
        {"document": "orrin.md", "question": "cut o

        """
    private static let reasons = [
        ":1: has no answer", ":2: has no answer", ":3: is on \"nowhere.md\", which is not among the documents",
        ":4: has no text in question", ":5: is not JSON",
    ]

    private func heldOut(_ place: Workplace) throws -> Int? {
        let data = try Data(contentsOf: place.folder.appending(path: "out/summary.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])["held_out"] as? Int
    }

    @Test func heldOutQuestionsThatCannotBeAskedAreNamedAndTheOthersAsked() throws {
        let place = try Workplace()
        let good = #"{"question": "What length has the river Brask?", "answers": ["ninety miles"]}"#
        try place.write(Self.unusable + good + "\n", to: "held-out.jsonl")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        for reason in Self.reasons { #expect(run.errors.contains("held-out.jsonl\(reason)"), "\(run.errors)") }
        #expect(run.errors.contains("2 documents, 1 held-out questions"))
        #expect(try heldOut(place) == 1)
    }

    @Test func aRunWithoutOneUsableHeldOutQuestionSaysSoAndKeepsItsAdapterAndReplies() throws {
        let place = try Workplace()
        #expect(try instill("run", place.config, "--quiet").code == 0)
        let before = try place.rows()
        let good = try String(contentsOfFile: place.path("held-out.jsonl"), encoding: .utf8)
        try place.write(Self.unusable, to: "held-out.jsonl")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        for reason in Self.reasons { #expect(run.errors.contains("held-out.jsonl\(reason)"), "\(run.errors)") }
        #expect(run.errors.contains("No question in \(place.path("held-out.jsonl")) can be asked"))
        #expect(try heldOut(place) == 0)
        #expect(FileManager.default.fileExists(atPath: place.path("out/adapter/adapter_model.safetensors")))
        // The replies are found again when their questions come back.
        try place.write(good, to: "held-out.jsonl")
        let again = try instill("run", place.config, "--json")
        #expect(again.code == 0, "\(again.errors)")
        #expect(try heldOut(place) == 2)
        #expect(try place.rows() == before)
    }

    @Test func brokenDocumentsAndQuestionsAreNamedAndTheOthersLearned() throws {
        let place = try Workplace()
        try place.write(
            """
            {"title": "Ard", "text": "Ard is a hill. It is nine hundred feet high."}
            {"title": "Broken", "text": "cut o
            {"name": "without a text"}

            """, to: "documents/rows.jsonl")
        let questions = try String(contentsOfFile: place.path("questions.jsonl"), encoding: .utf8)
        try place.write(
            questions + #"{"document": "nowhere.md", "question": "Where?"}"# + "\n{\"question\": \"cut o\n",
            to: "questions.jsonl")
        let run = try instill("run", place.config)
        #expect(run.code == 0, "\(run.errors)")
        for named in [
            "rows.jsonl:2: is not JSON", "rows.jsonl:3: has no text", "questions.jsonl:5: is on \"nowhere.md\"",
            "questions.jsonl:6: is not JSON", "3 documents", "4 questions of your own",
        ] {
            #expect(run.errors.contains(named), "\(named) is missing in \(run.errors)")
        }
    }
}
