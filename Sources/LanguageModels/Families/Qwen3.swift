// Qwen3, dense: Llama's layers with an RMSNorm on every head of q and k before the rotation, and a head width of its own.
//
// Follows modeling_qwen3.py and configuration_qwen3.py of transformers. Checkpoint keys as in Llama.swift, and
//   model.layers.i.self_attn.{q,k}_norm.weight

enum Qwen3 {
    static func configuration(_ values: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        try Qwen2.refuseMixedWindows(values)
        if values.flag("attention_bias") == true {
            throw .unsupported(
                file: values.file, what: "attention_bias = true", supported: "projections without biases")
        }
        var configuration = try Llama.shared(values, family: .qwen3)
        configuration.headDimension = try values.integer("head_dim", default: 128)
        configuration.hasQKNorm = true
        return configuration
    }
}
