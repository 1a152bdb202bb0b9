// Means over seeds, the paired bootstrap and agreement, against values computed by hand and by enumeration.

import Basics
import Testing

@testable import Statistics

@Suite struct SeedMeanTests {
    @Test func theIntervalIsTwoStandardErrorsToBothSides() throws {
        // Deviations -1, 0, 1: variance 2 / 2 = 1, standard error 1 / √3.
        let three = try #require(SeedMean([4, 5, 6]))
        #expect(three.mean == 5 && three.seeds == 3)
        let interval = try #require(three.interval)
        #expect(abs(interval.lowerBound - (5 - 2 / 3.0.squareRoot())) < 1e-15)
        #expect(abs(interval.upperBound - (5 + 2 / 3.0.squareRoot())) < 1e-15)
        #expect(SeedMean([0.5, 0.5])?.interval == 0.5...0.5)
    }

    @Test func oneSeedSaysNothingOfTheOthers() throws {
        let one = try #require(SeedMean([0.25]))
        #expect(one.mean == 0.25 && one.standardError == nil && one.interval == nil)
        #expect(SeedMean([]) == nil)
    }
}

@Suite struct PairedBootstrapTests {
    /// Three questions have 27 resamples, so all probabilities are known.
    @Test func sharesAndQuantilesAreThoseOfAllResamples() throws {
        // Differences 1, 0, -1. The sum of three draws is 0 or less in 17 of 27, and -3 or 3 in one each.
        let result = try PairedBootstrap([[1, 0, 0]], against: [[0, 0, 1]], resamples: 200_000, seed: 1)
        #expect(result.difference == 0)
        let share = 17.0 / 27
        let deviation = (share * (1 - share) / 200_000).squareRoot()
        #expect(abs(result.shareNotBetter - share) < 5 * deviation)
        // P(sum = -3) = 1 / 27 > 2.5 %, so both ends of the interval are the extremes.
        #expect(result.interval == -1...1)
    }

    @Test func seedsAreAveragedAndQuestionsDrawn() throws {
        let first: [[Double]] = [[1, 1, 0, 1], [1, 0, 0, 1]]
        let second: [[Double]] = [[0, 1, 0, 0], [0, 1, 0, 1], [0, 0, 0, 1]]
        let result = try PairedBootstrap(first, against: second, seed: 3)
        // Means by question 1, ½, 0, 1 and 0, ⅔, 0, ⅔: differences 1, -⅙, 0, ⅓, together 7/6.
        #expect(abs(result.difference - 7 / 24.0) < 1e-15)
        #expect(result.interval.contains(result.difference))
        #expect(result.questions == 4 && result.resamples == 10_000)
    }

    @Test func aTieIsATieAlsoWithThreeSeeds() throws {
        // A third of the seeds is right on every question for both: the difference is exactly 0, whatever is drawn.
        let first: [[Double]] = [[1, 0, 0, 1, 0, 0, 1], [0, 1, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1, 0]]
        let second: [[Double]] = [[0, 0, 1, 0, 0, 1, 0], [1, 0, 0, 1, 0, 0, 1], [0, 1, 0, 0, 1, 0, 0]]
        let result = try PairedBootstrap(first, against: second, seed: 1)
        #expect(result.difference == 0 && result.interval == 0...0 && result.shareNotBetter == 1)
    }

    @Test func theSameSeedGivesTheSameIntervalAndAnotherAnother() throws {
        let random = (0..<50).map { Double($0 * $0 % 7 % 2) }
        let other = (0..<50).map { Double($0 * 3 % 11 % 2) }
        let results = try [1, 1, 2].map {
            try PairedBootstrap([random], against: [other], resamples: 500, seed: $0).shareNotBetter
        }
        #expect(results[0] == results[1] && results[0] != results[2])
    }

