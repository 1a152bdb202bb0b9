// What a comparison takes from run folders: stores written here as the stages write them.

import Basics
import Foundation
import Lineage
import Report
import Statistics
import Store
import Testing

/// A run's store with two questions, and replies of "base" and "distilled" to them.
private struct Run {
    let directory: URL
    /// - Parameters:
    ///   - outcomes: of the base model, closed-book; "c" or "i" each, one letter a question.
    ///   - distilled: of the distilled model.
    init(
        _ folder: TemporaryFolder, _ name: String, seed: UInt64 = 1, baseSeed: UInt64 = 1, model: String = "tiny",
        base outcomes: String = "ii",
        distilled: String = "ci", questions: [String] = ["Who keeps the light?", "What is the Brask?"],
        adapter: String = "distilled", isRegularised: Bool = false
    ) throws {
        directory = folder.url.appending(path: name)
        let store = try RunStore(directory: directory)
        let document = Document(name: "orrin.md", title: "Orrin", text: "A village.", source: "orrin.md")
        _ = try store.replaceDocuments([document])
        let asked = questions.map {
            HeldOutQuestion(name: "n", document: document.id, question: $0, golds: ["gold"], source: "f")
        }
        try store.replaceHeldOutQuestions(asked)
        func evaluated(_ subject: EvaluationCondition.Subject, _ key: AdapterKey, seed: UInt64, _ said: String) throws {
            let condition = EvaluationCondition(subject: subject, book: .closed)
            let recipe = try store.recordRecipe(
                EvaluationRecipe(
                    model: model, adapter: key, precision: "float32", systemMessage: "", seed: seed,
                    settings: EvaluationSettings(), retrieval: nil),
                stage: .evaluation(of: condition))
            try answer(store, recipe, condition, asked, said)
        }
        try evaluated(.base, .base, seed: baseSeed, outcomes)
        var configuration = RunConfiguration()
        configuration.seed = seed
        configuration.regularisation.share = isRegularised ? 0.5 : 0
        let instructions = try store.recordRecipe(PersonRecipe(grader: "instructions"), stage: .instructions)
        try store.addSeconds(3, recipe: instructions)
        let training = try store.recordRecipe(
            TrainingRecipe(
                answers: nil, data: ContentKey(of: "data"), model: model, precision: "float32",
                configuration: configuration,
                instructions: isRegularised ? (instructions, ContentKey(of: "samples")) : nil),
            stage: .training)
        try evaluated(
            EvaluationCondition.Subject(name: adapter), AdapterKey(training, training: training), seed: seed,
            distilled)
        try store.addSeconds(12, recipe: training)
        try store.appendMetrics([Metric(step: 1, name: "train.loss", value: 2, seconds: 1)], recipe: training)
    }

    private func answer(
        _ store: RunStore, _ recipe: ContentKey, _ condition: EvaluationCondition, _ asked: [HeldOutQuestion],
        _ outcomes: String
    ) throws {
        let replies = zip(asked, outcomes).map { question, outcome in
            Reply(
                heldOut: question.id, recipe: recipe, condition: condition, text: "\(condition.name) \(outcome)",
                tokenCount: 1,
                isFinished: true)
        }
        let grades = zip(replies, outcomes).map { reply, outcome in
            Grade(reply: reply.id, recipe: recipe, grader: "substring", verdict: outcome == "c" ? .correct : .incorrect)
        }
        try store.finishUnit(UnitOfWork(recipe: recipe, key: condition.name), replies: replies, grades: grades)
    }

    /// Makes the run a comparison of one method.
    func planned(_ plan: ComparisonPlan) throws -> Run {
        try JSONEncoder().encode(plan).write(to: ComparisonPlan.file(in: directory))
        return self
    }

    func labelled(_ label: String) -> ReportedRun { ReportedRun(label: label, directory: directory) }
}

@Suite struct RunReaderTests {
    private static let condition = EvaluationCondition(subject: .distilled, book: .closed)

