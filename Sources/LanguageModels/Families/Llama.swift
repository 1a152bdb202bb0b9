// Llama 2, 3, 3.1, 3.2 and the many models of the same shape (SmolLM2, TinyLlama): the base that the other families vary.
//
// Follows modeling_llama.py and configuration_llama.py of transformers, and LlamaModel of llama.cpp's convert_hf_to_gguf.py.

import Lineage

enum Llama {
    static let names = CheckpointNames(
        rows: [
            .embedding: .init("model.embed_tokens", "token_embd"),
            .inputNorm: .init("model.layers.#.input_layernorm", "blk.#.attn_norm"),
            .projection(.q): .init("model.layers.#.self_attn.q_proj", "blk.#.attn_q", lora: "q_proj"),
            .projection(.k): .init("model.layers.#.self_attn.k_proj", "blk.#.attn_k", lora: "k_proj"),
            .projection(.v): .init("model.layers.#.self_attn.v_proj", "blk.#.attn_v", lora: "v_proj"),
            .projection(.o): .init("model.layers.#.self_attn.o_proj", "blk.#.attn_output", lora: "o_proj"),
            .feedForwardNorm: .init("model.layers.#.post_attention_layernorm", "blk.#.ffn_norm"),
            .projection(.gate): .init("model.layers.#.mlp.gate_proj", "blk.#.ffn_gate", lora: "gate_proj"),
            .projection(.up): .init("model.layers.#.mlp.up_proj", "blk.#.ffn_up", lora: "up_proj"),
            .projection(.down): .init("model.layers.#.mlp.down_proj", "blk.#.ffn_down", lora: "down_proj"),
            .finalNorm: .init("model.norm", "output_norm"),
            .projection(.head): .init("lm_head", "output", lora: "lm_head"),
        ],
        interleavesHeadsInGGUF: true)

    static func configuration(_ values: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        var plan = try LayerPlan(values)
        if values.flag("attention_bias") == true { plan.biases.formUnion([.q, .k, .v, .o]) }
        if values.flag("mlp_bias") == true { plan.biases.formUnion([.gate, .up, .down]) }
        return try DecoderConfiguration(values, family: .llama, names: names) { _ in plan }
    }
}
