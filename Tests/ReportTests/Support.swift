// Comparisons of a known size, and folders that go away. Nothing here is measured.

import Foundation
import Report
import Statistics

/// A folder for one test.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "instill-report-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func text(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }
}

extension ComparisonReport.Evaluation {
    /// Replies graded by "substring": "c", "i" and "u" for the outcomes, "-" where nothing was asked.
    init(_ method: String, _ condition: String, seed: UInt64 = 1, _ outcomes: String) {
        let replies = outcomes.map { letter -> ComparisonReport.Reply? in
            let outcome: [Character: Verdict] = ["c": .correct, "i": .incorrect, "u": .unparsed]
            return outcome[letter].map { ComparisonReport.Reply("said by \(method)", outcomes: ["substring": $0]) }
        }
        self.init(method: method, condition: condition, seed: seed, replies: replies)
    }
}

extension ComparisonReport {
    /// A comparison of these evaluations on numbered questions.
    init(_ evaluations: [Evaluation], datasets: [String?] = []) {
        let count = evaluations.first?.replies.count ?? 0
        func names(_ path: KeyPath<Evaluation, String>) -> [String] {
            evaluations.reduce(into: []) { if !$0.contains($1[keyPath: path]) { $0.append($1[keyPath: path]) } }
        }
        self.init(
            title: "A test", methods: names(\.method).map { Name($0) },
            conditions: names(\.condition).map { Name($0) }, graders: ["substring"],
            questions: (0..<count).map {
                Question(
                    id: "q\($0)", text: "Question \($0)?", golds: ["gold \($0)"],
                    dataset: datasets.isEmpty ? nil : datasets[$0])
            }, evaluations: evaluations)
    }

    /// Eight methods, the base model with one seed and the others with three, under four conditions.
    static func large(questions count: Int) -> ComparisonReport {
        let methods = ["base", "sft", "sft-distractors", "uft", "pd", "pd-regularised", "pd-xl", "on-policy"]
        let conditions = ["closed_book", "bm25", "embeddings", "oracle"]
        return ComparisonReport(
            methods.enumerated().flatMap { place, method in
                conditions.enumerated().flatMap { book, condition in
                    (1...(method == "base" ? 1 : 3)).map { seed in
                        let replies = (0..<count).map { question in
                            // Scattered, and the same in every run.
                            let draw = (question * 7919 + place * 104_729 + seed * 1299) % 97
                            return Reply(
                                "Reply \(question) of \(method), seed \(seed): the keeper of the lighthouse is Maren Oduya.",
                                outcomes: ["substring": draw < 5 + 6 * place + 12 * book ? .correct : .incorrect])
                        }
                        return Evaluation(method: method, condition: condition, seed: UInt64(seed), replies: replies)
                    }
                }
            })
    }
}
