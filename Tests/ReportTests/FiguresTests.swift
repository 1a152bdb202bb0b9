// Shares and paired differences, against figures worked out by hand and Wilson's interval as statsmodels gives it.

import Report
import Testing

@Suite struct FiguresTests {
    private typealias Evaluation = ComparisonReport.Evaluation

    @Test func oneSeedHasWilsonsInterval() throws {
        let report = ComparisonReport([
            Evaluation("pd", "closed_book", String(repeating: "c", count: 49) + String(repeating: "i", count: 51))
        ])
        let row = try #require(report.accuracies.first)
        #expect(row.share.value == 0.49)
        // statsmodels.stats.proportion.proportion_confint(49, 100, method="wilson")
        #expect(abs(try #require(row.share.low) - 0.394218) < 1e-5)
        #expect(abs(try #require(row.share.high) - 0.586520) < 1e-5)
        #expect(row.questions == 100 && row.ofSeeds == [0.49])
        #expect(row.words == 3, "said by pd")
    }

    @Test func severalSeedsHaveTwoStandardErrors() throws {
        let report = ComparisonReport([
            Evaluation("pd", "closed_book", seed: 1, "ccii"), Evaluation("pd", "closed_book", seed: 2, "ccci"),
            Evaluation("pd", "closed_book", seed: 3, "ccui"),
        ])
        let row = try #require(report.accuracies.first)
        // 0.5, 0.75, 0.5: mean 0.58333, standard deviation 0.144338, over the root of 3 0.083333.
        #expect(abs(row.share.value - 0.583333) < 1e-5)
        #expect(abs(try #require(row.share.low) - 0.416667) < 1e-5)
        #expect(abs(try #require(row.share.high) - 0.75) < 1e-5)
        #expect(row.ofSeeds == [0.5, 0.75, 0.5])
        #expect(row.unparsed == 1)
    }

    @Test func differencesArePairedByQuestion() throws {
        let report = ComparisonReport([
            Evaluation("base", "closed_book", "ciii-"), Evaluation("pd", "closed_book", "cccic"),
        ])
        let row = try #require(report.differences.first)
        #expect(report.differences.count == 1)
        #expect(row.first.method == "pd" && row.second.method == "base")
        // 0, 1, 1, 0: mean 0.5, standard deviation 0.577350, standard error 0.288675; the fifth question has no partner.
        #expect(row.questions == 4 && row.difference.value == 0.5)
        // Of four draws from two that differ and two that do not, none differs in one of sixteen.
        #expect(row.difference.low == 0 && row.difference.high == 1)
        #expect(abs(row.shareNotBetter - 1 / 16) < 0.01)
    }

    @Test func differencesCrossConditions() {
        let report = ComparisonReport([
            Evaluation("base", "closed_book", "iiii"), Evaluation("pd", "closed_book", "ccii"),
            Evaluation("base", "oracle", "ccci"),
        ])
        #expect(report.differences.count == 3)
        #expect(report.differences.contains { $0.first.condition == "oracle" && $0.second.method == "pd" })
    }

    @Test func dataSetsAreCountedApartWhereThereAreSeveral() throws {
        let sheet = Evaluation("pd", "closed_book", "ccic")
        #expect(ComparisonReport([sheet], datasets: ["nyt", "nyt", "nyt", "nyt"]).accuracies.count == 1)
        let report = ComparisonReport([sheet], datasets: ["nyt", "nyt", "amazon", "amazon"])
        #expect(report.accuracies.map(\.dataset) == [nil, "amazon", "nyt"])
        #expect(report.accuracies.map(\.share.value) == [0.75, 0.5, 1])
    }

    @Test func whatNobodyGradedIsNoFigure() {
        let reply = ComparisonReport.Reply("said", outcomes: [:])
        let report = ComparisonReport([
            Evaluation(method: "pd", condition: "closed_book", seed: 1, replies: [reply, reply, nil])
        ])
        #expect(report.accuracies.isEmpty && report.differences.isEmpty)
    }
}
