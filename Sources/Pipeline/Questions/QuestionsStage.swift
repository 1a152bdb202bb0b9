// Questions on every document, a wave of documents at a time: generated, or the user's own.

import Basics
import Distillation
import Foundation
import Generation
import Lineage
import Store

/// The questions of a run.
public struct QuestionSet: Sendable, Hashable {
    /// What names the rows.
    public let recipe: ContentKey
    /// How many there are on the present documents.
    public let count: Int
}

package struct QuestionsStage {
    let run: RunContext
    private var configuration: RunConfiguration { run.configuration }

    package init(_ run: RunContext) { self.run = run }

    /// Writes the questions that are not there yet.
    func write(on corpus: Corpus) throws -> QuestionSet {
        if !configuration.trainingQuestions.isEmpty { return try readUserQuestions() }
        let recipe = try record()
        try run.models.lending([configuration.expertPath]) {
            try run.timed(recipe) {
                let writer = QuestionWriter(
                    settings: configuration.questions, prompts: configuration.prompts, recipe: recipe,
                    runSeed: configuration.seed)
                let ask: AskExpert = {
                    try run.ask(run.expert(), $0, $1, for: recipe, limit: \.questions.maximumTokens)
                }
                try keep(recipe, size: writer.callCount) { try writer.write(on: $0, reply: ask) }
                if configuration.questions.pairs > 0 { try keepPairs(recipe, by: writer, reply: ask) }
            }
        }
        try tellRefused(recipe)
        let questions = QuestionSet(recipe: recipe, count: try run.store.questionCount(recipe: recipe))
        let totals = try run.store.totals(recipe: recipe)
        guard questions.count > 0 else { throw PipelineError.noQuestions(calls: totals["calls"] ?? 0) }
        run.tell(.finished(.questions, summary: "\(questions.count) questions\(rejections(totals))"))
        try QuestionChecksStage(run).tellCoverageAndLeaks(of: questions)
        return questions
    }

    /// Has questions written on every document that has none under the recipe, and keeps them.
    /// - Parameters:
    ///   - size: requests on a document.
    ///   - write: writes on some documents, in their order.
    package func keep(
        _ recipe: ContentKey, size: (Document) throws -> Int,
        write: ([Document]) throws -> [WrittenQuestions]
    ) throws {
        try run.eachWave(.questions, recipe, size: size) { wave in
            try write(wave.map(\.document)).map {
                DocumentWork(
                    counts: $0.counts, rows: WorkRows(questions: $0.questions), isFinished: !$0.isTooLong)
            }
        }
    }

    /// Names the documents that have no questions because an endpoint refused them, now or in an earlier process.
    private func tellRefused(_ recipe: ContentKey) throws {
        var refused: Set<String> = []
        try run.store.finishedUnits(recipe: recipe).forEach { unit in
            let hasRefused = (unit.counts[WrittenQuestions.refusedCalls] ?? 0) > 0
            if hasRefused, unit.counts["kept"] == 0 { refused.insert(unit.key) }
        }
        guard !refused.isEmpty else { return }
        var names: [String] = []
        try run.store.documents().forEach { if refused.contains($0.id.description) { names.append($0.name) } }
        guard !names.isEmpty else { return }
        let list = names.joined(separator: ", ")
        run.tell(.notice("Without questions, since the endpoint refused to write any: \(list)."))
    }

    private func record() throws -> ContentKey {
        try run.record(
            QuestionsRecipe(
                writer: run.expertIdentity(), precision: run.precision, systemMessage: configuration.systemMessage,
                seed: configuration.seed, settings: configuration.questions),
            .questions)
    }

    private func readUserQuestions() throws -> QuestionSet {
        let file = URL(fileURLWithPath: configuration.trainingQuestions)
        let recipe = try run.record(UserQuestionsRecipe(file: file.lastPathComponent), .userQuestions)
        let read = try UserQuestions(file, store: run.store)
        for skipped in read.skipped { run.tell(.notice("Skipped \(skipped)")) }
        try run.store.documents().forEach { document in
            try run.store.replaceQuestions(
                document: document.id, recipe: recipe, with: read.rows(on: document.id, recipe: recipe))
        }
        let questions = QuestionSet(recipe: recipe, count: try run.store.questionCount(recipe: recipe))
        guard questions.count > 0 else { throw PipelineError.noQuestions(calls: 0) }
        run.tell(.finished(.questions, summary: "\(questions.count) questions of your own"))
        try QuestionChecksStage(run).tellCoverageAndLeaks(of: questions)
        return questions
    }

    private func rejections(_ totals: [String: Int]) -> String {
        let kept = ["calls", "kept", "rewritten", "coverage_calls"]
        let dropped = totals.filter { !kept.contains($0.key) && $0.value > 0 }
        guard !dropped.isEmpty else { return "" }
        let named = dropped.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key.replacing("_", with: " "))" }
        return " (dropped: \(named.joined(separator: ", ")))"
    }
}
