// How held-out questions are cut into batches.

import Store
import Testing

@testable import Evaluation

@Suite struct BatchTests {
    private let documents = ["a", "b", "c"].map { ContentKey(of: $0) }

    private func questions(_ counts: [Int]) -> [HeldOutQuestion] {
        zip(documents, counts).flatMap { document, count in
            (0..<count).map {
                HeldOutQuestion(name: "q", document: document, question: "\($0)?", golds: ["x"], source: "here")
            }
        }
    }

    private func sizes(
        _ counts: [Int], _ book: EvaluationCondition, size: Int, length: Int
    ) -> [Int] {
        Examiner.batches(questions(counts), condition: book, size: size) { _ in length }.map(\.count)
    }

    private let closed = EvaluationCondition(subject: .base, book: .closed)
    private let oracle = EvaluationCondition(subject: .base, book: .oracle)

    @Test func withoutDocumentsBatchesAreFull() {
        #expect(sizes([3, 3, 3], closed, size: 4, length: 1 << 30) == [4, 4, 1])
    }

    @Test func shortDocumentsShareABatchAndLongOnesDoNot() {
        #expect(sizes([3, 3, 3], oracle, size: 100, length: 1000) == [9])
        #expect(sizes([3, 3, 3], oracle, size: 7, length: 1000) == [6, 3])
        #expect(sizes([3, 3, 3], oracle, size: 100, length: 1 << 20) == [3, 3, 3])
        #expect(sizes([5], oracle, size: 2, length: 1 << 20) == [2, 2, 1])
    }

    @Test func aDocumentsQuestionsStandTogether() {
        let mixed = zip(questions([2, 0, 0]), questions([0, 2, 0])).flatMap { [$0, $1] }
        let batches = Examiner.batches(mixed, condition: oracle, size: 100) { _ in 10 }
        #expect(batches.map { $0.map(\.document) } == [[documents[0], documents[0], documents[1], documents[1]]])
    }
}
