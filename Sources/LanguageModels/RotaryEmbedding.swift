// Rotary position embedding (Su et al., 2021) in the half-split layout of Hugging Face checkpoints: element i of a head
// is rotated with element i + D/2. Knows positions and heads, not tokens.
//
// Shape suffixes: N tokens, H heads, D width of a head, h = D / 2.

import Foundation
import Torch

/// The rotation's frequencies.
struct RotaryEmbedding {
    private let inverseFrequencies_h: Tensor
    private let dtype: DType

    /// - Parameter dtype: the type of the cosines and sines; angles are always computed in float32.
    init(_ configuration: DecoderConfiguration, dtype: DType, device: Device) throws(TorchError) {
        inverseFrequencies_h = try Tensor(RotaryEmbedding.inverseFrequencies(configuration), device: device)
        self.dtype = dtype
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
        let angles_Nh = try positions_N.to(.float32).reshaped([-1, 1, 1]) * inverseFrequencies_h
        let cosine = try angles_Nh.cos()
        let sine = try angles_Nh.sin()
        return RotaryAngles(
            cosine_N1D: try Tensor.concatenate([cosine, cosine], dim: 2).to(dtype),
            // The first half is rotated by -sin, the second by +sin; the sign lives here.
            sine_N1D: try Tensor.concatenate([-sine, sine], dim: 2).to(dtype))
    }
}

/// Cosines and signed sines of the tokens of one forward pass.
struct RotaryAngles {
    let cosine_N1D: Tensor
    let sine_N1D: Tensor

    /// Rotates queries or keys by their tokens' positions.
    func rotate(_ x_NHD: Tensor) throws(TorchError) -> Tensor {
        let half = x_NHD.shape[2] / 2
        let swapped_NHD = try Tensor.concatenate(
            [x_NHD.narrow(2, start: half, length: half), x_NHD.narrow(2, start: 0, length: half)], dim: 2)
        return try x_NHD * cosine_N1D + swapped_NHD * sine_N1D
    }
}
