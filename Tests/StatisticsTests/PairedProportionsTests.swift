// Figures of paired answers against published and hand-counted ones.

import Testing

@testable import Statistics

@Suite struct PairedProportionsTests {
    /// statpsych's `ci.prop.ps(.05, 12, 26, 4, 6)` gives 0.44 with 0.2548067 … 0.6251933; its estimate is the adjusted one.
    @Test func theIntervalIsThatOfBonettAndPrice() {
        let paired = PairedProportions(onlyFirst: 4, onlySecond: 26, total: 48)
        #expect(abs(paired.interval.lowerBound - 0.2548067) < 1e-6)
        #expect(abs(paired.interval.upperBound - 0.6251933) < 1e-6)
        #expect(abs(paired.difference - 22.0 / 48) < 1e-12)
    }

    /// 2 · (C(8, 0) + C(8, 1)) / 2⁸ and so on, counted by hand.
    private static let exact: [(first: Int, second: Int, value: Double)] = [
        (1, 7, 18.0 / 256), (7, 1, 18.0 / 256), (0, 5, 2.0 / 32), (4, 4, 1), (0, 0, 1), (3, 5, 186.0 / 256),
    ]

    @Test(arguments: exact)
    func mcNemarsTestIsExact(_ first: Int, _ second: Int, _ value: Double) {
        #expect(abs(PairedProportions(onlyFirst: first, onlySecond: second, total: 100).pValue - value) < 1e-12)
    }

    @Test func manyDifferencesOverflowNothing() {
        let paired = PairedProportions(onlyFirst: 5_000, onlySecond: 5_200, total: 12_000)
        // The normal approximation with continuity correction: z = 199 / √10200, p = 0.0488.
        #expect(abs(paired.pValue - 0.0488) < 2e-4)
    }

    @Test func countsComeFromPairs() {
        let paired = PairedProportions([true, true, false, false, true], [true, false, true, false, false])
        #expect(paired == PairedProportions(onlyFirst: 2, onlySecond: 1, total: 5))
        #expect(PairedProportions([], []).difference == 0)
        #expect(PairedProportions([], []).interval.contains(0))
    }
}
