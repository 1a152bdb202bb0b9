// A user's held-out questions, rewritten by the expert so that they stand alone (METHOD, Test questions): a file in, a file
// out. What is rewritten is kept a wave at a time, so that a stopped rewriting goes on. Nothing that makes training data reads it.

import Algorithms
import Basics
import Distillation
import Foundation
import Lineage
import Store

/// One line of the file that is written.
private struct RewrittenLine: Encodable {
    let id: String
    let document: String?
    let question: String
    let original_question: String
    let answers: [String]
}

struct HeldOutRewritingStage {
    private let run: RunContext

    init(_ run: RunContext) { self.run = run }

    /// Rewrites the held-out questions of a file, JSONL or SQuAD JSON, on documents of the run. A question without a document,
    /// or whose rewriting fails the checks, is written as it is; each gets a second attempt at least.
    func rewrite(_ file: URL, to output: String) throws {
        let reader = try HeldOutReader(file, store: run.store)
        for skipped in reader.skipped { run.tell(.notice("Skipped \(skipped)")) }
        let attempts = max(2, run.configuration.questions.attempts)
        let recipe = try record(attempts)
        try run.models.lending([run.configuration.expertPath]) {
            try run.timed(recipe) { try rewrite(reader.questions, recipe, attempts) }
        }
        let rewrites = try run.store.rewrites(recipe: recipe)
        let lines = try reader.questions.map { question in
            RewrittenLine(
                id: question.name, document: try question.document.flatMap(run.store.document)?.name,
                question: rewrites[question.id] ?? question.question, original_question: question.question,
                answers: question.golds)
        }
        let data = try lines.canonicalJSONLines()
        try WholeFile.write(data, to: output)
        let changed = lines.count { $0.question != $0.original_question }
        run.tell(
            .finished(.questions, summary: "\(changed) of \(lines.count) held-out questions rewritten in \(output)"))
    }

    private func record(_ attempts: Int) throws -> ContentKey {
        let configuration = run.configuration
        return try run.record(
            HeldOutRewritingRecipe(
                writer: run.expertIdentity(), precision: run.precision, systemMessage: configuration.systemMessage,
                seed: configuration.seed, attempts: attempts),
            .heldOutRewriting)
    }

    /// Results depend on what else is in a batch, in the last bits, so a wave is kept whole.
    private func rewrite(_ questions: [HeldOutQuestion], _ recipe: ContentKey, _ attempts: Int) throws {
        let rewriter = QuestionRewriter(
            prompts: run.configuration.prompts, attempts: attempts, runSeed: run.configuration.seed)
        var (done, hasStarted) = (0, false)
        for wave in questions.chunks(ofCount: run.waveSize) {
            let key = ContentKey(of: "rewriting", keys: wave.map(\.id)).description
            guard try !run.store.isFinished(recipe: recipe, key: key) else {
                done += wave.count
                continue
            }
            if !hasStarted { run.tell(.started(.questions, done: done, total: questions.count)) }
            hasStarted = true
            try run.checkForStop()
            let rewrites = try rewritten(wave, rewriter, recipe)
            try run.store.finishUnit(
                UnitOfWork(recipe: recipe, key: key, counts: ["rewritten": rewrites.count]), rewrites: rewrites)
            done += wave.count
            run.tell(.advanced(.questions, done: done, total: questions.count, detail: "held-out questions"))
        }
    }

    private func rewritten(
        _ wave: ArraySlice<HeldOutQuestion>, _ rewriter: QuestionRewriter, _ recipe: ContentKey
    ) throws -> [Rewrite] {
        let requests = try wave.compactMap { question in
            try question.document.flatMap(run.store.document).map {
                QuestionRewriter.Request(question.question, on: $0, answers: question.golds, key: question.id)
            }
        }
        let expert = try run.expert()
        let texts = try rewriter.rewritten(requests) {
            try run.ask(expert, $0, $1, for: recipe, limit: \.questions.maximumTokens)
        }
        return zip(requests, texts).compactMap { request, text in
            text.map { Rewrite(heldOut: request.key, text: $0) }
        }
    }
}
