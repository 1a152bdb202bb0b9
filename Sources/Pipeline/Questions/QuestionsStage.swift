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

/// What questions depend on.
private struct QuestionsRecipe: Encodable {
    let writer: String
    let precision: String
    let systemMessage: String
    let seed: UInt64
    let settings: RowSettings<QuestionSettings>
    /// Counts up when the wording of the prompts changes.
    let promptVersion = 2
}

/// What questions depend on that the user brings.
private struct UserQuestionsRecipe: Encodable {
    let file: String
}

extension Pipeline {
    /// Writes the questions that are not there yet.
    public func writeQuestions(on corpus: Corpus) throws -> QuestionSet {
        if !configuration.trainingQuestions.isEmpty { return try readUserQuestions() }
        let recipe = try questionsRecipe()
        keepModels(at: [configuration.expertPath])
        try timed(recipe) {
            let writer = QuestionWriter(
                settings: configuration.questions, prompts: configuration.prompts, recipe: recipe,
                runSeed: configuration.seed)
            try keepQuestions(recipe, on: corpus, size: writer.callCount) { documents in
                try writer.write(on: documents) { try self.ask(self.expert(), $0, $1, for: recipe) }
            }
            if configuration.questions.pairs > 0 {
                try keepPairQuestions(recipe, on: corpus, by: writer) {
                    try self.ask(self.expert(), $0, $1, for: recipe)
                }
            }
        }
        let questions = QuestionSet(recipe: recipe, count: try store.questionCount(recipe: recipe))
        let totals = try store.totals(recipe: recipe)
        guard questions.count > 0 else { throw PipelineError.noQuestions(calls: totals["calls"] ?? 0) }
        tell(.finished(.questions, summary: "\(questions.count) questions\(rejections(totals))"))
        try tellCoverageAndLeaks(of: questions)
        return questions
    }

    /// Has questions written on every document that has none under the recipe, and keeps them.
    /// - Parameters:
    ///   - size: requests on a document.
    ///   - write: writes on some documents, in their order.
    package func keepQuestions(
        _ recipe: ContentKey, on corpus: Corpus, size: (Document) throws -> Int,
        write: ([Document]) throws -> [WrittenQuestions]
    ) throws {
        try eachWave(.questions, recipe, corpus, size: size) { wave in
            try write(wave.map(\.document)).map {
                DocumentWork(counts: $0.counts, rows: WorkRows(questions: $0.questions))
            }
        }
    }

    /// The questions as a stage finds them that is run alone.
    package func questions() throws -> QuestionSet {
        let stage = configuration.trainingQuestions.isEmpty ? "questions" : "user questions"
        guard let recipe = try store.recipes(stage: stage).first?.key else {
            throw PipelineError.missingStage(needed: .questions, run: .answers)
        }
        return QuestionSet(recipe: recipe, count: try store.questionCount(recipe: recipe))
    }

    private func questionsRecipe() throws -> ContentKey {
        try recordRecipe(
            "questions",
            QuestionsRecipe(
                writer: expertIdentity(), precision: "\(configuration.resolvedPrecision)",
                systemMessage: configuration.systemMessage, seed: configuration.seed,
                settings: RowSettings(configuration.questions)))
    }

    private func readUserQuestions() throws -> QuestionSet {
        let file = URL(fileURLWithPath: configuration.trainingQuestions)
        let recipe = try recordRecipe("user questions", UserQuestionsRecipe(file: file.lastPathComponent))
        let read = try UserQuestions(file, store: store)
        for skipped in read.skipped { tell(.notice("Skipped \(skipped)")) }
        try store.documents().forEach { document in
            try store.replaceQuestions(
                document: document.id, recipe: recipe, with: read.rows(on: document.id, recipe: recipe))
        }
        let questions = QuestionSet(recipe: recipe, count: try store.questionCount(recipe: recipe))
        guard questions.count > 0 else { throw PipelineError.noQuestions(calls: 0) }
        tell(.finished(.questions, summary: "\(questions.count) questions of your own"))
        try tellCoverageAndLeaks(of: questions)
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
