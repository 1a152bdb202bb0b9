// BERT and the encoders of its shape (MiniLM, BGE, E5, GTE): post-norm layers of attention in both directions and a GELU MLP,
// with a table of positions. It turns tokens into states, not into text.
//
// Follows modeling_bert.py of transformers. Checkpoint keys, after "bert." in files that hold a head too, layer i:
//   embeddings.{word,position,token_type}_embeddings.weight, embeddings.LayerNorm.{weight,bias}
//   encoder.layer.i.attention.self.{query,key,value}.{weight,bias}
//   encoder.layer.i.attention.output.dense.{weight,bias}, encoder.layer.i.attention.output.LayerNorm.{weight,bias}
//   encoder.layer.i.intermediate.dense.{weight,bias}
//   encoder.layer.i.output.dense.{weight,bias}, encoder.layer.i.output.LayerNorm.{weight,bias}
//
// Shape suffixes: B texts, L the longest in tokens, d width, H heads, D width of a head.

import Foundation
import ModelFiles
import Torch

/// A BERT encoder's weights and its forward pass, in float32. Not Sendable: it stays on the thread that runs it.
public struct BERTEncoder {
    /// Names the weights by their content, whatever the path.
    public let fingerprint: String
    /// Width of the states, d.
    public let hiddenSize: Int
    /// The longest text, in tokens.
    public let maximumPositions: Int
    /// Rows of the table of tokens.
    public let vocabularySize: Int

    private let device: Device
    private let headCount: Int
    private let epsilon: Double
    private let wordEmbedding_Vd: Tensor
    private let positionEmbedding_Pd: Tensor
    private let tokenType_1d: Tensor
    private let embeddingNorm: Parameters
    private let layers: [Layer]

    /// What a linear map and a norm have alike.
    private struct Parameters {
        let weight: Tensor
        let bias: Tensor
    }

    private struct Layer {
        let query, key, value, attentionOutput: Parameters
        let attentionNorm: Parameters
        let intermediate, output: Parameters
        let outputNorm: Parameters
    }

    /// Loads config.json and safetensors from a Hugging Face folder.
    public init(directory: String, device: Device = .cpu) throws {
        try Library.prepare(device)
        let values = try ConfigurationValues(configJSON: "\(directory)/config.json")
        try BERTEncoder.refuseVariants(values)
        let hidden = try values.integer("hidden_size")
        let heads = try values.integer("num_attention_heads")
        guard hidden > 0, heads > 0, hidden.isMultiple(of: heads) else {
            throw LanguageModelError.badConfiguration("\(heads) heads cannot share a width of \(hidden) evenly")
        }
        let layerCount = try values.integer("num_hidden_layers")
        guard (1...1024).contains(layerCount) else {
            throw LanguageModelError.badConfiguration("the number of layers is \(layerCount)")
        }
        self.device = device
        hiddenSize = hidden
        headCount = heads
        epsilon = try values.requiredNumber("layer_norm_eps")
        maximumPositions = try values.integer("max_position_embeddings")
        vocabularySize = try values.integer("vocab_size")
        let checkpoint = Checkpoint(
            files: try SafetensorsDirectory(path: directory), device: device, hidden: hidden,
            intermediate: try values.integer("intermediate_size"))
        fingerprint = try checkpoint.files.fingerprint()
        wordEmbedding_Vd = try checkpoint.tensor("embeddings.word_embeddings.weight", [vocabularySize, hidden])
        positionEmbedding_Pd = try checkpoint.tensor(
            "embeddings.position_embeddings.weight", [maximumPositions, hidden])
        // All of a text is of the first type; the second is that of a second text, of which there is none.
        let types = [try values.integer("type_vocab_size"), hidden]
        tokenType_1d = try checkpoint.tensor("embeddings.token_type_embeddings.weight", types)
            .narrow(0, start: 0, length: 1)
        embeddingNorm = try checkpoint.norm("embeddings.LayerNorm")
        layers = try (0..<layerCount).map(checkpoint.layer)
    }

    /// Tensors by their keys.
    private struct Checkpoint {
        let files: SafetensorsDirectory
        let device: Device
        let hidden: Int
        let intermediate: Int

