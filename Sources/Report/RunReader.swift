// The comparison that run folders give: a run is a method, or one seed of it, beside the base model that they share; a
// comparison's folder is several methods, each with its seeds. Reads only what the stores hold.

import Algorithms
import Basics

import Foundation
import Lineage
import Statistics
import Store

extension ComparisonReport {
    /// Reads runs, which may be at work meanwhile.
    ///
    /// A run's base model is the method "base", counted once where runs share it; what it trained is the method that the
    /// run's label says, and what a comparison trained the methods that its plan names. The latest evaluation of each is taken.
    public init(runs: [ReportedRun]) throws {
        var reader = RunReader(severalRuns: runs.count > 1)
        for run in runs { try reader.read(run) }
        let methods = reader.shown(reader.methods, \.self)
        let title = methods.count <= 2 ? "What the model knows now" : "\(methods.count) methods, the same questions"
        self.init(
            title: title, methods: methods.map { Name($0, label: reader.labels[$0]) },
            conditions: reader.orderedConditions.map { Name($0) }, graders: reader.orderedGraders,
            questions: reader.questions, evaluations: reader.shown(reader.evaluations, \.method))
        let figures = Figures(
            methods: reader.methods, conditions: conditions.map(\.name), graders: Array(graders.prefix(1)),
            questions: questions, evaluations: reader.evaluations)
        sweeps = reader.sweeps.map { Sweep($0, accuracies: figures.accuracies()) }
        recall = reader.recall
        curves = reader.shown(reader.lineages.flatMap(\.curves), \.method)
        trainingData = reader.shown(reader.lineages.compactMap(\.data), \.method)
        coverage = reader.shown(reader.coverage, \.method)
        forgetting = Forgetting.rows(of: reader.shown(reader.forgetting, \.method))
        stages = reader.shown(reader.stages, \.method)
    }
}

private struct RunReader {
    /// The replies of one method under one condition with one seed, by question.
    private struct Evaluated {
        let recipe: ContentKey
        var method: String
        let book: EvaluationCondition.Book
        let seed: UInt64
        var replies: [ContentKey: ComparisonReport.Reply]
    }

    /// Whether questions are told apart by the comparison that they are from.
    let severalRuns: Bool
    private(set) var questions: [ComparisonReport.Question] = []
    /// What is known of each training.
    private(set) var lineages: [AdapterLineage] = []
    private(set) var stages: [ComparisonReport.StageTime] = []
    private(set) var recall: [ComparisonReport.Recall] = []
    /// What each adapter has forgotten, by method.
    private(set) var forgetting: [MeasuredAdapter] = []
    private(set) var sweeps: [ComparisonPlan.Sweep] = []
    /// Methods that are points of sweeps and nothing else.
    private(set) var hidden: Set<String> = []
    /// What the methods of comparisons are called, where their plans say it.
    private(set) var labels: [String: String] = [:]
    private var keys: [ContentKey] = []
    private var evaluated: [Evaluated] = []
    /// Methods with their trainings, and evaluations, whose curves and times are taken up.
    private var taken: Set<String> = []

    init(severalRuns: Bool) { self.severalRuns = severalRuns }

    private static let base = EvaluationCondition.Subject.base.name

    /// The seed that an evaluation's rows come from.
    private static func seed(_ evaluation: Recipe) -> UInt64 { evaluation.decoded(EvaluationRecipe.self)?.seed ?? 0 }

    mutating func read(_ run: ReportedRun) throws {
        let store = try RunStore(directory: run.directory, access: .readOnly)
        let plan = ComparisonPlan(folder: run.directory)
        try readQuestions(store, dataset: plan == nil || !severalRuns ? nil : run.label)
        let newest = try store.newestReplies()
        var replies = 0
        for (subject, method) in subjects(newest, plan, run) {
            if let measured = Store.Forgetting(folder: run.directory, subject: subject) {
                forgetting.append(MeasuredAdapter(method: method, measures: measured.measures))
            }
            for asked in newest where asked.condition.subject == subject {
                guard let recipe = try store.recipe(asked.recipe) else { continue }
                replies += try readReplies(store, recipe, asked, method, run)
            }
        }
        guard replies > 0 else { throw ReportError.notEvaluated(run: run.directory.path) }
        try readRecall(store, newest)
        guard let plan else { return }
        for method in plan.methods {
            labels[method.name] = method.label
            if !method.isShown { hidden.insert(method.name) }
        }
        sweeps += plan.sweeps.filter { !sweeps.contains($0) }
    }

