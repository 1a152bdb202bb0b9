// The `adapter_config.json` of a plain LoRA adapter, as PEFT writes it, whatever it says of ranks, scales and modules. What
// makes an adapter more than plain LoRA is refused by name. Knows nothing of the weights.

/// A LoRA adapter's settings.
public struct PEFTAdapterConfiguration: Sendable, Hashable {
    /// The base model, by the name or path that it was loaded from.
    public var baseModelNameOrPath: String?
    /// The rank of all modules that `rankPattern` does not name.
    public var r: Int
    /// A module's update is scaled by alpha / rank, with `usesRSLoRA` by alpha / √rank.
    public var loraAlpha: Double
    /// The dropout that the adapter was trained with.
    public var loraDropout: Double
    /// The paths of the modules that are adapted, or the ends of paths ("q_proj").
    public var targetModules: [String]
    /// Whether scales fall with the square root of the rank (Kalajdzievski, 2023).
    public var usesRSLoRA: Bool
    /// Ranks of single modules, by the end of their path or, as PEFT has it, a regular expression for it.
    public var rankPattern: [String: Int]
    /// Alphas of single modules, by the same.
    public var alphaPattern: [String: Double]

    /// Settings of an adapter that has the same rank and alpha everywhere, unless patterns are given.
    public init(
        baseModelNameOrPath: String?, r: Int, loraAlpha: Double, loraDropout: Double = 0, targetModules: [String],
        usesRSLoRA: Bool = false, rankPattern: [String: Int] = [:], alphaPattern: [String: Double] = [:]
    ) {
        self.baseModelNameOrPath = baseModelNameOrPath
        self.r = r
        self.loraAlpha = loraAlpha
        self.loraDropout = loraDropout
        self.targetModules = targetModules
        self.usesRSLoRA = usesRSLoRA
        self.rankPattern = rankPattern
        self.alphaPattern = alphaPattern
    }

    /// The rank of the module at a path ("model.layers.0.self_attn.q_proj").
    public func rank(of module: String) -> Int {
        Self.matches(rankPattern, module).first ?? r
    }

    /// What the module's B·A·x is multiplied by.
    public func scale(of module: String) -> Double {
        let rank = Double(rank(of: module))
        return (Self.matches(alphaPattern, module).first ?? loraAlpha) / (usesRSLoRA ? rank.squareRoot() : rank)
    }

    /// Whether the settings say that the module at a path is adapted.
    public func adapts(_ module: String) -> Bool {
        targetModules.contains { module == $0 || module.hasSuffix("." + $0) }
    }

    /// Whether two patterns name the module and disagree. PEFT lets their order decide, which is lost in reading.
    func isAmbiguous(_ module: String) -> Bool {
        Set(Self.matches(rankPattern, module)).count > 1 || Set(Self.matches(alphaPattern, module)).count > 1
    }

    private static func matches<Value>(_ pattern: [String: Value], _ module: String) -> [Value] {
        pattern.filter { PEFTSetting.pattern($0.key).map { module.wholeMatch(of: $0) != nil } ?? false }.map(\.value)
    }
}

extension PEFTAdapterConfiguration: Codable {
    private enum CodingKeys: String, CodingKey {
        case peftType = "peft_type"
        case taskType = "task_type"
        case baseModelNameOrPath = "base_model_name_or_path"
        case r
        case loraAlpha = "lora_alpha"
        case loraDropout = "lora_dropout"
        case targetModules = "target_modules"
        case rankPattern = "rank_pattern"
        case alphaPattern = "alpha_pattern"
        case bias
        case fanInFanOut = "fan_in_fan_out"
        case modulesToSave = "modules_to_save"
        case useRSLoRA = "use_rslora"
        case useDoRA = "use_dora"
        case initLoRAWeights = "init_lora_weights"
        case inferenceMode = "inference_mode"
    }

    /// Reads the settings of a plain LoRA adapter. `PEFTAdapterFile` has checked before that it is one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            baseModelNameOrPath: try container.decodeIfPresent(String.self, forKey: .baseModelNameOrPath),
            r: try container.decode(Int.self, forKey: .r),
            loraAlpha: try container.decode(Double.self, forKey: .loraAlpha),
            loraDropout: try container.decodeIfPresent(Double.self, forKey: .loraDropout) ?? 0,
            // A regular expression names modules that the weights' file names too, and each whole.
            targetModules: (try? container.decode(String.self, forKey: .targetModules)) == nil
                ? try container.decode([String].self, forKey: .targetModules) : [],
            usesRSLoRA: try container.decodeIfPresent(Bool.self, forKey: .useRSLoRA) ?? false,
            rankPattern: try container.decodeIfPresent([String: Int].self, forKey: .rankPattern) ?? [:],
            alphaPattern: try container.decodeIfPresent([String: Double].self, forKey: .alphaPattern) ?? [:])
        if ([r] + rankPattern.values).contains(where: { $0 < 1 }) {
            throw DecodingError.dataCorruptedError(forKey: .r, in: container, debugDescription: "a rank is below one")
        }
    }

    /// Writes the settings, and beside them those that say that this is plain LoRA.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("LORA", forKey: .peftType)
        try container.encode("CAUSAL_LM", forKey: .taskType)
        try container.encode(baseModelNameOrPath, forKey: .baseModelNameOrPath)
        try container.encode(r, forKey: .r)
        try container.encode(loraAlpha, forKey: .loraAlpha)
        try container.encode(loraDropout, forKey: .loraDropout)
        try container.encode(targetModules, forKey: .targetModules)
        try container.encode(rankPattern, forKey: .rankPattern)
        try container.encode(alphaPattern, forKey: .alphaPattern)
        try container.encode("none", forKey: .bias)
        try container.encode(false, forKey: .fanInFanOut)
        try container.encodeNil(forKey: .modulesToSave)
        try container.encode(usesRSLoRA, forKey: .useRSLoRA)
        try container.encode(false, forKey: .useDoRA)
        try container.encode(true, forKey: .initLoRAWeights)
        try container.encode(true, forKey: .inferenceMode)
    }
}
