// From a model's files to its decoder configuration: picks the family and hands over.

extension DecoderConfiguration {
    /// Reads a Hugging Face config.json.
    init(configJSON path: String) throws(LanguageModelError) {
        let values = try ConfigurationValues(configJSON: path)
        guard let type = values.text("model_type") else {
            throw .missingConfigurationKey(file: path, key: "model_type")
        }
        switch Family(rawValue: type) {
        case .llama: self = try Llama.configuration(values)
        case .mistral: self = try Mistral.configuration(values)
        case .qwen2: self = try Qwen2.configuration(values)
        case .qwen3: self = try Qwen3.configuration(values)
        case nil:
            throw .unsupported(
                file: path, what: "a model of type \"\(type)\"",
                supported: Family.allCases.map(\.rawValue).joined(separator: ", "))
        }
        try validate()
    }
}
