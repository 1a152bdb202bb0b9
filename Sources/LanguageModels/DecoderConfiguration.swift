// The numbers that fix a decoder's shape, and each layer's plan, whichever family and file they came from.

import Lineage
import Torch

/// What distinguishes one decoder-only transformer from another.
public struct DecoderConfiguration: Sendable, Hashable {
    /// The families that are built in; a file in Families/ says of each what its layers are and what files call their tensors.
    public enum Family: String, Sendable, Hashable, CaseIterable {
        case llama, qwen2, qwen3, mistral, gemma3
    }

    public let family: Family
    let names: CheckpointNames
    /// Rows of the embedding and of the output head, |V|.
    public var vocabularySize: Int
    /// Width of the residual stream, d.
    public var hiddenSize: Int
    /// Width inside the gated feed-forward layers.
    public var intermediateSize: Int
    /// Query heads, H.
    public var headCount: Int
    /// Key and value heads, K; H is a multiple of it.
    public var keyValueHeadCount: Int
    /// Width of one head, D.
    public var headDimension: Int
    /// ε of every RMSNorm.
    public var rmsNormEpsilon: Double
    /// The longest sequence that the model was made for, in tokens.
    public var maximumPositions: Int
    /// Whether the output head is the embedding.
    public var tiesWordEmbeddings: Bool
    /// What embeddings are multiplied by (Gemma).
    public var embeddingScale = 1.0
    /// What each layer computes.
    public var layers: [LayerPlan]

    public var layerCount: Int { layers.count }
}

/// What one layer computes.
public struct LayerPlan: Sendable, Hashable {
    /// Whether an RMSNorm on each head of q and k comes before the rotation.
    public var normalizesHeads = false
    /// Whether what attention and the feed-forward layer add to the residual stream is normalised first.
    public var normalizesOutputs = false
    /// The projections that have a bias.
    public var biases: Set<Projection> = []
    /// What bends the gate of the feed-forward layer.
    public var activation: Activation = .silu
    /// A token sees itself and the `window` - 1 before it; nil: all before it.
    public var window: Int?
    /// The rotation of queries and keys.
    public var rope: RopePlan
    /// Factor of the scores, q · k.
    public var attentionScale: Double
}

/// What layers have in common, made once for all that have the same, and found by the layer's number.
struct ByLayer<Value> {
    private var values: [Value] = []
    private var places: [Int] = []

    init<Key: Hashable>(
        _ layers: [LayerPlan], by key: (LayerPlan) -> Key, _ make: (Key) throws(TorchError) -> Value
    ) throws(TorchError) {
        var known: [Key: Int] = [:]
        for layer in layers {
            let key = key(layer)
            if known[key] == nil {
                known[key] = values.count
                values.append(try make(key))
            }
            places += [known[key] ?? 0]
        }
    }

    subscript(layer: Int) -> Value { values[places[layer]] }

    func map<New>(_ change: (Value) throws(TorchError) -> New) throws(TorchError) -> ByLayer<New> {
        var new: [New] = []
        for value in values { new.append(try change(value)) }
        return ByLayer<New>(values: new, places: places)
    }

    private init(values: [Value], places: [Int]) { (self.values, self.places) = (values, places) }
}

// MARK: - From a model's files

extension DecoderConfiguration {
    /// Reads a Hugging Face config.json.
    init(configJSON path: String) throws(LanguageModelError) {
        let values = try ConfigurationValues(configJSON: path)
        guard let type = values.text("model_type") else {
            throw .missingConfigurationKey(file: path, key: "model_type")
        }
        guard let family = Family(rawValue: type == "gemma3_text" ? "gemma3" : type) else {
            throw .unsupported(
                file: path, what: "a model of type \"\(type)\"",
                supported: Family.allCases.map(\.rawValue).joined(separator: ", "))
        }
        try self.init(family, values)
    }

