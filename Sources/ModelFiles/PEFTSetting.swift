// Any value of an `adapter_config.json`, and which values leave an adapter plain LoRA. Knows nothing of the weights.

/// A JSON value, as far as it matters here.
enum PEFTSetting: Decodable, Equatable {
    case null
    case boolean(Bool)
    case text(String)
    case number(Double)
    case list([PEFTSetting])
    case object([String: PEFTSetting])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([PEFTSetting].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: PEFTSetting].self))
        }
    }

    /// The first setting, by name, that asks for more than plain LoRA on a causal language model.
    static func unsupported(in settings: [String: PEFTSetting]) -> (name: String, value: PEFTSetting)? {
        settings.sorted { $0.key < $1.key }.first { !isPlain($0.key, $0.value) }.map { ($0.key, $0.value) }
    }

    private static func isPlain(_ name: String, _ value: PEFTSetting) -> Bool {
        switch name {
        case "peft_type": value == .text("LORA")
        case "task_type": value == .text("CAUSAL_LM") || value == .null
        case "bias": value == .text("none")
        // These change the update's formula, or the layout of its matrices.
        case "use_dora", "use_qalora", "lora_bias", "fan_in_fan_out": value.isNothing
        // These train, copy or replace weights that are not LoRA's matrices.
        case "modules_to_save", "trainable_token_indices", "target_parameters", "layer_replication": value.isNothing
        // These switch the update on for some tokens only, or choose among several.
        case "alora_invocation_tokens", "arrow_config", "use_bdlora", "kasa_config", "monteclora_config",
            "velora_config":
            value.isNothing
        // Other initialisations change the base model's weights as well.
        case "init_lora_weights":
            value.isNothing || [.boolean(true), .text("gaussian"), .text("eva"), .text("orthogonal")].contains(value)
        case "rank_pattern", "alpha_pattern": value.isNothing || value.hasPatterns
        default: true
        }
    }

    private var isNothing: Bool {
        [.null, .boolean(false), .list([]), .object([:])].contains(self)
    }

    private var hasPatterns: Bool {
        if case .object(let members) = self { members.keys.allSatisfy { Self.pattern($0) != nil } } else { false }
    }

    /// What a key of `rank_pattern` or `alpha_pattern` matches whole paths with (peft/utils/other.py, get_pattern_key); nil
    /// for one that is no regular expression.
    static func pattern(_ key: String) -> Regex<AnyRegexOutput>? {
        key.isEmpty ? nil : try? Regex(#"(?:.*\.)?(?:"# + key + ")")
    }

    /// Whether the settings choose modules otherwise than by the ends of their names: not in all layers, say.
    static func choosesModules(_ settings: [String: PEFTSetting]) -> Bool {
        if case .text? = settings["target_modules"] { return true }
        return ["exclude_modules", "layers_to_transform"].contains { !(settings[$0]?.isNothing ?? true) }
    }
}

extension PEFTSetting: CustomStringConvertible {
    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        case .number(let value): "\(value)"
        case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
        }
    }
}