    /// Whose replies are shown, and as which method: the base model first.
    private func subjects(
        _ newest: [NewestReplies], _ plan: ComparisonPlan?, _ run: ReportedRun
    ) -> [(subject: EvaluationCondition.Subject, method: String)] {
        let base = [(subject: EvaluationCondition.Subject.base, method: EvaluationCondition.Subject.base.name)]
        if let plan { return base + plan.subjects }
        let trained = Set(newest.map(\.condition.subject)).subtracting([.base]).sorted { $0.name < $1.name }
        return base + trained.map { ($0, trained.count == 1 ? run.label : "\(run.label) \($0.name)") }
    }

    // MARK: - Questions and replies

    private mutating func readQuestions(_ store: RunStore, dataset: String?) throws {
        let known = Set(keys)
        try store.heldOutQuestions().forEach { question in
            guard !known.contains(question.id) else { return }
            let document = try question.document.flatMap { try store.document($0) }
            keys.append(question.id)
            questions.append(
                ComparisonReport.Question(
                    id: question.name, text: question.question, golds: question.golds,
                    document: document?.title ?? document?.name, dataset: dataset))
        }
    }

    /// Takes up the replies under a condition, and gives their number.
    private mutating func readReplies(
        _ store: RunStore, _ recipe: Recipe, _ asked: NewestReplies, _ method: String, _ run: ReportedRun
    ) throws -> Int {
        let grades = try store.allGrades(ofReplies: recipe.key, condition: asked.condition)
        let replies = try gradedReplies(store, recipe.key, asked.condition, grades)
        guard !replies.isEmpty else { return 0 }
        let found = Evaluated(
            recipe: recipe.key, method: method, book: asked.condition.book, seed: Self.seed(recipe),
            replies: replies)
        try take(found, isBase: asked.condition.subject == .base, run)
        if asked.condition.subject != .base {
            try readTraining(store, recipe, method)
            try readGrading(store, recipe, grades.values.joined(), method)
        }
        return replies.count
    }

    /// Questions of several data sets, each answered by an adapter of its own, are one evaluation of a method.
    private mutating func take(_ found: Evaluated, isBase: Bool, _ run: ReportedRun) throws {
        var found = found
        found.method = try freeName(found, run)
        let same = evaluated.firstIndex {
            $0.method == found.method && $0.book == found.book
                // A base model that says the same whatever the seed is one evaluation: as several, its interval would be
                // nothing.
                && ($0.seed == found.seed || isBase && $0.replies == found.replies)
        }
        guard let same else { return evaluated.append(found) }
        evaluated[same].replies.merge(found.replies) { first, _ in first }
    }

    /// What an evaluation is shown as: another base model that was asked the same is a method of its own.
    private func freeName(_ found: Evaluated, _ run: ReportedRun) throws -> String {
        let isTaken = evaluated.contains {
            $0.method == found.method && $0.book == found.book && $0.seed == found.seed
                && $0.recipe != found.recipe && !Set($0.replies.keys).isDisjoint(with: found.replies.keys)
        }
        guard isTaken else { return found.method }
        guard found.method == Self.base else {
            throw ReportError.sameSeed(method: found.method, seed: found.seed, run: run.directory.path)
        }
        var other = found
        other.method = "\(Self.base) of \(run.label)"
        return try freeName(other, run)
    }

    private func gradedReplies(
        _ store: RunStore, _ recipe: ContentKey, _ condition: EvaluationCondition, _ grades: [ContentKey: [Grade]]
    ) throws -> [ContentKey: ComparisonReport.Reply] {
        try store.replies(recipe: recipe, condition: condition).reduce(into: [:]) { replies, reply in
            let grades = grades[reply.id] ?? []
            let reasoning = grades.reduce(into: [:]) { $0[$1.grader] = $1.reasoning }
            replies[reply.heldOut] = ComparisonReport.Reply(
                reply.text, outcomes: grades.reduce(into: [:]) { $0[$1.grader] = $1.verdict },
                reasoning: reasoning.isEmpty ? nil : reasoning, repeats: reply.repeatsItself ? true : nil)
        }
    }

