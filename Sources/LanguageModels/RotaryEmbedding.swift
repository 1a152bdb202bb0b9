// Rotary position embedding (Su et al., 2021) in the half-split layout of Hugging Face checkpoints: element i of a head
// is rotated with element i + D/2. Knows positions and heads, not tokens.
//
// Shape suffixes: N tokens, H heads, D width of a head, h = D / 2.

import Foundation
import Torch

/// The rotation's frequencies.
struct RotaryEmbedding {
    private let inverseFrequencies_h: Tensor

    init(_ configuration: DecoderConfiguration, device: Device) throws(TorchError) {
        inverseFrequencies_h = try Tensor(RotaryEmbedding.inverseFrequencies(configuration), device: device)
    }

    /// The D/2 frequencies, after scaling.
    static func inverseFrequencies(_ configuration: DecoderConfiguration) -> [Float] {
        let half = configuration.headDimension / 2
        let plain = (0..<half).map { index in
            1 / pow(Float(configuration.ropeTheta), Float(2 * index) / Float(configuration.headDimension))
        }
        switch configuration.ropeScaling {
        case .none: return plain
        case .linear(let factor): return plain.map { $0 / Float(factor) }
        case .divisors(let divisors): return zip(plain, divisors).map { $0 / $1 }
        case .llama3(let factor, let low, let high, let original):
            return plain.map { llama3($0, factor: factor, low: low, high: high, original: Double(original)) }
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
        return RotaryAngles(cosine_Nh: try angles_Nh.cos(), sine_Nh: try angles_Nh.sin())
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
