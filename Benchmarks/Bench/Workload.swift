// The work that all sides do: documents' questions as token ids, with answers that the model itself has written.

import Distillation
import Foundation
import Generation
import LanguageModels
import Lineage
import Torch

/// What is trained on and generated from, in a folder.
struct Workload: Codable {
    /// One question on one document.
    struct Sample: Codable {
        /// The document and the question.
        let teacherPrompt: [Int]
        /// The question alone.
        let studentPrompt: [Int]
        let answer: [Int]
        /// Which document it is about.
        let document: Int
        /// Where the answer's teacher states begin in the shard.
        let firstState: Int
    }

    let samples: [Sample]

    private struct Text: Codable {
        let document: String
        let question: String
    }

    private static let shard = "targets.safetensors"
    private static let answerTokens = 64

    init(_ folder: String) throws {
        self = try JSONDecoder().decode(
            Workload.self, from: Data(contentsOf: URL(fileURLWithPath: folder).appending(path: "workload.json")))
    }

    private init(samples: [Sample]) { self.samples = samples }

    static func states(_ folder: String) throws -> Tensor {
        try TargetShard.open(URL(fileURLWithPath: folder).appending(path: shard))
    }

    /// `prepare MODEL TEXTS.json FOLDER`: answers a list of {"document", "question"} and writes the workload.
    static func prepare(_ arguments: [String]) throws -> [String: Double] {
        let model = try LanguageModel(path: arguments[0], dtype: .bfloat16)
        let folder = URL(fileURLWithPath: arguments[2])
        let texts = try JSONDecoder().decode([Text].self, from: Data(contentsOf: URL(fileURLWithPath: arguments[1])))
        let prompts = Prompts(systemMessage: nil)
        let documents = texts.map(\.document).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let expert = LocalExpert(model, batchSize: 64)
        let rules = ReplyRules(
            sampling: SamplingSettings(temperature: 0.25, topK: 50), maximumTokens: answerTokens,
            keepsHiddenStates: true)
        var samples: [Sample] = []
        var states: [Tensor] = []
        for (place, document) in documents.enumerated() {
            let asked = texts.filter { $0.document == document }
            let conversations = asked.enumerated().map { index, text in
                Conversation(prompts.openBook(document, question: text.question), seed: UInt64(index))
            }
            for (text, reply) in zip(asked, try expert.replies(to: conversations, rules: rules)) {
                guard let answer = reply.tokens, let hidden = reply.hiddenStates else { continue }
                samples.append(
                    Sample(
                        teacherPrompt: try model.promptTokens(prompts.openBook(document, question: text.question)),
                        studentPrompt: try model.promptTokens(prompts.closedBook(text.question)), answer: answer,
                        document: place, firstState: states.map { $0.shape[0] }.reduce(0, +)))
                states.append(hidden)
            }
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try TargetShard.write(states, to: folder.appending(path: shard))
        let workload = Workload(samples: samples)
        try JSONEncoder().encode(workload).write(to: folder.appending(path: "workload.json"))
        return [
            "samples": Double(samples.count), "documents": Double(documents.count),
            "answer_tokens": Double(samples.map(\.answer.count).reduce(0, +)),
            "target_bytes": Double(states.map { $0.shape[0] * $0.shape[1] * 2 }.reduce(0, +)),
            "logit_bytes": Double(
                states.map { $0.shape[0] * model.decoder.configuration.vocabularySize * 2 }.reduce(0, +)),
        ]
    }
}
