// Puts a decoder together from named tensors, under the names that Hugging Face checkpoints give them. Knows names and
// shapes, not files.

import Lineage
import Torch

extension Decoder {
    /// Assembles a model.
    /// - Parameters:
    ///   - device: where the weights go.
    ///   - load: the tensor of a Hugging Face name, which must have the given shape, in `dtype` on `device`.
    init(
        _ configuration: DecoderConfiguration, dtype: DType, device: Device,
        load: (_ name: String, _ shape: [Int]) throws -> Tensor
    ) throws {
        self.configuration = configuration
        self.dtype = dtype
        self.device = device
        let width = configuration.hiddenSize
        let vocabulary = configuration.vocabularySize
        embedding_Vd = try load("model.embed_tokens.weight", [vocabulary, width])
        layers = try (0..<configuration.layerCount).map { layer in
            try DecoderLayer(configuration, layer: layer, load: load)
        }
        norm_d = try load("model.norm.weight", [width])
        head_Vd = configuration.tiesWordEmbeddings ? embedding_Vd : try load("lm_head.weight", [vocabulary, width])
        rotary = try RotaryEmbedding(configuration, device: device)
    }
}

extension DecoderLayer {
    init(
        _ configuration: DecoderConfiguration, layer: Int, load: (_ name: String, _ shape: [Int]) throws -> Tensor
    ) throws {
        let path = "model.layers.\(layer)"
        var projections: [Projection: Tensor] = [:]
        var biases: [Projection: Tensor] = [:]
        for projection in Projection.ofLayer {
            let (inputs, outputs) = configuration.dimensions(of: projection)
            let module = projection.path(layer: layer)
            projections[projection] = try load("\(module).weight", [outputs, inputs])
            if configuration.hasQKVBias, [.q, .k, .v].contains(projection) {
                biases[projection] = try load("\(module).bias", [outputs])
            }
        }
        self.projections = projections
        self.biases = biases
        inputNorm_d = try load("\(path).input_layernorm.weight", [configuration.hiddenSize])
        postAttentionNorm_d = try load("\(path).post_attention_layernorm.weight", [configuration.hiddenSize])
        let perHead = [configuration.headDimension]
        queryNorm_D = configuration.hasQKNorm ? try load("\(path).self_attn.q_norm.weight", perHead) : nil
        keyNorm_D = configuration.hasQKNorm ? try load("\(path).self_attn.k_norm.weight", perHead) : nil
    }
}
