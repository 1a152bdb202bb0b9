// config.json of every family, and those that are refused.

import Foundation
import Lineage
import Testing
import Torch

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
        #expect(llama.headDimension == 8 && llama.layers.count == 2)
        #expect(llama.layers.allSatisfy { $0.biases.isEmpty && !$0.normalizesHeads && $0.window == nil })
        #expect(try configuration(["attention_bias": true]).layers[1].biases == [.q, .k, .v, .o])
        #expect(try configuration(["mlp_bias": true]).layers[0].biases == [.gate, .up, .down])
        #expect(try configuration(["model_type": "qwen2"]).layers[0].biases == [.q, .k, .v])
        let qwen3 = try configuration(["model_type": "qwen3"])
        #expect(qwen3.layers[0].normalizesHeads && qwen3.headDimension == 128)
        #expect(try configuration(["model_type": "mistral", "sliding_window": 16]).windows == [16, 16])
        #expect(try configuration(["model_type": "mistral", "sliding_window": NSNull()]).windows == [nil, nil])
    }

    @Test func someLayersOfQwenHaveAWindowWhereItIsSwitchedOn() throws {
        let qwen: [String: Any] = ["model_type": "qwen2", "sliding_window": 16, "max_window_layers": 1]
        func windows(_ extra: [String: Any]) throws -> [Int?] {
            try configuration(qwen.merging(extra) { $1 }).windows
        }
        #expect(try windows([:]) == [nil, nil])
        #expect(try windows(["use_sliding_window": true]) == [nil, 16])
        let types = ["sliding_attention", "full_attention"]
        #expect(try windows(["use_sliding_window": true, "layer_types": types]) == [16, nil])
        #expect(throws: LanguageModelError.self) {
            try windows(["use_sliding_window": true, "layer_types": ["chunked_attention", "full_attention"]])
        }
        #expect(throws: LanguageModelError.self) {
            try windows(["use_sliding_window": true, "layer_types": types + types])
        }
    }

    @Test func gemmaHasTheDefaultsOfItsClass() throws {
        let gemma = try configuration(["model_type": "gemma3_text", "num_hidden_layers": 7, "head_dim": NSNull()])
        #expect(gemma.headDimension == 256 && gemma.tiesWordEmbeddings && gemma.embeddingScale == 32.0.squareRoot())
        #expect(gemma.windows == [4096, 4096, 4096, 4096, 4096, nil, 4096])
        #expect(gemma.layers[5].rope.theta == 1_000_000 && gemma.layers[6].rope.theta == 10_000)
        #expect(gemma.layers.allSatisfy { $0.activation == .geluTanh && $0.attentionScale == 1.0 / 16 })
        #expect(try configuration(["model_type": "gemma3", "text_config": ["num_hidden_layers": 2]]).layerCount == 2)
    }

    private static let scalings: [[String: any Sendable]] = [
        ["rope_type": "default"], ["rope_type": "linear", "factor": 4.0], ["rope_type": "dynamic", "factor": 2.0],
        ["rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64],
        [
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        ],
    ]

    @Test(arguments: scalings)
    func bothSpellingsOfRopeSayTheSame(scaling: [String: any Sendable]) throws {
        let older = try configuration(["rope_theta": 5000.0, "rope_scaling": scaling])
        let newer = try configuration(["rope_parameters": scaling.merging(["rope_theta": 5000.0]) { $1 }])
        #expect(older == newer && older.layers[0].rope.theta == 5000)

        let gemma: [String: Any] = [
            "model_type": "gemma3_text", "layer_types": ["sliding_attention", "full_attention"],
        ]
        let olderGemma = try configuration(
            gemma.merging(["rope_theta": 5000.0, "rope_local_base_freq": 300.0, "rope_scaling": scaling]) { $1 })
        let byType: [String: Any] = [
            "full_attention": scaling.merging(["rope_theta": 5000.0]) { $1 },
            "sliding_attention": ["rope_type": "default", "rope_theta": 300.0],
        ]
        #expect(try configuration(gemma.merging(["rope_parameters": byType]) { $1 }) == olderGemma)
        #expect(olderGemma.layers.map(\.rope.theta) == [300, 5000])
    }

    @Test func ropeScalingIsRead() throws {
        func scaling(_ index: Int) throws -> RopeScaling {
            try configuration(["rope_scaling": ConfigurationTests.scalings[index]]).layers[0].rope.scaling
        }
        #expect(try scaling(0) == .none && scaling(2) == .none)
        #expect(try scaling(1) == .linear(factor: 4))
        guard case .yarn(let factor, _, let attentionFactor) = try scaling(3) else {
            Issue.record("no YaRN")
            return
        }
        #expect(factor == 4 && abs(attentionFactor - (0.1 * log(4) + 1)) < 1e-12)
        #expect(
            try scaling(4) == .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64))
        #expect {
            try configuration(["rope_scaling": ["rope_type": "longrope", "factor": 2.0]])
        } throws: { error in
            "\(error)".contains("longrope") && "\(error)".contains("default, linear, dynamic, yarn, llama3")
        }
    }

    @Test(
        arguments: [
            ["model_type": "gpt2"], ["hidden_act": "gelu"], ["num_hidden_layers": 0], ["num_hidden_layers": 1 << 40],
            ["num_key_value_heads": 3], ["head_dim": 7], ["rms_norm_eps": -1.0],
            ["rope_scaling": ["rope_type": "linear", "factor": 0.0] as [String: any Sendable]],
            ["partial_rotary_factor": 0.5],
            ["model_type": "gemma3_text", "final_logit_softcapping": 30.0],
            ["vocab_size": "many"], ["hidden_size": 1.5],
        ] as [[String: any Sendable]])
    func impossibleOnesAreRefused(extra: [String: any Sendable]) {
        #expect(throws: LanguageModelError.self) { try configuration(extra) }
    }

    @Test func everyTensorHasItsNames() {
        let q = TensorAddress(weight: .projection(.q), layer: 12)
        #expect(Llama.names.gguf(q) == "blk.12.attn_q.weight")
        #expect(Llama.names.huggingFace(q, root: "model.") == "model.layers.12.self_attn.q_proj.weight")
        let norm = TensorAddress(weight: .feedForwardNorm, layer: 0)
        #expect(Llama.names.huggingFace(norm, root: "model.") == "model.layers.0.post_attention_layernorm.weight")
        #expect(Gemma3.names.huggingFace(norm, root: "model.") == "model.layers.0.pre_feedforward_layernorm.weight")
        #expect(Gemma3.names.gguf(norm) == "blk.0.ffn_norm.weight")
        let bias = TensorAddress(weight: .projection(.v), layer: 3, isBias: true)
        #expect(Qwen2.names.gguf(bias) == "blk.3.attn_v.bias")
        #expect(Llama.names.gguf(TensorAddress(weight: .projection(.head))) == "output.weight")
        #expect(Qwen3.names.huggingFace(TensorAddress(weight: .finalNorm), root: "model.") == "model.norm.weight")
        for names in [Llama.names, Mistral.names, Qwen2.names, Qwen3.names, Gemma3.names] {
            #expect(Projection.allCases.allSatisfy { names.projection(lora: $0.rawValue) == $0 })
        }
    }
}

extension DecoderConfiguration {
    fileprivate var windows: [Int?] { layers.map(\.window) }
}
