// Trainings whose losses are known: what is rebuilt around the arithmetic must leave them as they are. On the machine where
// they were written down they are the same to the last bit on one thread; another processor adds up in another order.

import Foundation
import Lineage
import TestSupport
import Testing

@testable import Distillation

@Suite struct GoldenTrainingTests {
    private let tiny: TinyTraining

    init() throws { tiny = try TinyTraining() }

    private func expect(_ data: TrainingData, losses: [Double], gradientNorms: [Double]) throws {
        let reports = try tiny.reports(data)
        for (ours, golden) in [(reports.map(\.loss), losses), (reports.map(\.gradientNorm), gradientNorms)] {
            #expect(ours.count == golden.count)
            #expect(zip(ours, golden).allSatisfy { abs($0 - $1) < 1e-4 * $1 }, "\(ours)")
        }
    }
}
