// The comparison that run folders give: each run is a method, or one seed of it, beside the base model that they share.
// Reads only what the stores hold, by the stages' and conditions' names, so that further methods and conditions come along.

import Foundation
import Store

extension ComparisonReport {
    /// Reads runs, which may be at work meanwhile.
    ///
    /// A run's base model is the method "base", counted once where runs share it; what it trained is the method that the
    /// run's label says. The latest evaluation of each is taken.
    public init(runs: [ReportedRun]) throws {
        var reader = RunReader()
        for run in runs { try reader.read(run) }
        let title = runs.count == 1 ? "What the model knows now" : "\(reader.methods.count) methods, the same questions"
        self.init(
            title: title, methods: reader.methods.map { Method($0) },
            conditions: reader.orderedConditions.map { Condition($0) }, graders: reader.orderedGraders,
            questions: reader.questions, evaluations: reader.evaluations)
        curves = reader.curves
        trainingData = reader.trainingData
        stages = reader.stages
    }
}

private struct RunReader {
    /// The replies of one method under one condition with one seed, by question.
    private struct Evaluated {
        let recipe: ContentKey
        let method: String
        let condition: String
        let seed: UInt64
        var replies: [ContentKey: ComparisonReport.Reply]
    }

    private(set) var questions: [ComparisonReport.Question] = []
    private(set) var curves: [ComparisonReport.Curve] = []
    private(set) var trainingData: [ComparisonReport.TrainingDataSize] = []
    private(set) var stages: [ComparisonReport.StageTime] = []
    private var keys: [ContentKey] = []
    private var evaluated: [Evaluated] = []
    /// Label and seed of the runs whose training and time are taken up.
    private var taken: Set<String> = []

    private static let evaluation = "evaluation of "

    mutating func read(_ run: ReportedRun) throws {
        let store = try RunStore(directory: run.directory, access: .readOnly)
        try readQuestions(store)
        // By stage, of each the recipe that was used last.
        let recipes = Dictionary(try store.recipes().map { ($0.stage, $0) }) { latest, _ in latest }
        let subjects = recipes.keys.filter { $0.hasPrefix(Self.evaluation) }.map { $0.dropFirst(Self.evaluation.count) }
        let trained = subjects.filter { $0 != "base" }.sorted()
        var replies = 0
        for subject in subjects.filter({ $0 == "base" }) + trained {
            guard let recipe = recipes[Self.evaluation + subject] else { continue }
            let label = trained.count == 1 ? run.label : "\(run.label) \(subject)"
            let method = try methodName(subject == "base" ? "base" : label, recipe, run)
            replies += try readReplies(store, recipe, "\(subject)", method)
        }
        guard replies > 0 else { throw ReportError.notEvaluated(run: run.directory.path) }
        let seed = trained.first.flatMap { recipes[Self.evaluation + $0] }.map(Self.seed) ?? 0
        guard taken.insert("\(run.label) \(seed)").inserted else { return }
        try readTraining(store, recipes, run.label, seed)
        readStages(recipes, run.label, seed)
    }

    // MARK: - Questions and replies

    private mutating func readQuestions(_ store: RunStore) throws {
        let known = Set(keys)
        try store.heldOutQuestions().forEach { question in
            guard !known.contains(question.id) else { return }
            let document = try question.document.flatMap { try store.document($0) }
            keys.append(question.id)
            questions.append(
                ComparisonReport.Question(
                    id: question.name, text: question.question, golds: question.golds,
                    document: document?.title ?? document?.name))
        }
    }

    /// What an evaluation is shown as: another base model with a seed that is taken is a method of its own.
    private func methodName(_ name: String, _ recipe: Recipe, _ run: ReportedRun) throws -> String {
        let seed = Self.seed(recipe)
        let isTaken = evaluated.contains { $0.method == name && $0.seed == seed && $0.recipe != recipe.key }
        guard isTaken else { return name }
        guard name == "base" else { throw ReportError.sameSeed(method: name, seed: seed, run: run.directory.path) }
        return try methodName("base of \(run.label)", recipe, run)
    }

    /// Takes up a recipe's replies under all conditions, and gives their number.
    private mutating func readReplies(
        _ store: RunStore, _ recipe: Recipe, _ subject: String, _ method: String
    ) throws -> Int {
        var count = 0
        for name in try store.conditions(recipe: recipe.key) {
            let replies = try gradedReplies(store, recipe.key, name)
            guard !replies.isEmpty else { continue }
            count += replies.count
            let condition = name.hasPrefix(subject + ".") ? String(name.dropFirst(subject.count + 1)) : name
            // A base model that says the same whatever the seed is one evaluation: as several, its interval would be nothing.
            let shared = evaluated.firstIndex {
                $0.method == method && $0.condition == condition
                    && ($0.recipe == recipe.key || subject == "base" && $0.replies == replies)
            }
            if let shared {
                evaluated[shared].replies.merge(replies) { first, _ in first }
            } else {
                evaluated.append(
                    Evaluated(
                        recipe: recipe.key, method: method, condition: condition, seed: Self.seed(recipe),
                        replies: replies))
            }
        }
        return count
    }

