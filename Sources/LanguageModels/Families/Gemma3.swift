// Gemma 3, the text model, by itself or out of a model that also sees: four norms a layer, whose weights are stored less one;
// RMSNorm on the heads of q and k; five layers with a sliding window and a rope base of their own to one that sees all;
// GELU; embeddings times √d.
//
// Follows modeling_gemma3.py and configuration_gemma3.py of transformers, whose defaults are those below, and Gemma3Model of
// llama.cpp's convert_hf_to_gguf.py and llama-model.cpp.

import Lineage

enum Gemma3 {
    static let names = CheckpointNames(
        rows: Llama.names.rows.merging([
            .queryNorm: .init("model.layers.#.self_attn.q_norm", "blk.#.attn_q_norm"),
            .keyNorm: .init("model.layers.#.self_attn.k_norm", "blk.#.attn_k_norm"),
            .attentionOutputNorm: .init("model.layers.#.post_attention_layernorm", "blk.#.post_attention_norm"),
            .feedForwardNorm: .init("model.layers.#.pre_feedforward_layernorm", "blk.#.ffn_norm"),
            .feedForwardOutputNorm: .init("model.layers.#.post_feedforward_layernorm", "blk.#.post_ffw_norm"),
        ]) { _, own in own },
        huggingFaceNormOffset: 1)

    private static let defaults: [String: ConfigurationValues.Value] = [
        "vocab_size": .number(262_208), "hidden_size": .number(2304), "intermediate_size": .number(9216),
        "num_hidden_layers": .number(26), "num_attention_heads": .number(8), "num_key_value_heads": .number(4),
        "head_dim": .number(256), "max_position_embeddings": .number(131_072), "rms_norm_eps": .number(1e-6),
        "hidden_activation": .text("gelu_pytorch_tanh"), "sliding_window": .number(4096),
        "tie_word_embeddings": .flag(true),
    ]

    static func configuration(_ read: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        let values = (read.object("text_config") ?? read).defaulting(defaults)
        try refuseVariants(values)
        let headDimension = try values.integer("head_dim")
        let pattern = try values.integer("sliding_window_pattern", default: 6)
        guard pattern > 0 else { throw .badConfiguration("the sliding window pattern is \(pattern)") }
        let types = try values.layerTypes()
        let window = try values.integer("sliding_window")
        var plan = try LayerPlan(values, activation: "hidden_activation")
        plan.normalizesHeads = true
        plan.normalizesOutputs = true
        if values.flag("attention_bias") == true { plan.biases = [.q, .k, .v, .o] }
        plan.attentionScale = 1 / (try queryScalar(values, headDimension: headDimension)).squareRoot()
        plan.rope = try RopePlan(values, of: .full, defaultTheta: 1_000_000)
        let localRope =
            values.has("rope_parameters")
            ? try RopePlan(values, of: .sliding) : RopePlan(theta: values.number("rope_local_base_freq") ?? 10_000)
        var names = names
        if read.object("text_config") != nil {
            names.huggingFaceRoots = ["language_model.model.", "model.language_model."]
            names.loraRoot = "model.language_model."
        }
        var configuration = try DecoderConfiguration(values, family: .gemma3, names: names) { layer in
            guard types.map({ $0[layer] == .sliding }) ?? !(layer + 1).isMultiple(of: pattern) else { return plan }
            var local = plan
            (local.window, local.rope) = (window, localRope)
            return local
        }
        configuration.embeddingScale = Double(configuration.hiddenSize).squareRoot()
        return configuration
    }

    /// The number of which queries are divided by the square root. GGUF files do not say it: it is a head's width but in the
    /// model of 27 billion weights, which llama.cpp too knows by its 62 layers.
    private static func queryScalar(
        _ values: ConfigurationValues, headDimension: Int
    ) throws(LanguageModelError) -> Double {
        guard values.isFromGGUF else { return values.number("query_pre_attn_scalar") ?? 256 }
        guard try values.integer("num_hidden_layers") == 62 else { return Double(headDimension) }
        return try values.requiredNumber("hidden_size") / values.requiredNumber("num_attention_heads")
    }

    private static func refuseVariants(_ values: ConfigurationValues) throws(LanguageModelError) {
        for key in ["attn_logit_softcapping", "final_logit_softcapping"] where values.has(key) {
            throw .unsupported(file: values.file, what: key, supported: "logits without a cap")
        }
        if values.flag("use_bidirectional_attention") == true {
            throw .unsupported(
                file: values.file, what: "use_bidirectional_attention", supported: "attention to what came before")
        }
    }
}
