// Runs a model on token ids, for a reference implementation to compare with.

import Foundation
import Generation
import LanguageModels
import Lineage
import ModelFiles
import Torch

/// `model MODEL IDS OUT [ADAPTER]`: reads a JSON list of token ids and writes safetensors with `logits` [tokens, vocabulary]
/// in float32, `greedy`, the 32 tokens that follow when the likeliest is always taken, and, where there is an adapter, the
/// gradients of Σ logits² by its tensors' names.
enum ModelProbe {
    static func run(arguments: [String]) throws {
        guard arguments.count >= 3 else { throw Usage() }
        let ids = try JSONDecoder().decode([Int].self, from: Data(contentsOf: URL(fileURLWithPath: arguments[1])))
        // The network alone needs no tokenizer.
        let base = arguments.count > 3 ? try LanguageModel(path: arguments[0], dtype: .float32) : nil
        let decoder = try base?.decoder ?? Decoder(path: arguments[0], dtype: .float32)
        let adapter = try base.map { base in
            try LoRAAdapter(directory: URL(fileURLWithPath: arguments[3]), base: base)
        }
        let parameters = adapter?.parameters ?? []
        for parameter in parameters { try parameter.tensor.setRequiresGrad(true) }
        let layout = try PackedSequences(lengths: [ids.count], for: decoder)
        let hidden = try decoder.hiddenStates(
            Tensor(ids), positions_N: layout.positions_N, attention: layout, adapter: adapter)
        let logits = try decoder.logits(hidden, adapter: adapter)
        if !parameters.isEmpty { try (logits * logits).sum().backward() }
        let gradients = parameters.compactMap { parameter in
            parameter.tensor.grad.map { NamedTensor(parameter.name, $0) }
        }
        let generator = BatchGenerator(
            decoder: decoder, adapter: adapter, sampling: .greedy, stopTokens: [], maximumTokens: 32)
        // Two rows, so that the shared prefix and the ragged batch are part of what is compared.
        let rows = [ids, Array(ids.dropLast(3))].map { GenerationRow(prompt: $0, seed: 1) }
        let greedy = try generator.generate(rows)[0].tokens
        try SafetensorsWriter.write(
            to: arguments[2],
            tensors: [NamedTensor("logits", try logits.detached()), NamedTensor("greedy", try Tensor(greedy))]
                + gradients)
    }

    struct Usage: Error, CustomStringConvertible {
        var description: String { "usage: model MODEL IDS.json OUT.safetensors [ADAPTER]" }
    }
}
