// What the questions stage tells of its questions, on the command line and in what is trained on: coverage, leakage, pairs of
// documents, and held-out questions that are rewritten.

import Foundation
import Lineage
import Store
import Testing

@Suite struct QuestionChecksTests {
    private static let leak = #"{"document": "orrin.md", "question": "Who heads the village Orrin?"}"#

    /// A workplace with one more training question, which is a held-out one but for small words.
    private func workplace(_ settings: String = "") throws -> Workplace {
        let place = try Workplace(settings)
        let questions = try String(contentsOfFile: place.path("questions.jsonl"), encoding: .utf8)
        try place.write(questions + QuestionChecksTests.leak + "\n", to: "questions.jsonl")
        return place
    }

    @Test func leaksAreCountedAndListedSideBySide() throws {
        let place = try workplace()
        #expect(try instill("ingest", place.config).code == 0)
        #expect(try instill("questions", "--output", place.output, "--leakage").code == 66)
        let stage = try instill("questions", "--output", place.output)
        #expect(stage.code == 0)
        #expect(stage.errors.contains("1 of 5 questions are near a held-out one; training uses them all the same."))
        let listed = try instill("questions", "--output", place.output, "--leakage")
        #expect(listed.code == 0, "\(listed.errors)")
        let lines = listed.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("1.00  training  Who heads the village Orrin?  (Orrin)"))
        #expect(lines[1].contains("held out  Who heads the village of Orrin?"))
        let json = try instill("questions", "--output", place.output, "--leakage", "--json").events
        #expect(json.count == 1 && json[0]["similarity"] as? Double == 1)
    }

    @Test(arguments: [false, true]) func trainingLeavesLeaksOutOnDemand(drops: Bool) throws {
        let place = try workplace("questions: {dropsLeaks: \(drops)}")
        let run = try instill("run", place.config, "--json")
        #expect(run.code == 0, "\(run.errors)")
        let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
        let training = try #require(try store.recipes(stage: .training).first)
        // Two epochs in batches of two: 4 samples make 4 steps, 5 make 6.
        #expect(try store.metrics(recipe: training.key, name: "train.loss").count == (drops ? 4 : 6))
        #expect(try store.recipes(stage: .userQuestions).count == 1)
    }

    @Test func theSummaryHasCoverageAndLeaksOfTheQuestionsAsTheyAre() throws {
        let place = try workplace()
        func checks() throws -> [Int?] {
            let run = try instill("run", place.config, "--quiet")
            #expect(run.code == 0, "\(run.errors)")
            let data = try Data(contentsOf: place.folder.appending(path: "out/summary.json"))
            let summary = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            let coverage = try #require(summary["coverage"] as? [String: Int])
            return [coverage["sentences"], coverage["reached"], summary["leaks"] as? Int]
        }
        #expect(try checks() == [4, 3, 1])
        #expect(try checks() == [4, 3, 1])
        // Fewer questions, and a held-out one that is near none.
        try place.write(
            """
            {"document": "orrin.md", "question": "Who is the mayor of Orrin?"}
            {"document": "brask.txt", "question": "How many miles long is the river Brask?"}

            """, to: "questions.jsonl")
        #expect(try checks() == [4, 2, 0])
        try place.replaceInConfig("heldOut: held-out.jsonl\n", "")
        #expect(try checks() == [4, 2, nil])
    }

    @Test func theThresholdIsTheUsers() throws {
        let place = try workplace("questions: {leakThreshold: 0.5}")
        try place.write(
            "{\"document\": \"orrin.md\", \"question\": \"Who heads the town of Orrin?\", \"answers\": [\"x\"]}\n",
            to: "held-out.jsonl")
        #expect(try instill("questions", place.config).errors.contains("1 of 5 questions are near"))
        let strict = try workplace("questions: {leakThreshold: 0.9}")
        try strict.write(
            "{\"document\": \"orrin.md\", \"question\": \"Who heads the town of Orrin?\", \"answers\": [\"x\"]}\n",
            to: "held-out.jsonl")
        #expect(try !instill("questions", strict.config).errors.contains("near a held-out"))
    }

    @Test func coverageNamesTheSentencesWithoutAQuestion() throws {
        let place = try Workplace()
        try place.write(
            """
            {"document": "orrin.md", "question": "Who is the mayor of Orrin?"}
            {"document": "brask.txt", "question": "How many miles long is the river Brask?"}

            """, to: "questions.jsonl")
        let stage = try instill("questions", place.config)
        #expect(stage.errors.contains("Questions reach 2 of 4 sentences (50 %); least: "))
        let shown = try instill("questions", "--output", place.output, "--coverage")
        #expect(shown.code == 0, "\(shown.errors)")
        let gap = "not reached: Orrin is a village of twelve houses."
        #expect(shown.output.contains(" 50 %  1 of 2  Orrin\n         \(gap)\n"))
        #expect(shown.output.hasSuffix("Questions reach 2 of 4 sentences (50 %).\n"))
        let json = try instill("questions", "--output", place.output, "--coverage", "--json").events
        #expect(json.map { $0["reached"] as? Int } == [1, 1])
    }

    /// The tiny model writes nonsense: every call for coverage is made and fails, in this process or in two.
    @Test func steeringSpendsItsBudgetOnceAndNotAgain() throws {
        let place = try Workplace(
            "questions: {callsPerSentence: 1, maximumTokens: 4, coverageTarget: 1, coverageBudget: 3}")
        try place.replaceInConfig("trainingQuestions: questions.jsonl\n", "")
        let first = try instill("questions", place.config)
        #expect(first.code == 0, "\(first.errors)")
        func totals() throws -> (Int?, Int) {
            let store = try RunStore(directory: URL(fileURLWithPath: place.output), access: .readOnly)
            let recipe = try #require(try store.recipes(stage: .questions).first?.key)
            return (try store.totals(recipe: recipe)["coverage_calls"], try store.questionCount(recipe: recipe))
        }
        let before = try totals()
        #expect(before.0 == 6)
        #expect(first.errors.contains("Questions reach 0 of 4 sentences (0 %)"))
        #expect(try instill("questions", place.config).code == 0)
        #expect(try totals() == before)
    }

    @Test func aQuestionOnTwoDocumentsIsImportedAnsweredAndExported() throws {
        let place = try Workplace()
        try place.write(
            """
            {"document": "orrin.md", "second_document": "brask.txt", "question": "Is Orrin older than the Brask is long?"}
            {"document": "orrin.md", "second_document": "nowhere.txt", "question": "Is Orrin far from there?"}

            """, to: "questions.jsonl")
        let run = try instill("answers", place.config)
        #expect(run.code == 66)
        #expect(try instill("questions", place.config).errors.contains("nowhere.txt"))
        let answered = try instill("answers", "--output", place.output)
        #expect(answered.code == 0, "\(answered.errors)")
        #expect(answered.errors.contains("1 answers"))
        let exported = try instill("questions", "--output", place.output, "--export", "-").output
        #expect(exported.contains(#""second_document":"brask.txt""#))
    }

    @Test func heldOutQuestionsAreRewrittenIntoAFile() throws {
        let place = try Workplace()
        #expect(try instill("ingest", place.config).code == 0)
        let arguments = ["questions", "--output", place.output, "--rewrite-held-out", place.path("held-out.jsonl")]
        #expect(try RunningCommand(arguments).wait().code == 64)
        let done = try RunningCommand(arguments + ["--export", place.path("alone.jsonl")]).wait()
        #expect(done.code == 0, "\(done.errors)")
        #expect(done.errors.contains("of 2 held-out questions rewritten"))
        let lines = try String(contentsOfFile: place.path("alone.jsonl"), encoding: .utf8).split(separator: "\n")
        let objects = try lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(
            objects.map { $0["original_question"] as? String } == [
                "Who heads the village of Orrin?", "What length has the river Brask?",
            ])
        #expect(objects.map { $0["document"] as? String } == ["orrin.md", "brask.txt"])
        #expect(objects.map { $0["answers"] as? [String] } == [["Tessa Vane"], ["ninety miles"]])
        // What is written can be read as held-out questions again.
        let again = try instill("ingest", "--output", place.output, "--held-out", place.path("alone.jsonl"))
        #expect(again.errors.contains("2 held-out questions"))
    }
}