    private func shares(_ report: ComparisonReport) -> [String: Double] {
        report.accuracies.reduce(into: [:]) { $0["\($1.method) \($1.condition)"] = $1.share.value }
    }

    @Test func aRunIsItsBaseAndItsMethod() throws {
        let folder = try TemporaryFolder()
        let report = try ComparisonReport(runs: [Run(folder, "a").labelled("pd")])
        #expect(report.methods.map(\.name) == ["base", "pd"])
        #expect(shares(report) == ["base closed_book": 0, "pd closed_book": 0.5])
        #expect(report.questions.map(\.document) == ["Orrin", "Orrin"])
        #expect(report.evaluations.last?.replies.first??.text == "distilled.closed_book c")
        #expect(report.curves.map(\.name) == ["train.loss"] && report.stages.map(\.seconds) == [12])
        #expect(report.differences.count == 1)
    }

    /// Half of the judge's grades are of the adapter's replies, the others of the base's.
    @Test func gradingIsSharedOut() throws {
        let folder = try TemporaryFolder()
        let run = try Run(folder, "a")
        do {
            let store = try RunStore(directory: run.directory)
            let judge = try store.recordRecipe(PersonRecipe(grader: "j"), stage: .judge)
            for newest in try store.newestReplies() {
                let replies = try store.replies(recipe: newest.recipe, condition: newest.condition)
                try store.record(
                    replies.map { Grade(reply: $0.id, recipe: judge, grader: "j", verdict: .correct, reasoning: "So.") }
                )
            }
            try store.addSeconds(10, recipe: judge)
            let spending = EndpointSpending(promptTokens: 70, completionTokens: 30, cost: 0.5)
            try store.keep(
                EndpointReply(request: judge, text: "So.", isFinished: true, spending: spending), for: judge)
        }
        let report = try ComparisonReport(runs: [run.labelled("pd")])
        let grading = try #require(report.stages.first { $0.stage == "grading" })
        #expect(grading.method == "pd" && grading.seconds == 5)
        #expect(grading.endpointTokens == 50 && grading.cost == 0.25)
        #expect(report.stages.map(\.stage) == ["training", "grading"])
    }

    /// The run's seed, of which the instructions are, is not the training's.
    @Test func instructionsAreAStageOfRegularisedTrainings() throws {
        let folder = try TemporaryFolder()
        let runs = try [Run(folder, "a"), Run(folder, "b", seed: 2, distilled: "ii", isRegularised: true)]
        let report = try ComparisonReport(runs: [runs[0].labelled("pd"), runs[1].labelled("regularised")])
        let stages = report.stages.filter { $0.stage == "instructions" }
        #expect(stages.map(\.method) == ["regularised"] && stages.map(\.seconds) == [3])
    }

    @Test func aSharedBaseIsCountedOnce() throws {
        let folder = try TemporaryFolder()
        let report = try ComparisonReport(runs: [
            Run(folder, "a").labelled("pd"), Run(folder, "b", seed: 1, distilled: "ii").labelled("sft"),
        ])
        #expect(report.methods.map(\.name) == ["base", "pd", "sft"])
        #expect(report.evaluations.filter { $0.method == "base" }.count == 1)
    }

    @Test func runsOfOneLabelAreSeeds() throws {
        let folder = try TemporaryFolder()
        let report = try ComparisonReport(runs: [
            Run(folder, "a").labelled("pd"), Run(folder, "b", seed: 2, baseSeed: 2, distilled: "cc").labelled("pd"),
        ])
        #expect(report.methods.map(\.name) == ["base", "pd"])
        let row = try #require(report.accuracies.first { $0.method == "pd" })
        #expect(row.ofSeeds == [0.5, 1] && row.share.value == 0.75)
        #expect(report.accuracies.first { $0.method == "base" }?.ofSeeds == [0], "it said the same with both seeds")
    }

