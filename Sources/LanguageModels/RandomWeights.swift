// A decoder of a known shape without its weights, for measuring time and memory: neither depends on what the weights are.

import Torch

extension Decoder {
    /// A decoder of the shape in a config.json, with random weights of transformers' first size. Maps of the same shape have
    /// the same numbers, for drawing all of a large model's anew would take minutes.
    /// - Parameters:
    ///   - configJSON: the file.
    ///   - dtype: type of weights and activations.
    ///   - device: where they are.
    ///   - seed: everything random follows from it.
    public init(randomWeightsFor configJSON: String, dtype: DType, device: Device, seed: UInt64) throws {
        try Library.prepare(device)
        let configuration = try DecoderConfiguration(configJSON: configJSON)
        let standardDeviation = 0.02
        var drawn: [[Int]: Tensor] = [:]
        try self.init(configuration, dtype: dtype, device: device) { address, shape in
            if address.weight.isNorm { return try Tensor.full(shape, 1, dtype: dtype, device: device) }
            if let same = drawn[shape] { return try same.clone() }
            let weight = try Tensor.randn(shape, seed: seed, dtype: dtype, device: device)
            try weight.scaleInPlace(standardDeviation)
            drawn[shape] = weight
            return weight
        }
    }
}
