// Named numbers of a model, read alike from config.json and from GGUF metadata. Knows names, not architectures.

import Foundation

/// A model file's configuration before it is understood.
struct ConfigurationValues {
    enum Value: Sendable, Hashable, Decodable {
        case number(Double)
        case text(String)
        case flag(Bool)
        case object([String: Value])
        /// Null, and lists, which no supported family's shape depends on.
        case other

        init(from decoder: any Swift.Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let object = try? container.decode([String: Value].self) {
                self = .object(object)
            } else {
                self = .other
            }
        }
    }

    /// For messages.
    let file: String
    let values: [String: Value]

    /// The top level of a config.json.
    init(configJSON path: String) throws(LanguageModelError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .noModel(path: path, reason: "the file cannot be read")
        }
        guard let values = try? JSONDecoder().decode([String: Value].self, from: data) else {
            throw .noModel(path: path, reason: "the file is not a JSON object")
        }
        self.init(file: path, values: values)
    }

    init(file: String, values: [String: Value]) {
        self.file = file
        self.values = values
    }

    func number(_ key: String) -> Double? {
        if case .number(let value) = values[key] { value } else { nil }
    }

    func text(_ key: String) -> String? {
        if case .text(let value) = values[key] { value } else { nil }
    }

    func flag(_ key: String) -> Bool? {
        if case .flag(let value) = values[key] { value } else { nil }
    }

    func object(_ key: String) -> ConfigurationValues? {
        if case .object(let values) = values[key] { ConfigurationValues(file: file, values: values) } else { nil }
    }

    func integer(_ key: String) throws(LanguageModelError) -> Int {
        guard let value = number(key), let integer = Int(exactly: value) else {
            throw .missingConfigurationKey(file: file, key: key)
        }
        return integer
    }

    func integer(_ key: String, default fallback: Int) throws(LanguageModelError) -> Int {
        number(key) == nil ? fallback : try integer(key)
    }

    func requiredNumber(_ key: String) throws(LanguageModelError) -> Double {
        guard let value = number(key) else { throw .missingConfigurationKey(file: file, key: key) }
        return value
    }
}
