// A chat model small enough for a test: random weights of the Llama architecture, a token a byte, ChatML. Written as a
// Hugging Face folder, so that what reads real models reads this one.

import Foundation
import ModelFiles

/// Writes a tiny random model.
public enum TinyModel {
    /// A token for every byte, then the two that begin and end a turn.
    public static let vocabularySize = 258
    /// The longest sequence that it takes: prompts of worked examples are some thousand bytes long.
    public static let contextLength = 8192
    /// Width of its hidden states unless another is asked for.
    public static let hidden = 32
    private static let intermediate = 64
    private static let layers = 2
    private static let heads = 2
    private static let keyValueHeads = 1
    private static let begin = "<|im_start|>"
    private static let end = "<|im_end|>"

    /// Writes config.json, model.safetensors, tokenizer.json and tokenizer_config.json into a folder.
    /// - Parameters:
    ///   - contextLength: the longest sequence that it takes.
    ///   - width: of its hidden states, a multiple of 4.
    ///   - rows: of its embedding; those after the vocabulary's are padding.
    public static func write(
        to directory: URL, seed: UInt64, contextLength: Int = contextLength, width: Int = hidden,
        rows: Int = vocabularySize
    ) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        func json(_ name: String, _ value: some Encodable) throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(value).write(to: directory.appending(path: name))
        }
        try json(
            "config.json",
            Configuration(vocab_size: rows, hidden_size: width, max_position_embeddings: contextLength))
        try json("tokenizer.json", TokenizerFile())
        try json("tokenizer_config.json", TokenizerConfiguration())
        var random = Random(state: seed)
        let tensors = shapes(hidden: width, rows: rows).map { name, shape in
            let isNorm = name.hasSuffix("norm.weight")
            let values = (0..<shape.reduce(1, *)).map { _ in isNorm ? 1 : random.nextNormal() * 0.08 }
            return SafetensorsWriter.Tensor(name: name, type: .float32, shape: shape) { write in
                try values.withUnsafeBytes(write)
            }
        }
        try SafetensorsWriter.write(
            to: directory.appending(path: "model.safetensors").path, metadata: ["format": "pt"], tensors: tensors)
    }

    private static func shapes(hidden: Int, rows: Int) -> [(String, [Int])] {
        let width = hidden / heads
        let perLayer = [
            ("input_layernorm", [hidden]), ("post_attention_layernorm", [hidden]),
            ("self_attn.q_proj", [hidden, hidden]), ("self_attn.k_proj", [keyValueHeads * width, hidden]),
            ("self_attn.v_proj", [keyValueHeads * width, hidden]), ("self_attn.o_proj", [hidden, hidden]),
            ("mlp.gate_proj", [intermediate, hidden]), ("mlp.up_proj", [intermediate, hidden]),
            ("mlp.down_proj", [hidden, intermediate]),
        ]
        let inLayers = (0..<layers).flatMap { layer in
            perLayer.map { ("model.layers.\(layer).\($0.0).weight", $0.1) }
        }
        return [("model.embed_tokens.weight", [rows, hidden]), ("model.norm.weight", [hidden])] + inLayers
    }

    // MARK: - The files' contents

    private struct Configuration: Encodable {
        let architectures = ["LlamaForCausalLM"]
        let model_type = "llama"
        let vocab_size: Int
        let hidden_size: Int
        let intermediate_size = intermediate
        let num_hidden_layers = layers
        let num_attention_heads = heads
        let num_key_value_heads = keyValueHeads
        let max_position_embeddings: Int
        let rms_norm_eps = 1e-5
        let rope_theta = 10_000.0
        let hidden_act = "silu"
        let tie_word_embeddings = true
        let eos_token_id = 257
    }

    private struct TokenizerConfiguration: Encodable {
        let bos_token = begin
        let eos_token = end
        let chat_template =
            "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + "
            + "'<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}"
            + "{{ '<|im_start|>assistant\\n' }}{% endif %}"
    }

    private struct TokenizerFile: Encodable {
        struct ByteLevel: Encodable {
            let type = "ByteLevel"
            let add_prefix_space = false
            let trim_offsets = true
            let use_regex = true
        }

        struct AddedToken: Encodable {
            let id: Int
            let content: String
            let single_word = false
            let lstrip = false
            let rstrip = false
            let normalized = false
            let special = true
        }

        struct Model: Encodable {
            let type = "BPE"
            let vocab: [String: Int]
            let merges: [String] = []
        }

        let version = "1.0"
        let added_tokens = [AddedToken(id: 256, content: begin), AddedToken(id: 257, content: end)]
        let pre_tokenizer = ByteLevel()
        let decoder = ByteLevel()
        let model = Model(vocab: TinyModel.byteVocabulary)
    }

    /// Every byte as the character that stands for it in byte-level BPE: itself where it can be seen, else one from
    /// U+0100 on, as in GPT-2.
    private static var byteVocabulary: [String: Int] {
        var next: UInt32 = 0x100
        var vocabulary: [String: Int] = [:]
        for byte in UInt32(0)...255 {
            let isVisible = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
            let scalar = isVisible ? byte : next
            if !isVisible { next += 1 }
            guard let character = Unicode.Scalar(scalar) else { continue }
            vocabulary[String(Character(character))] = Int(byte)
        }
        return vocabulary
    }

    /// SplitMix64 and the Box–Muller transform.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        mutating func nextNormal() -> Float {
            let (u, v) = (Float.random(in: 1e-7...1, using: &self), Float.random(in: 0...1, using: &self))
            return (-2 * Foundation.log(u)).squareRoot() * Foundation.cos(2 * .pi * v)
        }
    }
}
