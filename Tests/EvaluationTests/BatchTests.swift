// How held-out questions are cut into batches.

import Basics
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

    private func asked(_ counts: [Int]) -> [AskedQuestion] {
        questions(counts).map { AskedQuestion($0, documents: $0.context) }
    }

    private func sizes(_ asked: [AskedQuestion], size: Int, length: Int) -> [Int] {
        Examiner.batches(asked, size: size) { _ in length }.map(\.count)
    }

    @Test func withoutDocumentsBatchesAreFull() {
        #expect(sizes(questions([3, 3, 3]).map { AskedQuestion($0) }, size: 4, length: 1 << 30) == [4, 4, 1])
    }

    @Test func shortDocumentsShareABatchAndLongOnesDoNot() {
        #expect(sizes(asked([3, 3, 3]), size: 100, length: 1000) == [9])
        #expect(sizes(asked([3, 3, 3]), size: 7, length: 1000) == [6, 3])
        #expect(sizes(asked([3, 3, 3]), size: 100, length: 1 << 20) == [3, 3, 3])
        #expect(sizes(asked([5]), size: 2, length: 1 << 20) == [2, 2, 1])
    }

    @Test func aDocumentsQuestionsStandTogether() {
        let mixed = zip(asked([2, 0, 0]), asked([0, 2, 0])).flatMap { [$0, $1] }
        let batches = Examiner.batches(mixed, size: 100) { _ in 10 }
        let read = batches.map { $0.map(\.question.document) }
        #expect(read == [[documents[0], documents[0], documents[1], documents[1]]])
    }
}
