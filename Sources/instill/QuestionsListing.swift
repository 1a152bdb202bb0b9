// What is known of a run's questions, as lists: which sentences they reach, and which are near held-out ones. For people, or
// with --json one object a line.

import Basics
import Distillation
import Foundation
import Lineage
import Pipeline
import Store

struct QuestionsListing {
    private let isJSON: Bool
    private let configuration: RunConfiguration

    init(_ rendering: RenderingOptions, _ configuration: RunConfiguration) {
        (isJSON, self.configuration) = (rendering.json, configuration)
    }

    private struct CoverageLine: Encodable {
        let document: String
        let sentences: Int
        let reached: Int
        let gaps: [String]
    }

    /// Every document with its share and the sentences that no question reaches, then the sum.
    func showCoverage() throws {
        var totals = CoverageTotals()
        let hasQuestions = try RunListing(configuration).eachCoverage { document, coverage in
            totals.add(document, coverage)
            let line = CoverageLine(
                document: document.subject, sentences: coverage.sentences.count, reached: coverage.reached,
                gaps: coverage.gaps.map(\.text))
            if isJSON { return try write(line) }
            Console.out("\(percent(coverage.share))  \(line.reached) of \(line.sentences)  \(line.document.printable)")
            for gap in line.gaps { Console.out("         not reached: \(gap.printable)") }
        }
        guard hasQuestions else { throw CommandError.noQuestions(run: configuration.output) }
        if !isJSON { Console.out("Questions reach \(totals.summary).") }
    }

    private struct LeakLine: Encodable {
        let similarity: Double
        let document: String
        let question: String
        let heldOut: String
        let heldOutID: String

        enum CodingKeys: String, CodingKey {
            case similarity, document, question
            case heldOut = "held_out"
            case heldOutID = "held_out_id"
        }
    }

    /// Every question that is near a held-out one, above the latter, the nearest first.
    func showLeakage() throws {
        var lines: [LeakLine] = []
        let hasQuestions = try RunListing(configuration).eachLeak { leaked in
            lines.append(
                LeakLine(
                    similarity: leaked.leak.similarity, document: leaked.document.subject,
                    question: leaked.question.text, heldOut: leaked.leak.heldOut.question,
                    heldOutID: leaked.leak.heldOut.name))
        }
        guard hasQuestions else { throw CommandError.noQuestions(run: configuration.output) }
        lines.sort { ($1.similarity, $0.question) < ($0.similarity, $1.question) }
        if isJSON { return try lines.forEach(write) }
        for line in lines {
            let similarity = String(format: "%.2f", line.similarity)
            Console.out("\(similarity)  training  \(line.question.printable)  (\(line.document.printable))")
            Console.out("      held out  \(line.heldOut.printable)  (\(line.heldOutID.printable))")
        }
        let threshold = String(format: "%.2f", configuration.questions.leakThreshold)
        Console.out("\(lines.count.grouped) questions are near a held-out one (similarity \(threshold) or more).")
    }

    private func percent(_ share: Double) -> String { String(format: "%3d %%", Int(100 * share)) }

    private func write(_ line: some Encodable) throws {
        Console.out(String(decoding: try line.canonicalJSON(), as: UTF8.self))
    }
}
