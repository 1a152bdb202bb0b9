// Rotary position embedding (Su et al., 2021) in the half-split layout of Hugging Face checkpoints: element i of a head
// is rotated with element i + D/2; and how its frequencies are stretched for long contexts, as modeling_rope_utils.py of
// transformers does it. Knows positions and heads, not tokens.
//
// Shape suffixes: N tokens, H heads, D width of a head, h = D / 2.

import Foundation
import Torch

public struct RopePlan: Sendable, Hashable {
    /// Base of the frequencies.
    public var theta: Double
    /// How its frequencies are stretched.
    public var scaling: RopeScaling = .none
}

/// Stretching of rotary frequencies.
public enum RopeScaling: Sendable, Hashable {
    case none
    /// All frequencies divided by one factor (Chen et al., 2023).
    case linear(factor: Double)
    /// Llama 3.1's: low frequencies divided by `factor`, high ones kept, a ramp between.
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalPositions: Int)
    /// YaRN (Peng et al., 2023): frequencies from the `ramp`'s end on divided by `factor`, those before its start kept;
    /// cosines and sines are multiplied by `attentionFactor`.
    case yarn(factor: Double, ramp: ClosedRange<Double>, attentionFactor: Double)
    /// Divisors of each of the D/2 frequencies, as GGUF's `rope_freqs.weight` stores them.
    case divisors([Float])
}

// MARK: - From a model's configuration

extension RopePlan {
    /// `rope_theta` and `rope_scaling` (transformers 4), or `rope_parameters` with both (5), which may tell types of layers apart.
    init(
        _ values: ConfigurationValues, of type: LayerType = .full, defaultTheta: Double = 10_000
    ) throws(LanguageModelError) {
        let ofAll = values.object("rope_parameters")
        let parameters = ofAll?.object(type.rawValue) ?? ofAll
        let theta = parameters?.number("rope_theta") ?? values.number("rope_theta") ?? defaultTheta
        try self.init(parameters ?? values.object("rope_scaling"), theta: theta, values)
    }

    private init(
        _ scaling: ConfigurationValues?, theta: Double, _ values: ConfigurationValues
    ) throws(LanguageModelError) {
        let rotated = scaling?.number("partial_rotary_factor") ?? values.number("partial_rotary_factor") ?? 1
        guard rotated == 1 else {
            throw .unsupported(file: values.file, what: "partial_rotary_factor = \(rotated)", supported: "1")
        }
        self.theta = theta
        guard let scaling else { return }
        let factor: Double
        switch scaling.text("rope_type") ?? scaling.text("type") ?? "default" {
        // GGUF says "none". Dynamic scaling begins beyond max_position_embeddings, the longest sequence that is taken here.
        case "default", "none", "dynamic": return
        case "linear":
            factor = try scaling.requiredNumber("factor")
            self.scaling = .linear(factor: factor)
        case "llama3":
            factor = try scaling.requiredNumber("factor")
            self.scaling = .llama3(
                factor: factor, lowFrequencyFactor: try scaling.requiredNumber("low_freq_factor"),
                highFrequencyFactor: try scaling.requiredNumber("high_freq_factor"),
                originalPositions: try scaling.integer("original_max_position_embeddings"))
        case "yarn":
            factor = try scaling.requiredNumber("factor")
            self.scaling = try RopePlan.yarn(scaling, factor: factor, theta: theta, values)
        case let other:
            throw .unsupported(
                file: values.file, what: "rope scaling of type \"\(other)\"",
                supported: "default, linear, dynamic, yarn, llama3")
        }
        guard factor > 0, factor.isFinite else { throw .badConfiguration("the rope scaling factor is \(factor)") }
    }

