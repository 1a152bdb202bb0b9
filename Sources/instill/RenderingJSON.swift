// Progress for machines: one JSON object a line on standard output, told apart by "event".

import Basics
import Evaluation
import Foundation
import Lineage
import Pipeline
import Store

enum JSONLines {
    private struct Line: Encodable {
        var event: String
        var stage: Stage?
        var done: Int?
        var total: Int?
        var detail: String?
        var summary: String?
        var message: String?
        var exitCode: Int32?

        enum CodingKeys: String, CodingKey {
            case event, stage, done, total, detail, summary, message
            case exitCode = "exit_code"
        }
    }

    private struct SummaryLine<Summary: Encodable>: Encodable {
        let event = "summary"
        let summary: Summary
    }

    private struct ForgettingLine: Encodable {
        let event = "forgetting"
        let forgetting: Forgetting
    }

    private struct ReplyLine: Encodable {
        let event = "reply"
        let model: String
        let question: String
        let reply: String
    }

    static func write(_ event: ProgressEvent) {
        switch event {
        case .started(let stage, let done, let total):
            write(Line(event: "started", stage: stage, done: done, total: total))
        case .advanced(let stage, let done, let total, let detail):
            write(Line(event: "advanced", stage: stage, done: done, total: total, detail: detail))
        case .finished(let stage, let summary): write(Line(event: "finished", stage: stage, summary: summary))
        case .notice(let text): write(Line(event: "notice", message: text))
        }
    }

    static func write(forgetting: Forgetting) { write(ForgettingLine(forgetting: forgetting)) }

    static func write(summary: some Encodable) { write(SummaryLine(summary: summary)) }

    static func write(error: String, exitCode: Int32) {
        write(Line(event: "error", message: error, exitCode: exitCode))
    }

    static func write(reply: String, to question: String, by model: String) {
        write(ReplyLine(model: model, question: question, reply: reply))
    }

    private static func write(_ line: some Encodable) {
        // Only a number that is not finite could fail to be encoded, and figures are shares and counts.
        guard let data = try? line.canonicalJSON() else { return }
        Console.out(String(decoding: data, as: UTF8.self))
    }
}
