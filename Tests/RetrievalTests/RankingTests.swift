// Rankings and recall.

import Basics
import Retrieval
import Store
import Testing

@Suite struct RankingTests {
    @Test func theBestComeFirstAndEqualOnesInTheirOrder() {
        #expect(Ranking.best([1, 3, 2, 3, 0], count: 4) == [1, 3, 2, 0])
        #expect(Ranking.best([0, 0, 0], count: 2) == [0, 1])
        #expect(Ranking.best([1], count: 5) == [0])
        #expect(Ranking.best([], count: 5).isEmpty)
    }

    @Test func recallCountsQuestionsWhoseOwnDocumentIsAmongTheFirst() {
        let (a, b, c) = (ContentKey(of: "a"), ContentKey(of: "b"), ContentKey(of: "c"))
        func ranking(_ ids: ContentKey...) -> [RankedDocument] { ids.map { RankedDocument(id: $0, score: 0) } }
        let rankings = [ranking(a, b, c), ranking(a, b, c), ranking(b, a), ranking(c, a, b)]
        let own: [ContentKey?] = [a, c, c, nil]
        #expect(Ranking.recall(at: 1, rankings, own: own) == (1, 3))
        #expect(Ranking.recall(at: 2, rankings, own: own) == (1, 3))
        #expect(Ranking.recall(at: 3, rankings, own: own) == (2, 3))
        #expect(Ranking.recall(at: 3, [], own: []) == (0, 0))
    }
}
