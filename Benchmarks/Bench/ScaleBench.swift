// Time, memory and disk as the documents grow: a run of synthetic rows is written by one process and read by another, so that
// each one's peak memory is its own.

import Distillation
import Foundation
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
        var corpus: Corpus?
        let ingest = try seconds { corpus = try pipeline.ingest() }
        guard let corpus else { return [:] }
        let questions = try seconds { try run.keepQuestions(pipeline, on: corpus) }
        let answers = try seconds { try run.keepAnswers(pipeline) }
        return [
            "documents": Double(corpus.documents), "ingest_seconds": ingest, "questions_seconds": questions,
            "answers_seconds": answers, "write_seconds": ingest + questions + answers,
        ]
    }

    /// `scale-read FOLDER`: opens the run as training does, and loads all samples of an epoch in training order.
    static func read(_ arguments: [String]) throws -> [String: Double] {
        let run = SyntheticRun(URL(fileURLWithPath: arguments[0]))
        let settings = run.configuration.training
        var source: SampleSource?
        let plan = try seconds {
            let pipeline = try run.pipeline()
            source = try pipeline.samples(of: pipeline.answers()).source
        }
        guard let source else { return [:] }
        var samples = 0
        var tokens = 0
        let load = try seconds {
            try source.eachBatch(ofEpoch: 0, batchSize: settings.batchSize, seed: run.configuration.seed) { batch in
                samples += batch.count
                // As the trainer's batch does: here the states are read from the mapped shards.
                tokens += try Tensor.concatenate(batch.map(\.teacher_Td), dim: 0).shape[0]
            }
        }
        return [
            "plan_seconds": plan, "load_seconds": load, "samples": Double(samples), "answer_tokens": Double(tokens),
            "store_bytes": try size(run.store), "target_bytes": try size(filesIn: run.targets),
        ]
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
