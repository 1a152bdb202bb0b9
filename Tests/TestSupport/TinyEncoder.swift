// A sentence encoder small enough for a test: BERT's architecture with numbers by a formula, a token a letter and a few words.
// Written as a sentence-transformers folder, so that what reads real encoders reads this one.

import Foundation
import ModelFiles

/// Writes a tiny encoder.
public enum TinyEncoder {
    /// Numbers of a vector.
    public static let hiddenSize = 8
    /// The longest text in tokens, those that begin and end it included.
    public static let maximumTokens = 24
    /// Token texts, each at its id.
    public static let vocabulary: [String] = {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##\($0)" }
            + ["kettle", "##ing", "sing", "hill", ".", ",", "東"]
    }()
    private static let intermediate = 12
    private static let layers = 2
    private static let heads = 2
    private static let positions = 32

    /// Writes config.json, tokenizer.json, model.safetensors and what sentence-transformers adds.
    /// - Parameters:
    ///   - directory: the folder.
    ///   - shift: added to the numbers of every tensor's place: another one gives other weights.
    public static func write(to directory: URL, shift: Int = 0) throws {
        let pooling = directory.appending(path: "1_Pooling")
        try FileManager.default.createDirectory(at: pooling, withIntermediateDirectories: true)
        func json(_ name: String, _ value: Any) throws {
            try JSONSerialization.data(withJSONObject: value).write(to: directory.appending(path: name))
        }
        try json("config.json", configuration)
        try json("tokenizer.json", tokenizer)
        try json("sentence_bert_config.json", ["max_seq_length": maximumTokens, "do_lower_case": false])
        let modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
        try json("modules.json", modules.map { ["path": $0.0, "type": "sentence_transformers.models.\($0.1)"] })
        try json("1_Pooling/config.json", ["pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false])
        let tensors = shapes.sorted { $0.0 < $1.0 }.enumerated().map { place, tensor in
            let values = values(count: tensor.1.reduce(1, *), place: place + shift, name: tensor.0)
            return SafetensorsWriter.Tensor(name: tensor.0, type: .float32, shape: tensor.1) { write in
                try values.withUnsafeBytes(write)
            }
        }
        try SafetensorsWriter.write(to: directory.appending(path: "model.safetensors").path, tensors: tensors)
    }

    /// Number i of the tensor at place k of the sorted names; make_golden.py has the same.
    private static func values(count: Int, place: Int, name: String) -> [Float] {
        let one: Float = name.hasSuffix("LayerNorm.weight") ? 1 : 0
        return (0..<count).map { one + Float(($0 * 37 + place * 17 + 5) % 61 - 30) / 60 }
    }

    private static var shapes: [(String, [Int])] {
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> [(String, [Int])] {
            [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
        }
        func norm(_ name: String) -> [(String, [Int])] {
            [("\(name).weight", [hiddenSize]), ("\(name).bias", [hiddenSize])]
        }
        let embeddings = [
            ("embeddings.word_embeddings.weight", [vocabulary.count, hiddenSize]),
            ("embeddings.position_embeddings.weight", [positions, hiddenSize]),
            ("embeddings.token_type_embeddings.weight", [2, hiddenSize]),
        ]
        let inLayers = (0..<layers).flatMap { layer in
            let path = "encoder.layer.\(layer)"
            return ["query", "key", "value"].flatMap { linear("\(path).attention.self.\($0)", hiddenSize, hiddenSize) }
                + linear("\(path).attention.output.dense", hiddenSize, hiddenSize)
                + norm("\(path).attention.output.LayerNorm")
                + linear("\(path).intermediate.dense", hiddenSize, intermediate)
                + linear("\(path).output.dense", intermediate, hiddenSize) + norm("\(path).output.LayerNorm")
        }
        return embeddings + norm("embeddings.LayerNorm") + inLayers
    }

    private static var configuration: [String: Any] {
        [
            "model_type": "bert", "vocab_size": vocabulary.count, "hidden_size": hiddenSize,
            "intermediate_size": intermediate, "num_hidden_layers": layers, "num_attention_heads": heads,
            "max_position_embeddings": positions, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
        ]
    }

    private static var tokenizer: [String: Any] {
        let added = vocabulary.prefix(5).enumerated().map { id, text in
            [
                "id": id, "content": text, "special": true, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false,
            ] as [String: Any]
        }
        let vocabulary = Dictionary(uniqueKeysWithValues: zip(vocabulary, 0...))
        return [
            "version": "1.0", "added_tokens": added, "pre_tokenizer": ["type": "BertPreTokenizer"],
            "normalizer": [
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true,
                "strip_accents": NSNull(),
            ] as [String: Any],
            "model": [
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 20, "vocab": vocabulary,
            ] as [String: Any],
        ]
    }
}

/// A tiny encoder in a folder of its own, gone with the value.
public final class TinyEncoderFolder: Sendable {
    /// The folder, in which a test may put other things.
    public let folder: URL

    /// Makes the folder and the encoder.
    public init(shift: Int = 0) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tiny-encoder-\(UUID().uuidString)")
        try TinyEncoder.write(to: encoder, shift: shift)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    public var encoder: URL { folder.appending(path: "encoder") }
}
