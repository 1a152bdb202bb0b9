// What keeps a run of many documents cheap: every sample is read once an epoch, as it was written, and a batch holds no more
// shards open than it has samples. `make bench-scale` measures the rest.

import Distillation
import Foundation
import Pipeline
import Testing
import Torch

@testable import Bench

@Suite struct ScaleTests {
    private func written(_ documents: Int, _ folder: URL) throws -> SyntheticRun {
        let run = SyntheticRun(folder)
        _ = try ScaleBench.write([folder.path, String(documents)])
        return run
    }

    @Test(arguments: [10, 100]) func everySampleIsReadOnceAsItWasWrittenFromFewShards(documents: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "scale-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try written(documents, folder)
        let context = try run.pipeline().context
        let answers = try context.found.answers()
        let data = try context.samples(of: answers).data
        let source = data.training
        #expect(source.count + (data.validation?.count ?? 0) == documents * SyntheticRun.questionsPerDocument)

        #expect(answers.count == documents * SyntheticRun.questionsPerDocument)

        let states_Td = try SyntheticRun.states()
        var kinds: Set<TrainingSample.Kind> = []
        var mostMapped = 0
        var order = BatchOrder(samples: source.count, batchSize: 8, epochs: 1, seed: 1)
        for step in 0..<order.totalSteps {
            let batch = try source.samples(at: order.batch(step: step).samples, step: step, student: nil)
            for sample in batch {
                kinds.insert(sample.kind)
                let expected_Td = try SyntheticRun.teacher(sample.answer, from: states_Td)
                let read: [Float] = try #require(sample.teacher_Td).to(.float32).values()
                #expect(try read == expected_Td.to(.float32).values())
            }
            // A batch that is not used any more may be gone before its scope ends.
            withExtendedLifetime(batch) { mostMapped = max(mostMapped, mappedFiles(in: run.targets)) }
        }
        #expect(kinds.count == source.count)
        #if os(Linux)
            #expect((1...8).contains(mostMapped))
            #expect(mappedFiles(in: run.targets) == 0)
        #endif
    }

    /// How many different files of a folder this process has mapped, as Linux tells it.
    private func mappedFiles(in folder: URL) -> Int {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let lines = maps.split(separator: "\n").filter { $0.contains(folder.path + "/") }
        return Set(lines.compactMap { $0.split(separator: "/").last }).count
    }
}