    private func gradedReplies(
        _ store: RunStore, _ recipe: ContentKey, _ condition: String
    ) throws -> [ContentKey: ComparisonReport.Reply] {
        let grades = try store.allGrades(ofReplies: recipe, condition: condition)
        return try store.replies(recipe: recipe, condition: condition).reduce(into: [:]) { replies, reply in
            let grades = grades[reply.id] ?? []
            let reasoning = grades.reduce(into: [:]) { $0[$1.grader] = $1.reasoning }
            replies[reply.heldOut] = ComparisonReport.Reply(
                reply.text, outcomes: grades.reduce(into: [:]) { $0[$1.grader] = ComparisonReport.Outcome($1.verdict) },
                reasoning: reasoning.isEmpty ? nil : reasoning)
        }
    }

    /// Every stage's settings name the seed that its rows come from.
    private static func seed(_ recipe: Recipe) -> UInt64 {
        struct Settings: Decodable { var seed: UInt64? }
        return (try? JSONDecoder().decode(Settings.self, from: Data(recipe.settings.utf8)))?.seed ?? 0
    }

    // MARK: - Training and time

    private mutating func readTraining(
        _ store: RunStore, _ recipes: [String: Recipe], _ method: String, _ seed: UInt64
    ) throws {
        if let training = recipes["training"] {
            curves += ComparisonReport.Curve.curves(
                of: try store.metrics(recipe: training.key), method: method, seed: seed)
        }
        guard let answers = recipes["answers"] else { return }
        let questions = [recipes["questions"], recipes["user questions"]].compactMap { $0 }
        let totals = try store.answerTotals(recipe: answers.key)
        trainingData.append(
            ComparisonReport.TrainingDataSize(
                method: method, seed: seed, documents: try store.documentCount(),
                questions: try questions.map { try store.questionCount(recipe: $0.key) }.max() ?? 0,
                answers: totals.answers, answerTokens: totals.tokens))
    }

    private mutating func readStages(_ recipes: [String: Recipe], _ method: String, _ seed: UInt64) {
        var seconds: [(stage: String, seconds: Double)] = []
        for recipe in recipes.values.sorted(by: { $0.createdAt < $1.createdAt }) {
            let stage = recipe.stage.hasPrefix(Self.evaluation) ? "evaluation" : recipe.stage
            if let place = seconds.firstIndex(where: { $0.stage == stage }) {
                seconds[place].seconds += recipe.seconds
            } else {
                seconds.append((stage, recipe.seconds))
            }
        }
        stages += seconds.filter { $0.seconds > 0 }.map {
            ComparisonReport.StageTime(method: method, seed: seed, stage: $0.stage, seconds: $0.seconds)
        }
    }
}

// MARK: - In the report's order

extension RunReader {
    /// In the order of the runs; base models come first.
    var methods: [String] {
        let names = evaluated.reduce(into: [String]()) { if !$0.contains($1.method) { $0.append($1.method) } }
        return names.filter { $0 == "base" } + names.filter { $0 != "base" }
    }

    /// From the least that a model has before it to the most.
    var orderedConditions: [String] {
        func rank(_ condition: String) -> Int { condition == "closed_book" ? 0 : condition == "oracle" ? 2 : 1 }
        return Set(evaluated.map(\.condition)).sorted { (rank($0), $0) < (rank($1), $1) }
    }

    /// Whoever reads the replies comes before the substring match.
    var orderedGraders: [String] {
        let names = Set(evaluated.flatMap { $0.replies.values.flatMap(\.outcomes.keys) })
        return names.sorted { ($0 == "substring" ? 1 : 0, $0) < ($1 == "substring" ? 1 : 0, $1) }
    }

    /// The replies of each, in the order of the questions.
    var evaluations: [ComparisonReport.Evaluation] {
        evaluated.map { evaluated in
            ComparisonReport.Evaluation(
                method: evaluated.method, condition: evaluated.condition, seed: evaluated.seed,
                replies: keys.map { evaluated.replies[$0] })
        }
    }
}

extension ComparisonReport.Outcome {
    fileprivate init(_ verdict: Grade.Verdict) {
        self =
            switch verdict {
            case .correct: .correct
            case .incorrect: .incorrect
            case .unparsed: .unparsed
            }
    }
}
