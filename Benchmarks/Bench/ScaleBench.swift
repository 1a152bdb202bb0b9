// Time, memory and disk as the documents grow: a run of synthetic rows is written by one process and read by another, so that
// each one's peak memory is its own.

import Distillation
import Foundation
import Lineage
import Pipeline
import Torch

enum ScaleBench {
    /// `scale-write FOLDER DOCUMENTS`: reads the documents in, then keeps questions, answers and teacher targets.
    static func write(_ arguments: [String]) throws -> [String: Double] {
        let run = SyntheticRun(URL(fileURLWithPath: arguments[0]))
        let documents = Int(arguments[1]) ?? 10
        try FileManager.default.createDirectory(atPath: arguments[0], withIntermediateDirectories: true)
        try run.writeInputs(documents: documents)
        let pipeline = try run.pipeline()
        let ingest = try Effort { try pipeline.run(only: .ingest) }
        let questions = try Effort { try run.keepQuestions(pipeline) }
        let answers = try Effort { try run.keepAnswers(pipeline) }
        return figures(["ingest": ingest, "questions": questions, "answers": answers])
    }

    /// `scale-read FOLDER`: opens the run as training does, and loads all samples of an epoch in training order.
    static func read(_ arguments: [String]) throws -> [String: Double] {
        let run = SyntheticRun(URL(fileURLWithPath: arguments[0]))
        let settings = run.configuration.training
        var source: (any BatchSource)?
        let plan = try Effort {
            let context = try run.pipeline().context
            source = try context.samples(of: context.found.answers()).data.training
        }
        guard let source else { return [:] }
        var samples = 0
        let load = try Effort {
            var order = BatchOrder(
                samples: source.count, batchSize: settings.batchSize, epochs: 1, seed: run.configuration.seed)
            for step in 0..<order.totalSteps {
                let batch = try source.samples(at: order.batch(step: step).samples, step: step, student: nil)
                samples += batch.count
                // As the trainer's batch does: here the states are read from the mapped shards.
                _ = try Tensor.concatenate(batch.compactMap(\.teacher_Td), dim: 0)
            }
        }
        var figures = figures(["plan": plan, "load": load])
        figures["samples"] = Double(samples)
        figures["store_bytes"] = try size(run.store)
        figures["target_bytes"] = try size(filesIn: run.targets)
        return figures
    }

    /// Seconds by the clock and by the processor, which other work on the machine does not lengthen.
    private struct Effort {
        let elapsed: Double
        let processor: Double

        init(_ body: () throws -> Void) throws {
            let before = Self.processorTime()
            elapsed = try seconds(body)
            processor = Self.processorTime() - before
        }

        /// Seconds that all threads of this process have computed.
        private static func processorTime() -> Double {
            var usage = rusage()
            getrusage(.init(RUSAGE_SELF.rawValue), &usage)
            return [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }.reduce(0, +)
        }
    }

    private static func figures(_ efforts: [String: Effort]) -> [String: Double] {
        var figures: [String: Double] = [:]
        for (name, effort) in efforts {
            figures["\(name)_seconds"] = effort.elapsed
            figures["\(name)_processor_seconds"] = effort.processor
        }
        return figures
    }

    /// Bytes of a file.
    private static func size(_ file: URL) throws -> Double {
        Double(try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
    }

    /// Bytes of all files in a folder.
    private static func size(filesIn folder: URL) throws -> Double {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.fileSizeKey])
            .reduce(0.0) { try $0 + size($1) }
    }
}
