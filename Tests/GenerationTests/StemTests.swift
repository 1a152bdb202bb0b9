// Which prompts are read together.

import Testing

@testable import Generation

@Suite struct StemTests {
    private func stems(_ prompts: [[Int]]) -> [Stem] { Stem.stems(of: prompts.map { $0[...] }) }

    @Test func neighboursThatBeginAlikeShareAStem() {
        let common = Array(1...20)
        #expect(
            stems([common + [30, 31], common + [40], common + [50]]) == [Stem(tokens: common, rows: 3)])
    }

    @Test func everyRowKeepsATokenOfItsOwn() {
        let same = Array(1...20)
        #expect(stems([same, same]) == [Stem(tokens: Array(1...19), rows: 2)])
    }

    @Test func fewTokensInCommonAreNoStem() {
        #expect(stems([[1, 2, 3], [1, 2, 4]]) == [Stem(tokens: [], rows: 1), Stem(tokens: [], rows: 1)])
    }

    /// Two sentences of one document, each asked about four times: one stem for all would be the short title.
    @Test func aLongStemIsNotGivenUpForAShortOne() {
        let title = Array(1...10)
        let first = title + Array(100...130)
        let second = title + Array(200...230)
        let prompts = (0..<4).map { first + [$0 + 500] } + (0..<4).map { second + [$0 + 500] }
        #expect(stems(prompts) == [Stem(tokens: first, rows: 4), Stem(tokens: second, rows: 4)])
    }

    @Test func aLongStemOfManyRowsIsHeldOnce() {
        #expect(Stem(tokens: Array(0..<300), rows: 3).isShared)
        #expect(!Stem(tokens: Array(0..<300), rows: 2).isShared)
        #expect(!Stem(tokens: Array(0..<300), rows: 1).isShared)
    }

    @Test func noPromptsHaveNoStems() {
        #expect(stems([]).isEmpty)
    }
}
