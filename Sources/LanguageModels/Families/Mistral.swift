// Mistral 7B and its like: Llama's layers with an optional sliding window, in which a token sees only the last
// `sliding_window` tokens, itself included.
//
// Follows modeling_mistral.py and configuration_mistral.py of transformers. Checkpoint keys as in Llama.swift.

enum Mistral {
    static func configuration(_ values: ConfigurationValues) throws(LanguageModelError) -> DecoderConfiguration {
        var configuration = try Llama.shared(values, family: .mistral)
        configuration.slidingWindow =
            values.number("sliding_window") == nil ? nil : try values.integer("sliding_window")
        return configuration
    }
}
