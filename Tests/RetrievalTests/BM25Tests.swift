// BM25 against the formula and against scores that rank-bm25 0.2.2 gave.

import Foundation
import Retrieval
import Testing

@Suite struct BM25Tests {
    /// Token 7 is in three documents of four, so that its idf is below zero and replaced.
    private let documents = [[7, 1, 2, 3], [7, 7, 4], [], [1, 5, 5, 5, 6, 7]]

    /// BM25Okapi(documents).get_scores(question) of rank-bm25 0.2.2.
    @Test(arguments: [
        ([7], [0.10965527312129067, 0.17730176555386154, 0, 0.08766312920838558]),
        ([1, 5], [0, 0, 0, 1.165594940215201]), ([5, 5, 99], [0, 0, 0, 2.331189880430402]),
    ]) func scoresAreThoseOfTheReference(question: [Int], expected: [Double]) {
        #expect(BM25(documents).scores(question) == expected)
    }

    @Test func aRareTermIsScoredByTheFormula() {
        // idf · f (k1 + 1) / (f + k1 (1 − b + b · length / average)) for token 4: twice in one document of 3 tokens, and 13
        // tokens in 4 documents.
        let idf = log((4 - 1 + 0.5) / (1 + 0.5))
        let expected = idf * 2 * 3 / (2 + 2 * (1 - 0.5 + 0.5 * 3 / (13.0 / 4)))
        let scores = BM25([[7, 1, 2, 3], [7, 4, 4], [], [1, 5, 5, 5, 6, 7]], k1: 2, b: 0.5).scores([4])
        #expect(abs(scores[1] - expected) < 1e-12)
        #expect(scores[0] == 0 && scores[2] == 0 && scores[3] == 0)
    }

    @Test func nothingIsFoundInNothing() {
        #expect(BM25([]).scores([1]).isEmpty)
        #expect(BM25([[], []]).scores([1]) == [0, 0])
        #expect(BM25(documents).scores([]) == [0, 0, 0, 0])
    }
}
