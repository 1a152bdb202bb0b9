// Qwen3, dense: Llama's layers with an RMSNorm on every head of q and k before the rotation, and a head width of its own.
//
// Follows modeling_qwen3.py and configuration_qwen3.py of transformers, and Qwen3Model of llama.cpp's convert_hf_to_gguf.py.

import Lineage

enum Qwen3 {
    static let names: CheckpointNames = {
        var names = Qwen2.names
        names.rows[.queryNorm] = .init("model.layers.#.self_attn.q_norm", "blk.#.attn_q_norm")
        names.rows[.keyNorm] = .init("model.layers.#.self_attn.k_norm", "blk.#.attn_k_norm")
        return names
    }()

    static func configuration(_ read: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        let values = read.defaulting(["head_dim": .number(128)])
        let windows = try Qwen2.windows(values)
        var plan = try LayerPlan(values)
        plan.normalizesHeads = true
        if values.flag("attention_bias") == true { plan.biases = [.q, .k, .v, .o] }
        return try DecoderConfiguration(values, family: .qwen3, names: names) { layer in
            var plan = plan
            plan.window = windows(layer)
            return plan
        }
    }
}
