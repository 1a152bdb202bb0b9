// The numbers that fix a decoder's shape and arithmetic, whichever family and file they came from.

/// What distinguishes one decoder-only transformer from another, among the families that are supported.
public struct DecoderConfiguration: Sendable, Hashable {
    /// The families, by the name that `model_type` has in config.json.
    public enum Family: String, Sendable, Hashable, CaseIterable {
        case llama, qwen2, qwen3, mistral
    }

    /// The family, which decides on biases, norms and checkpoint keys.
    public var family: Family
    /// Rows of the embedding and of the output head, |V|.
    public var vocabularySize: Int
    /// Width of the residual stream, d.
    public var hiddenSize: Int
    /// Width inside the gated MLP.
    public var intermediateSize: Int
    /// Number of decoder layers.
    public var layerCount: Int
    /// Query heads, H.
    public var headCount: Int
    /// Key and value heads, K; H is a multiple of it.
    public var keyValueHeadCount: Int
    /// Width of one head, D.
    public var headDimension: Int
    /// ε of every RMSNorm.
    public var rmsNormEpsilon: Double
    /// Base of the rotary frequencies.
    public var ropeTheta: Double
    /// How rotary frequencies are stretched for long contexts.
    public var ropeScaling: RopeScaling = .none
    /// The longest sequence that the model was made for, in tokens.
    public var maximumPositions: Int
    /// Whether the output head is the embedding.
    public var tiesWordEmbeddings: Bool
    /// Whether the q, k and v projections have a bias (Qwen2).
    public var hasQKVBias = false
    /// Whether q and k are normalised per head before the rotation (Qwen3).
    public var hasQKNorm = false
    /// A token sees itself and the `slidingWindow` - 1 before it; nil: all before it.
    public var slidingWindow: Int?
}

/// Stretching of rotary frequencies.
public enum RopeScaling: Sendable, Hashable {
    case none
    /// Llama 3.1's: low frequencies divided by `factor`, high ones kept, a ramp between.
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int)
    /// Divisors of each of the D/2 frequencies, as GGUF's `rope_freqs.weight` stores them.
    case divisors([Float])
    /// All frequencies divided by one factor.
    case linear(factor: Double)
}

extension DecoderConfiguration {
    /// Refuses numbers that no model has or that would make an allocation overflow, naming the first.
    func validate() throws(LanguageModelError) {
        let positive: [(String, Int)] = [
            ("vocabulary size", vocabularySize), ("hidden size", hiddenSize), ("intermediate size", intermediateSize),
            ("number of layers", layerCount), ("number of heads", headCount),
            ("number of key and value heads", keyValueHeadCount), ("head dimension", headDimension),
            ("maximum number of positions", maximumPositions),
        ]
        for (name, value) in positive where value < 1 || value > 1 << 24 {
            throw .badConfiguration("the \(name) is \(value)")
        }
        guard layerCount <= 1024 else { throw .badConfiguration("the number of layers is \(layerCount)") }
        guard headCount.isMultiple(of: keyValueHeadCount) else {
            throw .badConfiguration("\(headCount) heads cannot share \(keyValueHeadCount) key and value heads evenly")
        }
        guard headDimension.isMultiple(of: 2) else {
            throw .badConfiguration("the head dimension \(headDimension) is odd, so it cannot be rotated")
        }
        guard rmsNormEpsilon > 0, ropeTheta > 0, rmsNormEpsilon.isFinite, ropeTheta.isFinite else {
            throw .badConfiguration("the RMSNorm epsilon is \(rmsNormEpsilon) and the rope base \(ropeTheta)")
        }
        if case .divisors(let divisors) = ropeScaling, divisors.count != headDimension / 2 {
            throw .badConfiguration("rope_freqs has \(divisors.count) entries, \(headDimension / 2) are needed")
        }
        if let slidingWindow, slidingWindow < 1 {
            throw .badConfiguration("the sliding window is \(slidingWindow)")
        }
    }
}
