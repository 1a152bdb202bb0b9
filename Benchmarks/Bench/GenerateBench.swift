// Answers to a document's questions, a document at a time, as the product's answers stage asks for them.

import Foundation
import Generation
import LanguageModels
import Torch

enum GenerateBench {
    /// `generate MODEL FOLDER DOCUMENTS ROWS TOKENS`: so many rows on each document, each of just so many tokens.
    static func run(_ arguments: [String]) throws -> [String: Double] {
        let workload = try Workload(arguments[1])
        let model = try LanguageModel(path: arguments[0], dtype: .bfloat16)
        let documents = Int(arguments[2]) ?? 2
        let rows = Int(arguments[3]) ?? 30
        let tokens = Int(arguments[4]) ?? 48
        // No stop tokens, so that all sides write the same number of tokens.
        let generator = BatchGenerator(
            decoder: model.decoder, sampling: SamplingSettings(temperature: 0.25, topK: 50), stopTokens: [],
            maximumTokens: tokens, batchSize: 128)
        func generate(_ document: Int) throws {
            let samples = workload.samples.filter { $0.document == document }
            let prompts = (0..<rows).map { row in
                GenerationRow(prompt: samples[row % samples.count].teacherPrompt, seed: UInt64(row))
            }
            _ = try generator.generate(prompts, keepsHiddenStates: true)
        }
        try generate(0)
        let elapsed = try seconds { for document in 0..<documents { try generate(document) } }
        return ["tokens_per_second": Double(documents * rows * tokens) / elapsed, "seconds": elapsed]
    }
}
