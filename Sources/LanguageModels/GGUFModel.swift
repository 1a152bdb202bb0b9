// A decoder out of a GGUF file: its configuration from the metadata, its weights dequantised once into the compute type.
// Names and conventions as llama.cpp's convert_hf_to_gguf.py writes them.

import Foundation
import ModelFiles
import Torch

struct GGUFModel {
    let file: GGUFFile
    let configuration: DecoderConfiguration

    init(path: String) throws {
        file = try GGUFFile(path: path)
        configuration = try GGUFModel.configuration(file)
    }

    /// The tensor of a Hugging Face name, which must have the given shape.
    /// - Parameter dtype: bfloat16 or float32.
    func tensor(_ name: String, _ shape: [Int], dtype: DType, device: Device) throws -> Tensor {
        let key = GGUFModel.key(name)
        guard let entry = file.entries[key] else {
            throw LanguageModelError.missingTensor(file: file.file.path, name: key)
        }
        guard entry.shape == shape else {
            throw LanguageModelError.wrongShape(file: file.file.path, name: key, expected: shape, found: entry.shape)
        }
        return try unpermuted(dequantised(key, shape, dtype), name).to(device: device)
    }

    private func dequantised(_ key: String, _ shape: [Int], _ dtype: DType) throws -> Tensor {
        guard dtype == .bfloat16 else {
            let exact = try Tensor.filled(shape, dtype: .float32) { bytes in
                try file.dequantize(key, into: bytes.bindMemory(to: Float.self))
            }
            return try exact.to(dtype)
        }
        return try Tensor.filled(shape, dtype: .bfloat16) { bytes in
            try file.dequantize(key, into: bytes.bindMemory(to: UInt16.self))
        }
    }

    /// Files of architecture "llama" store the rows of q and k so that neighbours are rotated together; here, as in the
    /// original checkpoint, row i is rotated with row i + D/2.
    private func unpermuted(_ weight: Tensor, _ name: String) throws(TorchError) -> Tensor {
        let isQuery = name.hasSuffix("q_proj.weight")
        guard file.architecture == "llama", isQuery || name.hasSuffix("k_proj.weight") else { return weight }
        let shape = weight.shape
        let heads = isQuery ? configuration.headCount : configuration.keyValueHeadCount
        return try weight.reshaped([heads, shape[0] / heads / 2, 2, shape[1]]).transposed(1, 2).reshaped(shape)
    }

    /// The GGUF name of a tensor of a Hugging Face checkpoint.
    static func key(_ name: String) -> String {
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count > 3, parts[1] == "layers" else {
            return ["model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"][name]
                ?? "output.weight"
        }
        let modules = [
            "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "q_proj": "attn_q",
            "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output", "q_norm": "attn_q_norm",
            "k_norm": "attn_k_norm", "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
        ]
        let module = parts[parts.count - 2]
        return "blk.\(parts[2]).\(modules[module] ?? module).\(parts[parts.count - 1])"
    }
}

// MARK: - Configuration

extension GGUFModel {
    private static func configuration(_ file: GGUFFile) throws -> DecoderConfiguration {
        let path = file.file.path
        let families: [String: DecoderConfiguration.Family] = ["llama": .llama, "qwen2": .qwen2, "qwen3": .qwen3]
        guard let architecture = file.architecture else {
            throw LanguageModelError.missingConfigurationKey(file: path, key: "general.architecture")
        }
        guard let family = families[architecture] else {
            throw LanguageModelError.unsupported(
                file: path, what: "the architecture \"\(architecture)\"",
                supported: families.keys.sorted().joined(separator: ", "))
        }
        let values = MetadataReader(file: file, architecture: architecture)
        let hidden = try values.integer("embedding_length")
        let heads = try values.integer("attention.head_count")
        guard heads > 0 else { throw LanguageModelError.badConfiguration("the number of heads is \(heads)") }
        guard let embedding = file.entries["token_embd.weight"], embedding.shape.count == 2 else {
            throw LanguageModelError.missingTensor(file: path, name: "token_embd.weight")
        }
        var configuration = DecoderConfiguration(
            family: family,
            vocabularySize: embedding.shape[0],
            hiddenSize: hidden,
            intermediateSize: try values.integer("feed_forward_length"),
            layerCount: try values.integer("block_count"),
            headCount: heads,
            keyValueHeadCount: try values.integer("attention.head_count_kv", default: heads),
            headDimension: try values.integer("attention.key_length", default: hidden / heads),
            rmsNormEpsilon: try values.number("attention.layer_norm_rms_epsilon"),
            ropeTheta: values.optionalNumber("rope.freq_base") ?? 10_000,
            ropeScaling: try ropeScaling(values),
            maximumPositions: try values.integer("context_length"),
            tiesWordEmbeddings: file.entries["output.weight"] == nil)
        configuration.hasQKVBias = family == .qwen2
        configuration.hasQKNorm = family == .qwen3
        try configuration.validate()
        return configuration
    }

    private static func ropeScaling(_ values: MetadataReader) throws -> RopeScaling {
        let divisors = "rope_freqs.weight"
        if let entry = values.file.entries[divisors] {
            // As many numbers as half a head is wide; `validate` holds the count against the head.
            guard entry.elementCount <= 1 << 16 else {
                throw LanguageModelError.badConfiguration("rope_freqs has \(entry.elementCount) entries")
            }
            var frequencies = [Float](repeating: 0, count: entry.elementCount)
            try frequencies.withUnsafeMutableBufferPointer { try values.file.dequantize(divisors, into: $0) }
            return .divisors(frequencies)
        }
        switch values.text("rope.scaling.type") ?? "none" {
        case "none": return .none
        case "linear": return .linear(factor: try values.number("rope.scaling.factor"))
        case let other:
            throw LanguageModelError.unsupported(
                file: values.file.file.path, what: "rope scaling of type \"\(other)\"", supported: "none, linear")
        }
    }
}

/// Metadata under an architecture's prefix.
private struct MetadataReader {
    let file: GGUFFile
    let architecture: String

    private func value(_ key: String) -> GGUFValue? { file.metadata["\(architecture).\(key)"] }

    func text(_ key: String) -> String? { value(key)?.string }

    func optionalNumber(_ key: String) -> Double? { value(key)?.double }

    func number(_ key: String) throws(LanguageModelError) -> Double {
        guard let number = optionalNumber(key) else { throw missing(key) }
        return number
    }

    func integer(_ key: String, default fallback: Int? = nil) throws(LanguageModelError) -> Int {
        if let integer = value(key)?.int { return integer }
        guard let fallback, value(key) == nil else { throw missing(key) }
        return fallback
    }

    private func missing(_ key: String) -> LanguageModelError {
        .missingConfigurationKey(file: file.file.path, key: "\(architecture).\(key)")
    }
}
