// Mistral 7B and its like: Llama's layers with an optional sliding window in all of them. GGUF files hold them as Llamas.
//
// Follows modeling_mistral.py and configuration_mistral.py of transformers.

import Lineage

enum Mistral {
    static let names = Llama.names

    static func configuration(_ values: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        var plan = try LayerPlan(values)
        plan.window = values.has("sliding_window") ? try values.integer("sliding_window") : nil
        return try DecoderConfiguration(values, family: .mistral, names: names) { _ in plan }
    }
}
