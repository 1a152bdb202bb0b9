// A decoder out of a GGUF file: its configuration from the metadata, its weights dequantised once into the compute type.
// Keys and conventions as llama.cpp's convert_hf_to_gguf.py writes them.

import Foundation
import Lineage
import ModelFiles
import Tokenizers
import Torch

struct GGUFModel: ModelSource {
    let file: GGUFFile
    let configuration: DecoderConfiguration

    init(path: String) throws {
        file = try GGUFFile(path: path)
        configuration = try GGUFModel.configuration(file)
    }

    var path: String { file.file.path }

    var entries: [String: TensorEntry] { file.entries }

    func file(of name: String) -> String { path }

    func name(_ address: TensorAddress) -> String? { configuration.names.gguf(address) }

    func tensor(_ name: String, _ address: TensorAddress, dtype: DType, device: Device) throws -> Tensor {
        try unpermuted(dequantised(name, file.entries[name]?.shape ?? [], dtype), address).to(device: device)
    }

    func tokenizer() throws -> Tokenizer { try Tokenizer(gguf: vocabulary()) }

    func fingerprint() throws -> String { try weightsFingerprint(entries, bytes: file.withBytes) }

    func stopTokens() -> Set<Int> {
        let keys = ["eos", "eot", "eom"].map { "tokenizer.ggml.\($0)_token_id" }
        return Set(keys.compactMap { file.metadata[$0]?.int })
    }

    private func dequantised(_ name: String, _ shape: [Int], _ dtype: DType) throws -> Tensor {
        guard dtype == .bfloat16 else {
            let exact = try Tensor.filled(shape, dtype: .float32) { bytes in
                try file.dequantize(name, into: bytes.bindMemory(to: Float.self))
            }
            return try exact.to(dtype)
        }
        return try Tensor.filled(shape, dtype: .bfloat16) { bytes in
            try file.dequantize(name, into: bytes.bindMemory(to: UInt16.self))
        }
    }

    /// The rows of q and k as in the original checkpoint, where row i is rotated with row i + D/2.
    private func unpermuted(_ rows: Tensor, _ address: TensorAddress) throws(TorchError) -> Tensor {
        let isQuery = address.weight == .projection(.q)
        guard configuration.names.interleavesHeadsInGGUF, isQuery || address.weight == .projection(.k) else {
            return rows
        }
        let shape = rows.shape
        let heads = isQuery ? configuration.headCount : configuration.keyValueHeadCount
        return try rows.reshaped([heads, shape[0] / heads / 2, 2] + shape[1...]).transposed(1, 2).reshaped(shape)
    }
}

// MARK: - Configuration

extension GGUFModel {
    /// Keys of config.json, and what GGUF calls them after the architecture's name.
    private static let keys = [
        "hidden_size": "embedding_length", "intermediate_size": "feed_forward_length",
        "num_hidden_layers": "block_count", "num_attention_heads": "attention.head_count",
        "num_key_value_heads": "attention.head_count_kv", "head_dim": "attention.key_length",
        "rms_norm_eps": "attention.layer_norm_rms_epsilon", "max_position_embeddings": "context_length",
        "sliding_window": "attention.sliding_window",
        "sliding_window_pattern": "attention.sliding_window_pattern", "rope_theta": "rope.freq_base",
        "rope_local_base_freq": "rope.freq_base_swa", "final_logit_softcapping": "final_logit_softcapping",
    ]

    /// The same of `rope_scaling`.
    private static let ropeKeys = [
        "rope_type": "rope.scaling.type", "factor": "rope.scaling.factor",
        "original_max_position_embeddings": "rope.scaling.original_context_length",
        "beta_fast": "rope.scaling.yarn_beta_fast", "beta_slow": "rope.scaling.yarn_beta_slow",
    ]

    private static func configuration(_ file: GGUFFile) throws -> DecoderConfiguration {
        let path = file.file.path
        if let other = OtherThanModel.gguf(file) { throw LanguageModelError.noModel(path: path, reason: other) }
        guard let architecture = file.architecture else {
            throw LanguageModelError.missingConfigurationKey(file: path, key: "general.architecture")
        }
        // Mistral's models are of the architecture "llama" here.
        let families = DecoderConfiguration.Family.allCases.filter { $0 != .mistral }
        guard let family = families.first(where: { $0.rawValue == architecture }) else {
            throw LanguageModelError.unsupported(
                file: path, what: "the architecture \"\(architecture)\"",
                supported: families.map(\.rawValue).sorted().joined(separator: ", "))
        }
        guard let embedding = file.entries["token_embd.weight"], embedding.shape.count == 2 else {
            throw LanguageModelError.missingTensor(file: path, name: "token_embd.weight", layer: nil)
        }
        func values(_ keys: [String: String]) -> [String: ConfigurationValues.Value] {
            keys.compactMapValues { file.metadata["\(architecture).\($0)"].map(ConfigurationValues.Value.init) }
        }
        var found = values(keys)
        found["vocab_size"] = .number(Double(embedding.shape[0]))
        found["tie_word_embeddings"] = .flag(file.entries["output.weight"] == nil)
        found["rope_scaling"] = .object(values(ropeKeys))
        let spelled = keys.merging(ropeKeys) { first, _ in first }.mapValues { "\(architecture).\($0)" }
        var configuration = try DecoderConfiguration(
            family, ConfigurationValues(file: path, values: found, ggufKeys: spelled))
        let divisors = try ropeDivisors(file)
        for layer in configuration.layers.indices {
            if let divisors { configuration.layers[layer].rope.scaling = .divisors(divisors) }
            // The metadata do not say which projections have a bias.
            let biases = Projection.ofLayer.filter { projection in
                let address = TensorAddress(weight: .projection(projection), layer: layer, isBias: true)
                return configuration.names.gguf(address).map { file.entries[$0] != nil } ?? false
            }
            configuration.layers[layer].biases.formUnion(biases)
        }
        try configuration.validate()
        return configuration
    }

    private static func ropeDivisors(_ file: GGUFFile) throws -> [Float]? {
        let name = "rope_freqs.weight"
        guard let entry = file.entries[name] else { return nil }
        // As many numbers as half a head is wide; `validate` holds the count against the head.
        guard entry.elementCount <= 1 << 16 else {
            throw LanguageModelError.badConfiguration("rope_freqs has \(entry.elementCount) entries")
        }
        var divisors = [Float](repeating: 0, count: entry.elementCount)
        try divisors.withUnsafeMutableBufferPointer { try file.dequantize(name, into: $0) }
        guard divisors.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw LanguageModelError.notFinite(file: file.file.path, name: name)
        }
        return divisors
    }
}

extension ConfigurationValues.Value {
    fileprivate init(_ value: GGUFValue) {
        self =
            switch value {
            case .text(let text): .text(text)
            case .boolean(let flag): .flag(flag)
            case .array(let values): .list(values.map(ConfigurationValues.Value.init))
            case .integer, .largeInteger, .number: value.double.map(ConfigurationValues.Value.number) ?? .null
            }
    }
}
