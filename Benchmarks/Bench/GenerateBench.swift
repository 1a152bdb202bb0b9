// Answers to the questions on some documents, all of them at a time, as the product's answers stage asks for them.

import Foundation
import Generation
import LanguageModels
import Lineage
import Torch

enum GenerateBench {
    /// `generate MODEL FOLDER DOCUMENTS ROWS TOKENS`: so many rows on each document, each of just so many tokens.
    static func run(_ arguments: [String]) throws -> [String: Double] {
        let workload = try Workload(arguments[1])
        let model = try LanguageModel(path: arguments[0], dtype: .bfloat16)
        let documents = Int(arguments[2]) ?? 2
        let rowCount = Int(arguments[3]) ?? 30
        let tokens = Int(arguments[4]) ?? 48
        // No stop tokens, so that all sides write the same number of tokens.
        let generator = BatchGenerator(
            decoder: model.decoder, sampling: SamplingSettings(temperature: 0.25, topK: 50), stopTokens: [],
            maximumTokens: tokens, batchSize: 128)
        func rows(on document: Int) -> [GenerationRow] {
            let samples = workload.samples.filter { $0.document == document }
            return (0..<rowCount).map { row in
                GenerationRow(prompt: samples[row % samples.count].teacherPrompt, seed: UInt64(row))
            }
        }
        _ = try generator.generate(rows(on: 0), keepsHiddenStates: true)
        let elapsed = try seconds {
            _ = try generator.generate((0..<documents).flatMap(rows), keepsHiddenStates: true)
        }
        return ["tokens_per_second": Double(documents * rowCount * tokens) / elapsed, "seconds": elapsed]
    }
}
