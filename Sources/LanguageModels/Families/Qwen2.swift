// Qwen2 and Qwen2.5: Llama's layers with biases on q, k and v, and a sliding window in some layers where one is switched on.
//
// Follows modeling_qwen2.py and configuration_qwen2.py of transformers, and Qwen2Model of llama.cpp's convert_hf_to_gguf.py.

import Lineage

enum Qwen2 {
    static let names: CheckpointNames = {
        var names = Llama.names
        names.interleavesHeadsInGGUF = false
        return names
    }()

    static func configuration(_ values: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        let plan = try LayerPlan(values)
        let windows = try windows(values)
        return try DecoderConfiguration(values, family: .qwen2, names: names) { layer in
            var plan = plan
            plan.biases = [.q, .k, .v]
            plan.window = windows(layer)
            return plan
        }
    }

    /// The window of each layer: checkpoints name one but switch it off, or have it from a layer on.
    static func windows(_ values: ConfigurationValues) throws(LanguageModelError) -> (Int) -> Int? {
        guard values.flag("use_sliding_window") == true else { return { _ in nil } }
        let window = try values.integer("sliding_window", default: 4096)
        let first = try values.integer("max_window_layers", default: 28)
        let types = try values.layerTypes()
        return { layer in (types.map { $0[layer] == .sliding } ?? (layer >= first)) ? window : nil }
    }
}
