// A user's held-out questions, rewritten by the expert so that they stand alone (METHOD, Test questions): a file in, a file
// out, nothing of it into the store but an endpoint's replies. Nothing that makes training data calls this.

import Basics
import Distillation
import Foundation
import Lineage
import ModelFiles
import Store

/// One line of the file that is written.
private struct RewrittenLine: Encodable {
    let id: String
    let document: String?
    let question: String
    let original_question: String
    let answers: [String]
}

extension Pipeline {
    /// Questions that are asked of the expert at a time.
    private static let rewritingWave = 256

    /// Rewrites the held-out questions of a file, JSONL or SQuAD JSON, on documents of the run. A question without a document,
    /// or whose rewriting fails the checks, is written as it is; each gets a second attempt at least.
    public func rewriteHeldOut(_ file: URL, to output: String) throws {
        _ = try corpus()
        let reader = try HeldOutReader(file, store: store)
        for skipped in reader.skipped { tell(.notice("Skipped \(skipped)")) }
        let rewriter = QuestionRewriter(
            prompts: configuration.prompts, attempts: max(2, configuration.questions.attempts),
            runSeed: configuration.seed)
        let expert = try expert()
        let total = reader.questions.count
        var lines: [RewrittenLine] = []
        tell(.started(.questions, done: 0, total: total))
        for start in stride(from: 0, to: total, by: Pipeline.rewritingWave) {
            let wave = reader.questions[start..<min(start + Pipeline.rewritingWave, total)]
            lines += try rewritten(wave, rewriter) { try self.ask(expert, $0, $1, for: nil) }
            tell(.advanced(.questions, done: lines.count, total: total, detail: "held-out questions"))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try lines.reduce(into: Data()) { $0 += try encoder.encode($1) + Data("\n".utf8) }
        try WholeFile.write(data, to: output)
        let changed = lines.count { $0.question != $0.original_question }
        tell(.finished(.questions, summary: "\(changed) of \(total) held-out questions rewritten in \(output)"))
    }

    private func rewritten(
        _ wave: ArraySlice<HeldOutQuestion>, _ rewriter: QuestionRewriter, reply: AskExpert
    ) throws -> [RewrittenLine] {
        let documented = try wave.map { ($0, try $0.document.flatMap(store.document)) }
        let requests = documented.compactMap { question, document in
            document.map {
                QuestionRewriter.Request(question.question, on: $0, answers: question.golds, key: question.id)
            }
        }
        var texts = try rewriter.rewritten(requests, reply: reply)[...]
        return documented.map { question, document in
            let text = document == nil ? nil : texts.popFirst() ?? nil
            return RewrittenLine(
                id: question.name, document: document?.name, question: text ?? question.question,
                original_question: question.question, answers: question.golds)
        }
    }
}
