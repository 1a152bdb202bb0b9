// Named numbers of a model by their names in config.json, read alike from there and from GGUF metadata. Knows names, not
// architectures.

import Foundation

/// A model file's configuration before it is understood.
struct ConfigurationValues {
    enum Value: Sendable, Hashable, Decodable {
        case number(Double)
        case text(String)
        case flag(Bool)
        case object([String: Value])
        case list([Value])
        case null

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
            } else if let list = try? container.decode([Value].self) {
                self = .list(list)
            } else {
                self = .null
            }
        }
    }

    let file: String
    private(set) var values: [String: Value]
    /// What a GGUF file calls the keys; empty for a config.json.
    private let ggufKeys: [String: String]

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

    init(file: String, values: [String: Value], ggufKeys: [String: String] = [:]) {
        (self.file, self.values, self.ggufKeys) = (file, values, ggufKeys)
    }

    var isFromGGUF: Bool { !ggufKeys.isEmpty }

    /// The same, with values for keys that are not there or null.
    func defaulting(_ defaults: [String: Value]) -> ConfigurationValues {
        var values = self
        values.values.merge(defaults) { found, fallback in found == .null ? fallback : found }
        return values
    }

    /// Whether there is a value, and not null.
    func has(_ key: String) -> Bool { values[key].map { $0 != .null } ?? false }

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
        guard case .object(let values) = values[key] else { return nil }
        return ConfigurationValues(file: file, values: values, ggufKeys: ggufKeys)
    }

    /// A number or a list of them.
    func integers(_ key: String) -> [Int] {
        let list = if case .list(let list) = values[key] { list } else { values[key].map { [$0] } ?? [] }
        return list.compactMap { if case .number(let number) = $0 { Int(exactly: number) } else { nil } }
    }

    func integer(_ key: String) throws(LanguageModelError) -> Int {
        guard let value = number(key), let integer = Int(exactly: value) else { throw missing(key) }
        return integer
    }

    func integer(_ key: String, default fallback: @autoclosure () throws(LanguageModelError) -> Int)
        throws(LanguageModelError) -> Int
    {
        has(key) ? try integer(key) : try fallback()
    }

    func requiredNumber(_ key: String) throws(LanguageModelError) -> Double {
        guard let value = number(key) else { throw missing(key) }
        return value
    }

    private func missing(_ key: String) -> LanguageModelError {
        .missingConfigurationKey(file: file, key: ggufKeys[key] ?? key)
    }
}

/// What `layer_types` and `rope_parameters` call layers that see all before them and those that see a window.
enum LayerType: String {
    case full = "full_attention"
    case sliding = "sliding_attention"
}

extension ConfigurationValues {
    func headCount() throws(LanguageModelError) -> Int {
        let heads = try integer("num_attention_heads")
        guard (1...1 << 24).contains(heads) else { throw .badConfiguration("the number of heads is \(heads)") }
        return heads
    }

    func headDimension() throws(LanguageModelError) -> Int {
        try integer("head_dim", default: try integer("hidden_size") / headCount())
    }

    func layerCount() throws(LanguageModelError) -> Int {
        let layers = try integer("num_hidden_layers")
        guard (1...1024).contains(layers) else { throw .badConfiguration("the number of layers is \(layers)") }
        return layers
    }

    /// The type of each layer; nil where the configuration does not list them.
    func layerTypes() throws(LanguageModelError) -> [LayerType]? {
        guard case .list(let list) = values["layer_types"] else { return nil }
        guard list.count == (try layerCount()) else {
            throw .badConfiguration("layer_types lists \(list.count) layers of \(try layerCount())")
        }
        var types: [LayerType] = []
        for value in list {
            guard case .text(let name) = value, let type = LayerType(rawValue: name) else {
                throw .unsupported(
                    file: file, what: "\(value) in layer_types", supported: "full_attention, sliding_attention")
            }
            types.append(type)
        }
        return types
    }
}
