// Llama 2, 3, 3.1, 3.2 and the many models of the same shape (SmolLM2, TinyLlama): the base that the other families vary.
//
// Follows modeling_llama.py and configuration_llama.py of transformers. Checkpoint keys, layer i:
//   model.layers.i.input_layernorm.weight            RMSNorm before attention
//   model.layers.i.self_attn.{q,k,v,o}_proj.weight   attention, no biases
//   model.layers.i.post_attention_layernorm.weight   RMSNorm before the MLP
//   model.layers.i.mlp.{gate,up,down}_proj.weight    SwiGLU MLP
// and model.embed_tokens.weight, model.norm.weight, lm_head.weight (absent where tied).

enum Llama {
    /// Reads config.json's keys, which the other families share but for what their own files say.
    static func configuration(_ values: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        for key in ["attention_bias", "mlp_bias"] where values.flag(key) == true {
            throw .unsupported(file: values.file, what: "\(key) = true", supported: "projections without biases")
        }
        return try shared(values, family: .llama)
    }

    static func shared(
        _ values: ConfigurationValues, family: DecoderConfiguration.Family
    ) throws(LanguageModelError) -> DecoderConfiguration {
        if let activation = values.text("hidden_act"), activation != "silu" {
            throw .unsupported(file: values.file, what: "the activation \"\(activation)\"", supported: "silu")
        }
        let hidden = try values.integer("hidden_size")
        let heads = try values.integer("num_attention_heads")
        guard heads > 0 else { throw .badConfiguration("the number of heads is \(heads)") }
        return DecoderConfiguration(
            family: family,
            vocabularySize: try values.integer("vocab_size"),
            hiddenSize: hidden,
            intermediateSize: try values.integer("intermediate_size"),
            layerCount: try values.integer("num_hidden_layers"),
            headCount: heads,
            keyValueHeadCount: try values.integer("num_key_value_heads", default: heads),
            headDimension: try values.integer("head_dim", default: hidden / heads),
            rmsNormEpsilon: try values.requiredNumber("rms_norm_eps"),
            ropeTheta: values.number("rope_theta") ?? values.object("rope_parameters")?.number("rope_theta") ?? 10_000,
            ropeScaling: try ropeScaling(values),
            maximumPositions: try values.integer("max_position_embeddings"),
            tiesWordEmbeddings: values.flag("tie_word_embeddings") ?? false)
    }

    /// `rope_scaling` (transformers 4) or `rope_parameters` (transformers 5).
    private static func ropeScaling(_ values: ConfigurationValues) throws(LanguageModelError) -> RopeScaling {
        guard let scaling = values.object("rope_scaling") ?? values.object("rope_parameters") else { return .none }
        switch scaling.text("rope_type") ?? scaling.text("type") ?? "default" {
        case "default": return .none
        case "linear": return .linear(factor: try scaling.requiredNumber("factor"))
        case "llama3":
            return .llama3(
                factor: try scaling.requiredNumber("factor"),
                lowFrequencyFactor: try scaling.requiredNumber("low_freq_factor"),
                highFrequencyFactor: try scaling.requiredNumber("high_freq_factor"),
                originalPositions: try scaling.integer("original_max_position_embeddings"))
        case let other:
            throw .unsupported(
                file: values.file, what: "rope scaling of type \"\(other)\"", supported: "default, linear, llama3")
        }
    }
}
