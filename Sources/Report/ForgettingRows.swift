// What methods have forgotten, from the measures of their adapters. Knows no files.

import Algorithms
import Statistics
import Store

/// What one adapter of a method has forgotten.
struct MeasuredAdapter {
    typealias Row = Forgetting.Row

    let method: String
    let measures: [Forgetting.Measure]
}

extension ComparisonReport.Forgetting {
    /// A row a method and category, its seeds' mean with ± 2 standard errors; one seed has Wilson's interval. Of several measures
    /// the first counts.
    static func rows(of measured: [MeasuredAdapter]) -> [Self] {
        let methods = measured.map(\.method).uniqued()
        return methods.flatMap { method in
            let seeds = measured.filter { $0.method == method }.compactMap(\.measures.first)
            let rows = seeds.map { [$0.all] + $0.categories }
            return (rows.first ?? []).compactMap { row in
                let same = rows.compactMap { $0.first { $0.category == row.category } }
                return Self(method, same)
            }
        }
    }

    private init?(_ method: String, _ seeds: [MeasuredAdapter.Row]) {
        let after = seeds.compactMap(\.distilled)
        guard let first = seeds.first, let one = after.first, let mean = SeedMean(after.map(\.accuracy)) else {
            return nil
        }
        let (low, high) = mean.interval.map { ($0.lowerBound, $0.upperBound) } ?? (one.interval[0], one.interval[1])
        self.init(
            method: method, category: first.category,
            before: Estimate(first.base.accuracy, low: first.base.interval[0], high: first.base.interval[1]),
            after: Estimate(mean.mean, low: max(0, low), high: min(1, high)), questions: first.base.total)
    }
}