    private static func yarn(
        _ scaling: ConfigurationValues, factor: Double, theta: Double, _ values: ConfigurationValues
    ) throws(LanguageModelError) -> RopeScaling {
        let whole = try values.requiredNumber("max_position_embeddings")
        let positions = scaling.number("original_max_position_embeddings") ?? whole
        let width = try values.headDimension()
        // The dimension that turns so often within the original context.
        func dimension(turns: Double) -> Double {
            Double(width) * log(positions / (turns * 2 * .pi)) / (2 * log(theta))
        }
        func given(_ key: String) -> Double? { scaling.number(key).flatMap { $0 == 0 ? nil : $0 } }
        var (low, high) = (dimension(turns: given("beta_fast") ?? 32), dimension(turns: given("beta_slow") ?? 1))
        if scaling.flag("truncate") ?? true { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        (low, high) = (max(low, 0), min(high, Double(width - 1)))
        guard low <= high else { throw .badConfiguration("the ramp of YaRN goes from \(low) to \(high)") }
        func attention(_ scale: Double) -> Double { factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1 }
        var attentionFactor = attention(1)
        if let all = given("mscale_all_dim"), let scale = given("mscale") {
            attentionFactor = attention(scale) / attention(all)
        }
        return .yarn(
            factor: factor, ramp: low...(low == high ? high + 0.001 : high),
            attentionFactor: scaling.number("attention_factor") ?? attentionFactor)
    }
}

// MARK: - Frequencies and angles

struct RotaryEmbedding {
    private let inverseFrequencies_h: Tensor
    private var attentionFactor = 1.0

    init(_ plan: RopePlan, headDimension: Int, device: Device) throws(TorchError) {
        let frequencies = RotaryEmbedding.inverseFrequencies(plan, headDimension: headDimension)
        inverseFrequencies_h = try Tensor(frequencies, device: device)
        if case .yarn(_, _, let factor) = plan.scaling { attentionFactor = factor }
    }

    /// The D/2 frequencies, after scaling.
    static func inverseFrequencies(_ plan: RopePlan, headDimension: Int) -> [Float] {
        let plain = (0..<headDimension / 2).map { index in
            1 / pow(Float(plan.theta), Float(2 * index) / Float(headDimension))
        }
        switch plan.scaling {
        case .none: return plain
        case .linear(let factor): return plain.map { $0 / Float(factor) }
        case .divisors(let divisors): return zip(plain, divisors).map { $0 / $1 }
        case .llama3(let factor, let low, let high, let original):
            return plain.map { llama3($0, factor: factor, low: low, high: high, original: Double(original)) }
        case .yarn(let factor, let ramp, _):
            return plain.enumerated().map { index, frequency in
                let along = (Double(index) - ramp.lowerBound) / (ramp.upperBound - ramp.lowerBound)
                let stretched = min(max(along, 0), 1)
                return Float(Double(frequency) / factor * stretched + Double(frequency) * (1 - stretched))
            }
        }
    }

    /// Llama 3.1's stretching of one frequency: by wavelength against the original context length.
    private static func llama3(
        _ frequency: Float, factor: Double, low: Double, high: Double, original: Double
    ) -> Float {
        let wavelength = 2 * Double.pi / Double(frequency)
        if wavelength < original / high { return frequency }
        if wavelength > original / low { return Float(Double(frequency) / factor) }
        let smooth = (original / wavelength - low) / (high - low)
        return Float((1 - smooth) * Double(frequency) / factor + smooth * Double(frequency))
    }

    /// Cosines and sines for some tokens, made once a forward pass.
    func angles(at positions_N: Tensor) throws(TorchError) -> RotaryAngles {
        let angles_Nh = try positions_N.to(.float32).reshaped([-1, 1]) * inverseFrequencies_h
        let (cosine_Nh, sine_Nh) = try (angles_Nh.cos(), angles_Nh.sin())
        guard attentionFactor != 1 else { return RotaryAngles(cosine_Nh: cosine_Nh, sine_Nh: sine_Nh) }
        return RotaryAngles(cosine_Nh: try cosine_Nh * attentionFactor, sine_Nh: try sine_Nh * attentionFactor)
    }
}

/// Cosines and sines of the tokens of one forward pass, float32.
public struct RotaryAngles {
    let cosine_Nh: Tensor
    let sine_Nh: Tensor

    /// Rotates queries or keys by their tokens' positions.
    func rotate(_ x_NHD: Tensor) throws(TorchError) -> Tensor {
        try x_NHD.rotated(cosine: cosine_Nh, sine: sine_Nh)
    }
}