    init(_ family: Family, _ values: ConfigurationValues) throws(LanguageModelError) {
        switch family {
        case .llama: self = try Llama.configuration(values)
        case .mistral: self = try Mistral.configuration(values)
        case .qwen2: self = try Qwen2.configuration(values)
        case .qwen3: self = try Qwen3.configuration(values)
        case .gemma3: self = try Gemma3.configuration(values)
        }
    }

    /// The keys that all families share.
    init(
        _ values: ConfigurationValues, family: Family, names: CheckpointNames, layer: (Int) -> LayerPlan
    ) throws(LanguageModelError) {
        let layerCount = try values.layerCount()
        self.init(
            family: family,
            names: names,
            vocabularySize: try values.integer("vocab_size"),
            hiddenSize: try values.integer("hidden_size"),
            intermediateSize: try values.integer("intermediate_size"),
            headCount: try values.headCount(),
            keyValueHeadCount: try values.integer("num_key_value_heads", default: try values.headCount()),
            headDimension: try values.headDimension(),
            rmsNormEpsilon: try values.requiredNumber("rms_norm_eps"),
            maximumPositions: try values.integer("max_position_embeddings"),
            tiesWordEmbeddings: values.flag("tie_word_embeddings") ?? false,
            layers: (0..<layerCount).map(layer))
        try validate()
    }

    /// Refuses numbers that no model has or that would make an allocation overflow, naming the first.
    func validate() throws(LanguageModelError) {
        let positive: [(String, Int)] = [
            ("vocabulary size", vocabularySize), ("hidden size", hiddenSize), ("intermediate size", intermediateSize),
            ("number of key and value heads", keyValueHeadCount), ("head dimension", headDimension),
            ("maximum number of positions", maximumPositions),
        ]
        for (name, value) in positive where value < 1 || value > 1 << 24 {
            throw .badConfiguration("the \(name) is \(value)")
        }
        guard headCount.isMultiple(of: keyValueHeadCount) else {
            throw .badConfiguration("\(headCount) heads cannot share \(keyValueHeadCount) key and value heads evenly")
        }
        guard headDimension.isMultiple(of: 2) else {
            throw .badConfiguration("the head dimension \(headDimension) is odd, so it cannot be rotated")
        }
        guard rmsNormEpsilon > 0, rmsNormEpsilon.isFinite else {
            throw .badConfiguration("the RMSNorm epsilon is \(rmsNormEpsilon)")
        }
        for (index, layer) in layers.enumerated() { try validate(layer, index) }
    }

    private func validate(_ layer: LayerPlan, _ index: Int) throws(LanguageModelError) {
        guard layer.rope.theta > 0, layer.rope.theta.isFinite else {
            throw .badConfiguration("the rope base of layer \(index) is \(layer.rope.theta)")
        }
        if case .divisors(let divisors) = layer.rope.scaling, divisors.count != headDimension / 2 {
            throw .badConfiguration("rope_freqs has \(divisors.count) entries, \(headDimension / 2) are needed")
        }
        if let window = layer.window, window < 1 {
            throw .badConfiguration("the sliding window of layer \(index) is \(window)")
        }
        guard layer.attentionScale > 0, layer.attentionScale.isFinite else {
            throw .badConfiguration("the scores of layer \(index) are multiplied by \(layer.attentionScale)")
        }
    }
}

extension LayerPlan {
    /// The plan of Llama's layers, which the families vary.
    /// - Parameter activation: the key of the activation's name.
    init(_ values: ConfigurationValues, activation key: String = "hidden_act") throws(LanguageModelError) {
        let activations: [String: Activation] = ["silu": .silu, "gelu_pytorch_tanh": .geluTanh]
        let name = values.text(key) ?? "silu"
        guard let activation = activations[name] else {
            throw .unsupported(
                file: values.file, what: "the activation \"\(name)\"",
                supported: activations.keys.sorted().joined(separator: ", "))
        }
        self.init(
            activation: activation, rope: try RopePlan(values),
            attentionScale: 1 / Double(try values.headDimension()).squareRoot())
    }
}
