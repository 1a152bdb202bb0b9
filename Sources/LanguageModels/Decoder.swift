// The decoder-only transformer that Llama, Mistral, Qwen2 and Qwen3 share: pre-norm layers of grouped-query attention
// with rotary positions, and gated MLPs. Tokens stand packed, one after the other, so that no product is spent on
// padding; which token attends to which is the attention layout's business.
//
// Follows modeling_llama.py, modeling_mistral.py, modeling_qwen2.py and modeling_qwen3.py of transformers.
//
// Shape suffixes: N tokens, d width, H query heads, K key/value heads, D width of a head, V vocabulary, M chosen tokens.

import Lineage
import Torch

/// Where the queries of one forward pass find their keys and values.
public protocol AttentionLayout {
    /// Attention of every token's queries over the keys and values it may see: q [N, H, D], k and v [N, K, D] of the pass's
    /// own tokens, not yet rotated by their angles, to [N, H, D].
    func attend(
        layer: Int, q_NHD: Tensor, k_NKD: Tensor, v_NKD: Tensor, angles: RotaryAngles, scale: Double
    ) throws(TorchError) -> Tensor
}

extension DType {
    /// The type to attend in where activations have this one: libtorch's attention on CPUs multiplies bfloat16 through an
    /// emulation that is slower than plain float32.
    func forAttention(on device: Device) -> DType { device == .cpu && self == .bfloat16 ? .float32 : self }
}

/// The weights of one layer, in the compute type.
struct DecoderLayer {
    let inputNorm_d: Tensor
    let projections: [Projection: Tensor]
    let biases: [Projection: Tensor]
    /// Per-head norms of q and k; nil but for Qwen3.
    let queryNorm_D: Tensor?
    let keyNorm_D: Tensor?
    let postAttentionNorm_d: Tensor
}

/// A model's weights and its forward pass. Not Sendable: it stays on the thread that runs it.
public struct Decoder {
    /// The shape.
    public let configuration: DecoderConfiguration
    /// The type that weights and activations have.
    public let dtype: DType
    /// Where the weights are.
    public let device: Device

    let embedding_Vd: Tensor
    let layers: [DecoderLayer]
    let norm_d: Tensor
    /// The output head [V, d]; the embedding itself where the two are tied.
    public let head_Vd: Tensor
    let rotary: RotaryEmbedding

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
        let angles = try rotary.angles(at: positions_N)
        var x_Nd = try embedding_Vd.embedding(ids_N)
        for index in layers.indices { x_Nd = try layer(index, x_Nd, angles, attention, adapter) }
        return try normed(x_Nd)
    }

    /// The final norm.
    func normed(_ x_Nd: Tensor) throws(TorchError) -> Tensor {
        try x_Nd.rmsNorm(norm_d, epsilon: configuration.rmsNormEpsilon)
    }

    /// One layer: [N, d] to [N, d].
    func layer(
        _ index: Int, _ x_Nd: Tensor, _ angles: RotaryAngles, _ attention: some AttentionLayout, _ adapter: LoRAAdapter?
    ) throws(TorchError) -> Tensor {
        let pairs = adapter?.layer(index) ?? [:]
        let attended_Nd = try attend(layers[index], index, x_Nd, angles, attention, pairs)
        return try feedForward(layers[index], attended_Nd, pairs)
    }

    /// Logits of hidden states [M, d], as [M, V] in the compute type.
    public func logits(_ hidden_Md: Tensor, adapter: LoRAAdapter? = nil) throws(TorchError) -> Tensor {
        let map = map(weight: head_Vd, pair: adapter?.head)
        return try hidden_Md.linear([map], scale: adapter?.configuration.scale ?? 1)[0]
    }

    /// x and its attention.
    private func attend(
        _ layer: DecoderLayer, _ index: Int, _ x_Nd: Tensor, _ angles: RotaryAngles,
        _ attention: some AttentionLayout, _ pairs: [Projection: LoRAPair]
    ) throws(TorchError) -> Tensor {
        let normed_Nd = try x_Nd.rmsNorm(layer.inputNorm_d, epsilon: configuration.rmsNormEpsilon)
        let heads = [-1, configuration.headCount, configuration.headDimension]
        let keyHeads = [-1, configuration.keyValueHeadCount, configuration.headDimension]
        let qkv = try project([.q, .k, .v], layer, normed_Nd, pairs)
        var (q_NHD, k_NKD, v_NKD) = try (qkv[0].reshaped(heads), qkv[1].reshaped(keyHeads), qkv[2].reshaped(keyHeads))
        if let queryNorm = layer.queryNorm_D, let keyNorm = layer.keyNorm_D {
            q_NHD = try q_NHD.rmsNorm(queryNorm, epsilon: configuration.rmsNormEpsilon)
            k_NKD = try k_NKD.rmsNorm(keyNorm, epsilon: configuration.rmsNormEpsilon)
        }
        let out_NHD = try attention.attend(
            layer: index, q_NHD: q_NHD, k_NKD: k_NKD, v_NKD: v_NKD, angles: angles,
            scale: 1 / Double(configuration.headDimension).squareRoot())
        let flat = try out_NHD.reshaped([-1, configuration.headCount * configuration.headDimension])
        return try project([.o], layer, flat, pairs, residual: x_Nd)[0]
    }

    /// x and its feed-forward layer.
    private func feedForward(
        _ layer: DecoderLayer, _ x_Nd: Tensor, _ pairs: [Projection: LoRAPair]
    ) throws(TorchError) -> Tensor {
        let normed_Nd = try x_Nd.rmsNorm(layer.postAttentionNorm_d, epsilon: configuration.rmsNormEpsilon)
        let gateUp = try project([.gate, .up], layer, normed_Nd, pairs)
        return try project([.down], layer, gateUp[0].gated(gateUp[1]), pairs, residual: x_Nd)[0]
    }

    /// What projections make of their common input, each with its adapter.
    private func project(
        _ projections: [Projection], _ layer: DecoderLayer, _ x: Tensor, _ pairs: [Projection: LoRAPair],
        residual: Tensor? = nil
    ) throws(TorchError) -> [Tensor] {
        let maps = projections.map { projection in
            guard let weight = layer.projections[projection] else {
                preconditionFailure("a layer without \(projection.rawValue)")
            }
            return map(weight: weight, bias: layer.biases[projection], pair: pairs[projection])
        }
        return try x.linear(maps, residual: residual, scale: pairs.values.first?.scale ?? 1)
    }

    private func map(weight: Tensor, bias: Tensor? = nil, pair: LoRAPair?) -> LinearMap {
        LinearMap(weight: weight, bias: bias, factors: pair.map { (a: $0.a_RI, b: $0.b_OR) })
    }
}