    @Test func aBetterMethodIsSeenAndItsMirrorImageIsNot() throws {
        let good = [Double](repeating: 1, count: 30) + [Double](repeating: 0, count: 10)
        let bad =
            [Double](repeating: 0, count: 20) + [Double](repeating: 1, count: 12) + [Double](repeating: 0, count: 8)
        let better = try PairedBootstrap([good], against: [bad], seed: 1)
        let worse = try PairedBootstrap([bad], against: [good], seed: 1)
        #expect(better.difference == 0.45 && worse.difference == -0.45)
        #expect(better.interval.lowerBound > 0 && better.shareNotBetter < 0.001 && worse.shareNotBetter > 0.999)
    }

    @Test func whatCannotBeComparedIsRefused() {
        #expect(throws: StatisticsError.nothingToCompare) { try PairedBootstrap([[Double]](), against: [[1]], seed: 1) }
        #expect(throws: StatisticsError.nothingToCompare) { try PairedBootstrap([[]], against: [[]], seed: 1) }
        #expect(throws: StatisticsError.unequalCounts([1, 2])) {
            try PairedBootstrap([[1]], against: [[1, 0]], seed: 1)
        }
        #expect(throws: StatisticsError.self) { try PairedBootstrap([[1]], against: [[1]], resamples: 0, seed: 1) }
        #expect(throws: StatisticsError.self) { try PairedBootstrap([[1]], against: [[1]], confidence: 1, seed: 1) }
    }
}

@Suite struct GraderAgreementTests {
    private func agreement(_ pairs: [(Verdict?, Verdict?)]) -> GraderAgreement {
        var verdicts: [[ContentKey: Verdict]] = [[:], [:]]
        for (number, pair) in pairs.enumerated() {
            verdicts[0][ContentKey(of: "\(number)")] = pair.0
            verdicts[1][ContentKey(of: "\(number)")] = pair.1
        }
        return GraderAgreement(first: "a", second: "b", verdicts[0], verdicts[1])
    }

    private func repeated(_ first: Verdict?, _ second: Verdict?, _ count: Int)
        -> [(Verdict?, Verdict?)]
    { Array(repeating: (first, second), count: count) }

    /// The example of 50 cases with 20, 5, 10, 15: agreement 0.7, by chance 0.5, kappa 0.4.
    @Test func kappaIsAgreementBeyondChance() throws {
        let pairs =
            repeated(.correct, .correct, 20) + repeated(.correct, .incorrect, 5) + repeated(.incorrect, .correct, 10)
            + repeated(.incorrect, .incorrect, 15)
        let result = agreement(pairs)
        #expect(result.counts == [[20, 5, 0], [10, 15, 0], [0, 0, 0]])
        #expect(result.total == 50 && result.raw == 0.7)
        #expect(abs(try #require(result.kappa) - 0.4) < 1e-15)
    }

    @Test func unparsedIsAClassOfItsOwn() throws {
        let pairs =
            repeated(.correct, .correct, 4) + repeated(.correct, .unparsed, 2) + repeated(.incorrect, .incorrect, 3)
            + repeated(.unparsed, .unparsed, 1)
        let result = agreement(pairs)
        #expect(result.counts == [[4, 0, 2], [0, 3, 0], [0, 0, 1]])
        // By chance 0.6 · 0.4 + 0.3 · 0.3 + 0.1 · 0.3 = 0.36.
        #expect(abs(try #require(result.kappa) - (0.8 - 0.36) / (1 - 0.36)) < 1e-15)
    }

    @Test func onlyRepliesThatBothGradedCount() {
        let result = agreement(
            repeated(.correct, nil, 5) + repeated(nil, .incorrect, 5) + repeated(.correct, .incorrect, 1))
        #expect(result.total == 1 && result.raw == 0 && result.kappa == 0)
        #expect(agreement(repeated(.correct, nil, 2)).raw == nil)
        #expect(agreement(repeated(.correct, .correct, 9)).kappa == nil)
    }
}