        func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
            let name = files.entries["bert.\(name)"] == nil ? name : "bert.\(name)"
            if let found = files.entries[name]?.shape, found != shape {
                throw LanguageModelError.wrongShape(file: files.path, name: name, expected: shape, found: found)
            }
            let tensor = try files.tensor(name).to(.float32, device: device)
            guard try tensor.isFinite() else {
                throw LanguageModelError.notFinite(file: try files.file(of: name).path, name: name)
            }
            return tensor
        }

        func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Parameters {
            Parameters(
                weight: try tensor("\(name).weight", [outputs, inputs]), bias: try tensor("\(name).bias", [outputs]))
        }

        func norm(_ name: String) throws -> Parameters {
            Parameters(weight: try tensor("\(name).weight", [hidden]), bias: try tensor("\(name).bias", [hidden]))
        }

        func layer(_ index: Int) throws -> Layer {
            let path = "encoder.layer.\(index)"
            return Layer(
                query: try linear("\(path).attention.self.query", hidden, hidden),
                key: try linear("\(path).attention.self.key", hidden, hidden),
                value: try linear("\(path).attention.self.value", hidden, hidden),
                attentionOutput: try linear("\(path).attention.output.dense", hidden, hidden),
                attentionNorm: try norm("\(path).attention.output.LayerNorm"),
                intermediate: try linear("\(path).intermediate.dense", hidden, intermediate),
                output: try linear("\(path).output.dense", intermediate, hidden),
                outputNorm: try norm("\(path).output.LayerNorm"))
        }
    }

    private static func refuseVariants(_ values: ConfigurationValues) throws(LanguageModelError) {
        func expect(_ key: String, _ expected: String, default fallback: String) throws(LanguageModelError) {
            let found = values.text(key) ?? fallback
            guard found == expected else {
                throw .unsupported(file: values.file, what: "\(key) = \"\(found)\"", supported: expected)
            }
        }
        try expect("model_type", "bert", default: "missing")
        try expect("hidden_act", "gelu", default: "gelu")
        try expect("position_embedding_type", "absolute", default: "absolute")
    }

    /// The last layer's states of texts given as token ids, each no longer than `maximumPositions`: [B, L, d], of which what
    /// stands behind a text's end means nothing.
    public func hiddenStates(_ texts: [[Int]]) throws(TorchError) -> Tensor {
        let longest = texts.map(\.count).max() ?? 0
        let padded = texts.flatMap { $0 + Array(repeating: 0, count: longest - $0.count) }
        let ids_BL = try Tensor(padded, shape: [texts.count, longest], device: device)
        let isToken = texts.flatMap { text in (0..<longest).map { $0 < text.count } }
        let mask_B11L = try Tensor(isToken, shape: [texts.count, 1, 1, longest], device: device)
        let positions_Ld = try positionEmbedding_Pd.narrow(0, start: 0, length: longest)
        let embedded_BLd = try wordEmbedding_Vd.embedding(ids_BL) + positions_Ld + tokenType_1d
        var x_BLd = try normed(embedded_BLd, embeddingNorm)
        for layer in layers {
            let attended_BLd = try attention(x_BLd, layer, mask_B11L)
            x_BLd = try normed(apply(layer.attentionOutput, attended_BLd) + x_BLd, layer.attentionNorm)
            let inner = try apply(layer.intermediate, x_BLd).gelu()
            x_BLd = try normed(apply(layer.output, inner) + x_BLd, layer.outputNorm)
        }
        return x_BLd
    }

    private func attention(_ x_BLd: Tensor, _ layer: Layer, _ mask_B11L: Tensor) throws(TorchError) -> Tensor {
        let shape = x_BLd.shape
        let width = hiddenSize / headCount
        func heads(_ map: Parameters) throws(TorchError) -> Tensor {
            try apply(map, x_BLd).reshaped([shape[0], shape[1], headCount, width]).transposed(1, 2)
        }
        let out_BHLD = try Tensor.attention(
            heads(layer.query), heads(layer.key), heads(layer.value), mask: mask_B11L,
            scale: 1 / Double(width).squareRoot())
        return try out_BHLD.transposed(1, 2).reshaped(shape)
    }

    private func apply(_ map: Parameters, _ x: Tensor) throws(TorchError) -> Tensor {
        try x.linear(map.weight, bias: map.bias)
    }

    private func normed(_ x: Tensor, _ norm: Parameters) throws(TorchError) -> Tensor {
        try x.layerNorm(norm.weight, bias: norm.bias, epsilon: epsilon)
    }
}
