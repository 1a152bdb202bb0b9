// config.json of every family, and those that are refused.

import Foundation
import Testing

@testable import LanguageModels

@Suite struct ConfigurationTests {
    private func configuration(_ extra: [String: Any]) throws -> DecoderConfiguration {
        var values: [String: Any] = [
            "model_type": "llama", "vocab_size": 100, "hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 128,
        ]
        values.merge(extra) { $1 }
        let file = FileManager.default.temporaryDirectory.appending(path: "config-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try JSONSerialization.data(withJSONObject: values).write(to: file)
        return try DecoderConfiguration(configJSON: file.path)
    }

    @Test func familiesDifferWhereTheyShould() throws {
        let llama = try configuration([:])
        #expect(llama.headDimension == 8 && !llama.hasQKVBias && !llama.hasQKNorm && llama.slidingWindow == nil)
        #expect(try configuration(["model_type": "qwen2"]).hasQKVBias)
        let qwen3 = try configuration(["model_type": "qwen3"])
        #expect(qwen3.hasQKNorm && qwen3.headDimension == 128)
        #expect(try configuration(["model_type": "mistral", "sliding_window": 16]).slidingWindow == 16)
        #expect(try configuration(["model_type": "mistral", "sliding_window": NSNull()]).slidingWindow == nil)
    }

    @Test func ropeScalingIsRead() throws {
        let scaling: [String: Any] = [
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        ]
        let read = try configuration(["rope_scaling": scaling]).ropeScaling
        #expect(
            read == .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64))
        #expect(throws: LanguageModelError.self) {
            try configuration(["rope_scaling": ["rope_type": "yarn", "factor": 2.0]])
        }
    }

    @Test(
        arguments: [
            ["model_type": "gpt2"], ["hidden_act": "gelu"], ["num_hidden_layers": 0], ["num_hidden_layers": 1 << 40],
            ["num_key_value_heads": 3], ["head_dim": 7], ["rms_norm_eps": -1.0], ["attention_bias": true],
            ["vocab_size": "many"], ["hidden_size": 1.5],
        ] as [[String: any Sendable]])
    func impossibleOnesAreRefused(extra: [String: any Sendable]) {
        #expect(throws: LanguageModelError.self) { try configuration(extra) }
    }

    @Test func ggufNamesFollowTheConvention() {
        #expect(GGUFModel.key("model.layers.12.self_attn.q_proj.weight") == "blk.12.attn_q.weight")
        #expect(GGUFModel.key("model.layers.0.post_attention_layernorm.weight") == "blk.0.ffn_norm.weight")
        #expect(GGUFModel.key("model.layers.3.self_attn.v_proj.bias") == "blk.3.attn_v.bias")
        #expect(GGUFModel.key("lm_head.weight") == "output.weight")
        #expect(GGUFModel.key("model.norm.weight") == "output_norm.weight")
    }
}