    // MARK: - Training, time and retrieval

    /// Takes up the training of an evaluated adapter once, and the time of each evaluation.
    private mutating func readTraining(_ store: RunStore, _ evaluation: Recipe, _ method: String) throws {
        // The base model has none.
        if let training = try store.parent(.training, of: evaluation),
            taken.insert("\(method) \(training.key)").inserted
        {
            let lineage = try AdapterLineage(
                store: store, training: training, method: method, seed: Self.seed(evaluation))
            lineages.append(lineage)
            stages += lineage.stages
        }
        guard taken.insert(evaluation.key.description).inserted else { return }
        stages += try [
            ComparisonReport.StageTime(
                evaluation, store, stage: "evaluation", method: method, seed: Self.seed(evaluation))
        ].compactMap(\.self)
    }

    /// The time that judges took for the replies under one condition: their share of the judge's time.
    private mutating func readGrading(
        _ store: RunStore, _ evaluation: Recipe, _ grades: some Sequence<Grade>, _ method: String
    ) throws {
        for (judge, own) in Dictionary(grouping: grades, by: \.recipe) where judge != evaluation.key {
            let share = Double(own.count) / Double(try store.gradeCount(recipe: judge))
            stages += try [
                ComparisonReport.StageTime(
                    store.recipe(judge), store, stage: "grading", method: method, seed: Self.seed(evaluation),
                    share: share)
            ].compactMap(\.self)
        }
    }

    /// How often what was read with a question had the question's own document, for the first and for all that were read.
    private mutating func readRecall(_ store: RunStore, _ newest: [NewestReplies]) throws {
        var own: [ContentKey: ContentKey] = [:]
        try store.heldOutQuestions().forEach { own[$0.id] = $0.document }
        for asked in newest where asked.condition.subject == .base && asked.condition.book.isRetrieved {
            let read = try store.replies(recipe: asked.recipe, condition: asked.condition).compactMap { reply in
                own[reply.heldOut].map { (document: $0, context: reply.context) }
            }
            let most = read.map(\.context.count).max() ?? 0
            for k in Set([1, most]).sorted() where !read.isEmpty && most > 0 {
                let found = Proportion(
                    correct: read.count { $0.context.prefix(k).contains($0.document) }, total: read.count)
                recall.append(
                    ComparisonReport.Recall(
                        retriever: ComparisonReport.Name(asked.condition.book.name).label, k: k,
                        share: Estimate(of: found)))
            }
        }
    }
}

// MARK: - In the report's order

extension RunReader {
    /// In the order of the runs; base models come first.
    var methods: [String] {
        let names = evaluated.map(\.method).uniqued()
        return names.filter { $0 == Self.base } + names.filter { $0 != Self.base }
    }

    /// What is not of a sweep's point.
    func shown<Row>(_ rows: [Row], _ method: (Row) -> String) -> [Row] {
        rows.filter { !hidden.contains(method($0)) }
    }

    /// One row a method; its seeds have the same questions.
    var coverage: [ComparisonReport.Coverage] {
        lineages.compactMap(\.coverage).reduce(into: []) { rows, row in
            if !rows.contains(where: { $0.method == row.method }) { rows.append(row) }
        }
    }

    /// From the least that a model has before it to the most.
    var orderedConditions: [String] {
        let asked = Set(evaluated.map(\.book))
        return EvaluationCondition.Book.all.filter(asked.contains).map(\.name)
    }

    /// Whoever reads the replies comes before those that compare words.
    var orderedGraders: [String] {
        let names = Set(evaluated.flatMap { $0.replies.values.flatMap(\.outcomes.keys) })
        return names.subtracting(GraderName.ofText).sorted() + GraderName.ofText.filter(names.contains)
    }

    /// The replies of each, in the order of the questions.
    var evaluations: [ComparisonReport.Evaluation] {
        evaluated.map { evaluated in
            ComparisonReport.Evaluation(
                method: evaluated.method, condition: evaluated.book.name, seed: evaluated.seed,
                replies: keys.map { evaluated.replies[$0] })
        }
    }
}
