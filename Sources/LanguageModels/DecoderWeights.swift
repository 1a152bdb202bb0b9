// A decoder's weights, put together from tensors that are asked for by their part. Knows shapes, not files or their names.

import Lineage
import Torch

/// The weights of one layer, in the compute type.
struct DecoderLayer {
    let plan: LayerPlan
    let inputNorm_d: Tensor
    let q, k, v, o: ProjectionWeight
    /// Per-head norms of q and k.
    let queryNorm_D, keyNorm_D: Tensor?
    let attentionOutputNorm_d: Tensor?
    let feedForwardNorm_d: Tensor
    let gate, up, down: ProjectionWeight
    let feedForwardOutputNorm_d: Tensor?
}

/// A linear map that can carry an adapter.
struct ProjectionWeight {
    let projection: Projection
    let weight_OI: Tensor
    let bias_O: Tensor?
}

extension Decoder {
    /// Assembles a model.
    /// - Parameters:
    ///   - device: where the weights go.
    ///   - load: a tensor, which must have the given shape, in `dtype` on `device`.
    init(
        _ configuration: DecoderConfiguration, dtype: DType, device: Device,
        load: (TensorAddress, _ shape: [Int]) throws -> Tensor
    ) throws {
        self.configuration = configuration
        self.dtype = dtype
        self.device = device
        let table = [configuration.vocabularySize, configuration.hiddenSize]
        embedding_Vd = try load(TensorAddress(weight: .embedding), table)
        let scale = configuration.embeddingScale
        embeddingScale_1 = scale == 1 ? nil : try Tensor.full([1], scale, dtype: dtype, device: device)
        layers = try configuration.layers.enumerated().map { layer, plan in
            try DecoderLayer(plan, configuration, layer, load)
        }
        norm_d = try load(TensorAddress(weight: .finalNorm), [configuration.hiddenSize])
        head_Vd =
            configuration.tiesWordEmbeddings
            ? embedding_Vd : try load(TensorAddress(weight: .projection(.head)), table)
        rotary = try ByLayer(configuration.layers, by: \.rope) { plan throws(TorchError) in
            try RotaryEmbedding(plan, headDimension: configuration.headDimension, device: device)
        }
    }
}

extension DecoderLayer {
    fileprivate init(
        _ plan: LayerPlan, _ configuration: DecoderConfiguration, _ layer: Int,
        _ load: (TensorAddress, _ shape: [Int]) throws -> Tensor
    ) throws {
        func norm(_ weight: DecoderWeight, _ width: Int) throws -> Tensor {
            try load(TensorAddress(weight: weight, layer: layer), [width])
        }
        func projection(_ projection: Projection) throws -> ProjectionWeight {
            let (inputs, outputs) = configuration.dimensions(of: projection)
            var address = TensorAddress(weight: .projection(projection), layer: layer)
            let weight_OI = try load(address, [outputs, inputs])
            address.isBias = true
            let bias_O = plan.biases.contains(projection) ? try load(address, [outputs]) : nil
            return ProjectionWeight(projection: projection, weight_OI: weight_OI, bias_O: bias_O)
        }
        let (width, perHead) = (configuration.hiddenSize, configuration.headDimension)
        self.init(
            plan: plan,
            inputNorm_d: try norm(.inputNorm, width),
            q: try projection(.q), k: try projection(.k), v: try projection(.v), o: try projection(.o),
            queryNorm_D: plan.normalizesHeads ? try norm(.queryNorm, perHead) : nil,
            keyNorm_D: plan.normalizesHeads ? try norm(.keyNorm, perHead) : nil,
            attentionOutputNorm_d: plan.normalizesOutputs ? try norm(.attentionOutputNorm, width) : nil,
            feedForwardNorm_d: try norm(.feedForwardNorm, width),
            gate: try projection(.gate), up: try projection(.up), down: try projection(.down),
            feedForwardOutputNorm_d: plan.normalizesOutputs ? try norm(.feedForwardOutputNorm, width) : nil)
    }
}
