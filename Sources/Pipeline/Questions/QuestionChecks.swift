// What is found out about a run's questions once they are there: which sentences they reach, and which of them are too near
// a held-out question. It is told and shown, and makes no questions.

import Basics
import Distillation
import Foundation
import Lineage
import Store

/// A training question that is too near a held-out one.
public struct LeakedQuestion: Sendable {
    public let question: Question
    /// The document that it is about.
    public let document: Document
    /// The held-out question, and how near it is.
    public let leak: LeakageCheck.Leak
}

/// Coverage of a corpus, added up.
public struct CoverageTotals: Sendable {
    /// Sentences of all documents.
    public var sentences = 0
    /// Those that a question reaches.
    public var reached = 0
    /// The least covered documents and their shares, those with the smallest share first.
    public private(set) var least: [(name: String, share: Double)] = []

    public init() {}

    public mutating func add(_ document: Document, _ coverage: DocumentCoverage) {
        sentences += coverage.sentences.count
        reached += coverage.reached
        guard coverage.share < 1 else { return }
        least.append((document.subject, coverage.share))
        least = Array(least.sorted { ($0.share, $0.name) < ($1.share, $1.name) }.prefix(3))
    }

    /// "47 of 50 sentences (94 %)".
    public var summary: String {
        let percent = sentences == 0 ? 100 : Int(100 * Double(reached) / Double(sentences))
        return "\(reached) of \(sentences) sentences (\(percent) %)"
    }
}

extension RunStore {
    /// Calls `body` with every training question under a recipe that is too near a held-out one, by document.
    func eachLeak(_ recipe: ContentKey, threshold: Double, _ body: (LeakedQuestion) throws -> Void) throws {
        var heldOut: [HeldOutQuestion] = []
        try heldOutQuestions().forEach { heldOut.append($0) }
        guard !heldOut.isEmpty else { return }
        let check = LeakageCheck(heldOut, threshold: threshold)
        try documents().forEach { document in
            for question in try questions(document: document.id, recipe: recipe) {
                guard let leak = check.nearest(to: question.text) else { continue }
                try body(LeakedQuestion(question: question, document: document, leak: leak))
            }
        }
    }

    /// The questions that training leaves out where leaks are dropped.
    func leaks(of questions: QuestionSet, _ settings: QuestionSettings) throws -> Set<ContentKey> {
        var leaks: Set<ContentKey> = []
        try eachLeak(questions.recipe, threshold: settings.leakThreshold) { leaks.insert($0.question.id) }
        return leaks
    }

    /// Calls `body` with every document and what a recipe's questions on it reach.
    /// - Parameter counts: which questions count.
    func eachCoverage(
        _ recipe: ContentKey, counting counts: (Question) -> Bool = { _ in true },
        _ body: (Document, DocumentCoverage) throws -> Void
    ) throws {
        try documents().forEach { document in
            var coverage = DocumentCoverage(document)
            coverage.add(try questions(document: document.id, recipe: recipe).filter(counts))
            try body(document, coverage)
        }
    }
}

/// What is found out about a run's questions.
struct QuestionChecks {
    /// What the questions reach.
    var coverage = CoverageTotals()
    /// What they reached before further ones were asked for; nil where none were.
    var reachedBefore: Int?
    /// How many are too near a held-out one; nil where there is none.
    var leaks: Int?
}

extension QuestionChecks {
    /// From the counts that were kept, which name no documents.
    init(_ counts: [String: Int]) {
        coverage.sentences = counts[QuestionChecksRecipe.sentences] ?? 0
        coverage.reached = counts[QuestionChecksRecipe.reached] ?? 0
        reachedBefore = counts["reached_before"]
        leaks = counts["leaks"]
    }

    var counts: [String: Int] {
        let always = [
            QuestionChecksRecipe.sentences: coverage.sentences, QuestionChecksRecipe.reached: coverage.reached,
        ]
        let asked = ["reached_before": reachedBefore, "leaks": leaks].compactMapValues { $0 }
        return always.merging(asked) { first, _ in first }
    }
}

struct QuestionChecksStage {
    private let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    init(_ run: RunContext) { self.run = run }

    private static let checksUnit = "all questions"

    /// What is found out about the questions. It is kept: with ten thousand documents it takes a while, and a run that goes on
    /// comes by here again.
    func checks(of questions: QuestionSet) throws -> QuestionChecks {
        let settings = configuration.questions
        let recipe = try run.store.recordRecipe(
            QuestionChecksRecipe(
                questions: questions.recipe,
                data: try run.store.questionsFingerprint(recipe: questions.recipe),
                leakThreshold: settings.leakThreshold, isSteered: settings.coverageTarget != nil),
            stage: .questionChecks)
        if try run.store.isFinished(recipe: recipe, key: Self.checksUnit) {
            return QuestionChecks(try run.store.totals(recipe: recipe))
        }
        var checks = QuestionChecks()
        try run.store.eachCoverage(questions.recipe) { checks.coverage.add($0, $1) }
        if settings.coverageTarget != nil {
            var before = CoverageTotals()
            try run.store.eachCoverage(questions.recipe, counting: { !$0.isAboutGap }) { before.add($0, $1) }
            checks.reachedBefore = before.reached
        }
        if try run.store.heldOutCount() > 0 { checks.leaks = try run.store.leaks(of: questions, settings).count }
        try run.store.finishUnit(UnitOfWork(recipe: recipe, key: Self.checksUnit, counts: checks.counts))
        return checks
    }

    /// Tells what the questions reach, and how many are too near held-out ones.
    func tellCoverageAndLeaks(of questions: QuestionSet) throws {
        let checks = try checks(of: questions)
        let steering = checks.reachedBefore.map { ", \($0) of them before further ones were asked for" } ?? ""
        let least = checks.coverage.least.map { "\($0.name) \(Int(100 * $0.share)) %" }.joined(separator: ", ")
        let note = steering + (least.isEmpty ? "" : "; least: \(least)")
        run.tell(.notice("Questions reach \(checks.coverage.summary)\(note)."))
        guard let leaks = checks.leaks, leaks > 0 else { return }
        let fate = configuration.questions.dropsLeaks ? "training leaves them out" : "training uses them all the same"
        run.tell(
            .notice(
                """
                \(leaks) of \(questions.count) questions are near a held-out one; \(fate). \
                `instill questions --output … --leakage` lists them.
                """))
    }
}
