// Runs a model on token ids, for a reference implementation to compare with.

import Foundation
import Generation
import LanguageModels
import ModelFiles
import Torch

/// `model MODEL IDS OUT [ADAPTER]`: reads a JSON list of token ids and writes safetensors with `logits` [tokens, vocabulary]
/// in float32, and `greedy`, the 32 tokens that follow when the likeliest is always taken.
enum ModelProbe {
    static func run(arguments: [String]) throws {
        guard arguments.count >= 3 else { throw Usage() }
        let model = try LanguageModel(path: arguments[0], dtype: .float32)
        let ids = try JSONDecoder().decode([Int].self, from: Data(contentsOf: URL(fileURLWithPath: arguments[1])))
        let adapter = try arguments.dropFirst(3).first.map {
            try LoRAAdapter(directory: URL(fileURLWithPath: $0), base: model)
        }
        let layout = try PackedSequences(
            lengths: [ids.count], slidingWindow: model.decoder.configuration.slidingWindow)
        let logits = try noGrad {
            let hidden = try model.decoder.hiddenStates(
                Tensor(ids), positions_N: layout.positions_N, attention: layout, adapter: adapter)
            return try model.decoder.logits(hidden, adapter: adapter)
        }
        let generator = BatchGenerator(
            decoder: model.decoder, adapter: adapter, sampling: .greedy, stopTokens: [], maximumTokens: 32)
        // Two rows, so that the shared prefix and the ragged batch are part of what is compared.
        let rows = [ids, Array(ids.dropLast(3))].map { GenerationRow(prompt: $0, seed: 1) }
        let greedy = try generator.generate(rows)[0].tokens
        try SafetensorsWriter.write(
            to: arguments[2], tensors: [NamedTensor("logits", logits), NamedTensor("greedy", try Tensor(greedy))])
    }

    struct Usage: Error, CustomStringConvertible {
        var description: String { "usage: model MODEL IDS.json OUT.safetensors [ADAPTER]" }
    }
}
