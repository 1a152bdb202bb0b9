// The decoder-only transformer that all families share: pre-norm layers of grouped-query attention with rotary positions, and
// gated feed-forward layers, each as its plan says. Tokens stand packed, one after the other, so that no product is spent on
// padding; which token attends to which is the attention layout's business.
//
// Follows the modeling files of transformers that the families' files name.
//
// Shape suffixes: N tokens, d width, H query heads, K key/value heads, D width of a head, V vocabulary, M chosen tokens.

import Lineage
import Torch

/// Where the queries of one forward pass find their keys and values.
public protocol AttentionLayout {
    /// Attention of every token's queries over the keys and values it may see: q [N, H, D], k and v [N, K, D] of the pass's
    /// own tokens, not yet rotated by the layer's angles, to [N, H, D].
    func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, angles: RotaryAngles, scale: Double
    ) throws(TorchError) -> Tensor
}

extension DType {
    /// The type to attend in where activations have this one: libtorch's attention on CPUs multiplies bfloat16 through an
    /// emulation that is slower than plain float32.
    func forAttention(on device: Device) -> DType { device == .cpu && self == .bfloat16 ? .float32 : self }
}

/// A model's weights and its forward pass. Not Sendable: it stays on the thread that runs it.
public struct Decoder {
    /// Its shape, and what its layers compute.
    public let configuration: DecoderConfiguration
    /// The type that weights and activations have.
    public let dtype: DType
    /// Where the weights are.
    public let device: Device

    let embedding_Vd: Tensor
    /// What embeddings are multiplied by, rounded to the compute type as transformers does; nil for 1.
    let embeddingScale_1: Tensor?
    let layers: [DecoderLayer]
    let norm_d: Tensor
    /// The output head [V, d]; the embedding itself where the two are tied.
    public let head_Vd: Tensor
    let rotary: ByLayer<RotaryEmbedding>

    /// Hidden states after the final norm, those that the head turns into logits.
    /// - Parameters:
    ///   - ids_N: token ids, int64.
    ///   - positions_N: each token's position in its own sequence, int64.
    ///   - attention: who sees whom.
    ///   - adapter: added to the base weights; nil computes the base model.
    /// - Returns: [N, d].
    public func hiddenStates(
        _ ids_N: Tensor, positions_N: Tensor, attention: some AttentionLayout, adapter: LoRAAdapter? = nil
    ) throws(TorchError) -> Tensor {
        let angles = try angles(at: positions_N)
        var x_Nd = try embedded(ids_N)
        for index in layers.indices { x_Nd = try layer(index, x_Nd, angles, attention, adapter) }
        return try normed(x_Nd)
    }

    /// What each layer rotates queries and keys by.
    func angles(at positions_N: Tensor) throws(TorchError) -> ByLayer<RotaryAngles> {
        try rotary.map { rotary throws(TorchError) in try rotary.angles(at: positions_N) }
    }

    /// The first layer's input, [N, d].
    func embedded(_ ids_N: Tensor) throws(TorchError) -> Tensor {
        let x_Nd = try embedding_Vd.embedding(ids_N)
        return if let embeddingScale_1 { try x_Nd * embeddingScale_1 } else { x_Nd }
    }

    func normed(_ x_Nd: Tensor) throws(TorchError) -> Tensor {
        try x_Nd.rmsNorm(norm_d, epsilon: configuration.rmsNormEpsilon)
    }

    /// One layer: [N, d] to [N, d].
    func layer(
        _ index: Int, _ x_Nd: Tensor, _ angles: ByLayer<RotaryAngles>, _ attention: some AttentionLayout,
        _ adapter: LoRAAdapter?
    ) throws(TorchError) -> Tensor {
        let pairs = adapter?.layer(index) ?? [:]
        let attended_Nd = try attend(index, x_Nd, angles[index], attention, pairs)
        return try feedForward(layers[index], attended_Nd, pairs)
    }

    /// Logits of hidden states [M, d], as [M, V] in the compute type.
    public func logits(_ hidden_Md: Tensor, adapter: LoRAAdapter? = nil) throws(TorchError) -> Tensor {
        let head = ProjectionWeight(projection: .head, weight_OI: head_Vd, bias_O: nil)
        return try project([head], hidden_Md, adapter?.head.map { [.head: $0] } ?? [:])[0]
    }

    /// x and its attention.
    private func attend(
        _ index: Int, _ x_Nd: Tensor, _ angles: RotaryAngles, _ attention: some AttentionLayout,
        _ pairs: [Projection: LoRAPair]
    ) throws(TorchError) -> Tensor {
        let layer = layers[index]
        let epsilon = configuration.rmsNormEpsilon
        let normed_Nd = try x_Nd.rmsNorm(layer.inputNorm_d, epsilon: epsilon)
        let heads = [-1, configuration.headCount, configuration.headDimension]
        let keyHeads = [-1, configuration.keyValueHeadCount, configuration.headDimension]
        let qkv = try project([layer.q, layer.k, layer.v], normed_Nd, pairs)
        var (q_NHD, k_NKD, v_NKD) = try (qkv[0].reshaped(heads), qkv[1].reshaped(keyHeads), qkv[2].reshaped(keyHeads))
        if let queryNorm = layer.queryNorm_D, let keyNorm = layer.keyNorm_D {
            q_NHD = try q_NHD.rmsNorm(queryNorm, epsilon: epsilon)
            k_NKD = try k_NKD.rmsNorm(keyNorm, epsilon: epsilon)
        }
        let out_NHD = try attention.attend(
            layer: index, q_NHD: q_NHD, k_NKD: k_NKD, v_NKD: v_NKD, angles: angles, scale: layer.plan.attentionScale)
        let flat = try out_NHD.reshaped([-1, configuration.headCount * configuration.headDimension])
        return try add(layer.o, of: flat, to: x_Nd, norm: layer.attentionOutputNorm_d, pairs)
    }

    /// x and its feed-forward layer.
    private func feedForward(
        _ layer: DecoderLayer, _ x_Nd: Tensor, _ pairs: [Projection: LoRAPair]
    ) throws(TorchError) -> Tensor {
        let normed_Nd = try x_Nd.rmsNorm(layer.feedForwardNorm_d, epsilon: configuration.rmsNormEpsilon)
        let gateUp = try project([layer.gate, layer.up], normed_Nd, pairs)
        let gated = try gateUp[0].gated(gateUp[1], by: layer.plan.activation)
        return try add(layer.down, of: gated, to: x_Nd, norm: layer.feedForwardOutputNorm_d, pairs)
    }

    /// x and a branch's output, which is normalised first where there is a norm for it.
    private func add(
        _ weight: ProjectionWeight, of branch: Tensor, to x_Nd: Tensor, norm: Tensor?, _ pairs: [Projection: LoRAPair]
    ) throws(TorchError) -> Tensor {
        guard let norm else { return try project([weight], branch, pairs, residual: x_Nd)[0] }
        return try x_Nd + project([weight], branch, pairs)[0].rmsNorm(norm, epsilon: configuration.rmsNormEpsilon)
    }

    /// What projections make of their common input, each with its adapter.
    private func project(
        _ weights: [ProjectionWeight], _ x: Tensor, _ pairs: [Projection: LoRAPair], residual: Tensor? = nil
    ) throws(TorchError) -> [Tensor] {
        let maps = weights.map { weight in
            LinearMap(
                weight: weight.weight_OI, bias: weight.bias_O,
                factors: pairs[weight.projection].map { (a: $0.a_RI, b: $0.b_OR) })
        }
        return try x.linear(maps, residual: residual, scale: pairs.values.first?.scale ?? 1)
    }
}