    @Test func aBaseThatIsSampledHasSeedsToo() throws {
        let folder = try TemporaryFolder()
        let report = try ComparisonReport(runs: [
            Run(folder, "a").labelled("pd"), Run(folder, "b", seed: 2, baseSeed: 2, base: "ci").labelled("pd"),
        ])
        #expect(report.accuracies.first { $0.method == "base" }?.ofSeeds == [0, 0.5])
    }

    @Test func anotherBaseIsAMethodOfItsOwn() throws {
        let folder = try TemporaryFolder()
        let report = try ComparisonReport(runs: [
            Run(folder, "a").labelled("pd"), Run(folder, "b", model: "other", distilled: "ii").labelled("larger"),
        ])
        #expect(report.methods.map(\.name) == ["base", "pd", "base of larger", "larger"])
    }

    @Test func twoRunsOfOneLabelAndSeedAreRefused() throws {
        let folder = try TemporaryFolder()
        let (first, second) = (try Run(folder, "a"), try Run(folder, "b", distilled: "cc"))
        // The recipe is the same and so are the replies' names: the run was copied.
        #expect(throws: Never.self) { try ComparisonReport(runs: [first.labelled("pd"), first.labelled("pd")]) }
        _ = second
        let store = try RunStore(directory: second.directory)
        let other = try store.recordRecipe(
            EvaluationRecipe(
                model: "other", adapter: .base, precision: "float32", systemMessage: "", seed: 1,
                settings: EvaluationSettings(), retrieval: nil),
            stage: .evaluation(of: Self.condition))
        let question = try #require(try store.heldOutQuestions().first)
        try store.finishUnit(
            UnitOfWork(recipe: other, key: "x"),
            replies: [
                Reply(
                    heldOut: question.id, recipe: other, condition: Self.condition, text: "", tokenCount: 0,
                    isFinished: true)
            ])
        #expect(throws: ReportError.sameSeed(method: "pd", seed: 1, run: second.directory.path)) {
            try ComparisonReport(runs: [first.labelled("pd"), second.labelled("pd")])
        }
    }

    @Test func questionsThatOnlyOneRunAskedAreNotPaired() throws {
        let folder = try TemporaryFolder()
        let report = try ComparisonReport(runs: [
            Run(folder, "a").labelled("pd"),
            Run(folder, "b", distilled: "cc", questions: ["What is the Brask?", "Who rings the bell?"]).labelled("sft"),
        ])
        #expect(report.questions.count == 3)
        #expect(report.evaluations.allSatisfy { $0.replies.count == 3 })
        let pair = report.differences.first { $0.first.method == "sft" && $0.second.method == "pd" }
        #expect(pair == nil, "one common question has no interval")
    }

    @Test func everyGraderIsShown() throws {
        let folder = try TemporaryFolder()
        let run = try Run(folder, "a")
        let store = try RunStore(directory: run.directory)
        let recipe = try #require(
            try store.recipes(stage: .evaluation(of: Self.condition)).first)
        let judged = try store.recordRecipe(PersonRecipe(grader: "other"), stage: StageID(rawValue: "grading"))
        let grades = try store.replies(
            recipe: recipe.key, condition: EvaluationCondition(subject: .distilled, book: .closed)
        ).map {
            Grade(reply: $0.id, recipe: judged, grader: "judge", verdict: .unparsed, reasoning: "It is not clear.")
        }
        try store.finishUnit(UnitOfWork(recipe: judged, key: "all"), grades: grades)
        let report = try ComparisonReport(runs: [run.labelled("pd")])
        #expect(report.graders == ["judge", "substring"])
        #expect(report.accuracies.first { $0.grader == "judge" }?.unparsed == 2)
        let reply = try #require(report.evaluations.last?.replies.first ?? nil)
        #expect(reply.outcomes == ["judge": .unparsed, "substring": .correct])
        #expect(reply.reasoning == ["judge": "It is not clear."])
    }

    /// A run of a version that graded by letters alone is not mixed with what is graded by words.
    @Test func theGraderThatCountsComesBeforeThePapersAndLoopsAreMarked() throws {
        let folder = try TemporaryFolder()
        let run = try Run(folder, "a")
        let old = try ComparisonReport(runs: [run.labelled("pd")])
        #expect(old.graders == ["substring"])
        let store = try RunStore(directory: run.directory)
        let recipe = try #require(try store.recipes(stage: .evaluation(of: Self.condition)).first)
        let words = try store.recordRecipe(WholeWordsRecipe(rules: 1), stage: .gradesByWords)
        let condition = EvaluationCondition(subject: .distilled, book: .closed)
        let replies = try store.replies(recipe: recipe.key, condition: condition)
        try store.record(
            replies.map { Grade(reply: $0.id, recipe: words, grader: "whole words", verdict: .incorrect) })
        let report = try ComparisonReport(runs: [run.labelled("pd")])
        #expect(report.graders == ["whole words", "substring"])
        #expect(report.accuracies.first { $0.grader == "whole words" }?.share.value == 0)
        #expect(report.accuracies.allSatisfy { $0.repeating == 0 })
        #expect(report.accuracies.first { $0.grader == "substring" } == old.accuracies.first)
    }

    @Test func aRunWithoutRepliesIsRefused() throws {
        let folder = try TemporaryFolder()
        let directory = folder.url.appending(path: "empty")
        _ = try RunStore(directory: directory)
        let error = ReportError.notEvaluated(run: directory.path)
        #expect(throws: error) { try ComparisonReport(runs: [ReportedRun(label: "pd", directory: directory)]) }
        #expect(error.description.contains("instill evaluate --output \(directory.path)"))
        #expect(throws: StoreError.noRun(directory: folder.url.path)) {
            try ComparisonReport(runs: [ReportedRun(label: "pd", directory: folder.url)])
        }
    }

    @Test func comparisonsOfSeveralDataSetsAreOneTable() throws {
        let folder = try TemporaryFolder()
        let plan = ComparisonPlan(methods: [ComparisonPlan.Method(name: "pd", label: "Ours")], seeds: [1])
        let report = try ComparisonReport(runs: [
            Run(folder, "a", adapter: "pd-1").planned(plan).labelled("nyt"),
            Run(folder, "b", distilled: "cc", questions: ["Who rings the bell?", "Where is Tarn?"], adapter: "pd-1")
                .planned(plan).labelled("wiki"),
        ])
        #expect(report.methods.map(\.label) == ["Base", "Ours"])
        #expect(report.questions.map(\.dataset) == ["nyt", "nyt", "wiki", "wiki"])
        let rows = report.accuracies.filter { $0.method == "pd" }
        #expect(rows.map(\.dataset) == [nil, "nyt", "wiki"])
        #expect(rows.map(\.share.value) == [0.75, 0.5, 1] && rows.map(\.questions) == [4, 2, 2])
    }

    @Test func pointsOfSweepsStandInNoTable() throws {
        let folder = try TemporaryFolder()
        let point = ComparisonPlan.Sweep.Point(value: 60, method: "pd@60s")
        let plan = ComparisonPlan(
            methods: [ComparisonPlan.Method(name: "pd@60s", isShown: false)], seeds: [1],
            sweeps: [
                ComparisonPlan.Sweep(method: "pd", parameter: "Seconds", isLogarithmic: false, points: [point])
            ])
        let report = try ComparisonReport(runs: [
            Run(folder, "a", adapter: "pd@60s-1").planned(plan).labelled("a")
        ])
        #expect(report.methods.map(\.name) == ["base"] && report.curves.isEmpty && report.stages.isEmpty)
        let points = try #require(report.sweeps.first).points
        #expect(points.map(\.method) == ["pd"] && points.map(\.parameter) == [60] && points.map(\.share.value) == [0.5])
    }
}

extension RowStream {
    fileprivate var first: Element? {
        get throws {
            var rows = self
            return try rows.next()
        }
    }
}
