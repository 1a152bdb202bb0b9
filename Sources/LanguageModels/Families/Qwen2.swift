// Qwen2 and Qwen2.5: Llama's layers with biases on q, k and v.
//
// Follows modeling_qwen2.py and configuration_qwen2.py of transformers. Checkpoint keys as in Llama.swift, and
//   model.layers.i.self_attn.{q,k,v}_proj.bias

enum Qwen2 {
    static func configuration(_ values: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        try refuseMixedWindows(values)
        var configuration = try Llama.shared(values, family: .qwen2)
        configuration.hasQKVBias = true
        return configuration
    }

    /// Qwen's checkpoints name a window but switch it off; some layers with and some without one is another architecture.
    static func refuseMixedWindows(_ values: ConfigurationValues) throws(LanguageModelError) {
        if values.flag("use_sliding_window") == true {
            throw .unsupported(
                file: values.file, what: "use_sliding_window = true", supported: "full attention in all layers")
        }
    }
}
