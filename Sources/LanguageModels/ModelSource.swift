// The two kinds of places that models come from, seen alike. Knows files, not tensors' meaning.

import Basics
import Foundation
import ModelFiles
import Tokenizers
import Torch

enum ModelSource {
    case gguf(GGUFModel)
    case directory(ModelDirectory)

    init(path: String) throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw LanguageModelError.noModel(path: path, reason: "there is nothing there")
        }
        if isDirectory.boolValue {
            self = .directory(try ModelDirectory(path: path))
        } else if path.hasSuffix(".gguf") {
            self = .gguf(try GGUFModel(path: path))
        } else {
            throw LanguageModelError.noModel(
                path: path, reason: "a model is a .gguf file or a directory with config.json and safetensors")
        }
    }

    var configuration: DecoderConfiguration {
        switch self {
        case .gguf(let model): model.configuration
        case .directory(let model): model.configuration
        }
    }

    func decoder(dtype: DType, device: Device) throws -> Decoder {
        try Decoder(configuration, dtype: dtype, device: device) { name, shape in
            try tensor(name, shape, dtype: dtype, device: device)
        }
    }

    /// The output head alone, [V, d].
    func head(dtype: DType, device: Device) throws -> Tensor {
        let name = configuration.tiesWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"
        let shape = [configuration.vocabularySize, configuration.hiddenSize]
        return try tensor(name, shape, dtype: dtype, device: device)
    }

    private func tensor(_ name: String, _ shape: [Int], dtype: DType, device: Device) throws -> Tensor {
        switch self {
        case .gguf(let model): try model.tensor(name, shape, dtype: dtype, device: device)
        case .directory(let model): try model.tensor(name, shape, dtype: dtype, device: device)
        }
    }

    func tokenizer() throws -> Tokenizer {
        switch self {
        case .gguf(let model): try Tokenizer(gguf: model.vocabulary())
        case .directory(let model): try Tokenizer(directory: URL(fileURLWithPath: model.path))
        }
    }

    /// Tokens that the model's files say end a reply, besides the tokenizer's own.
    func stopTokens() -> Set<Int> {
        switch self {
        case .gguf(let model):
            let keys = ["eos", "eot", "eom"].map { "tokenizer.ggml.\($0)_token_id" }
            return Set(keys.compactMap { model.file.metadata[$0]?.int })
        case .directory(let model): return model.stopTokens()
        }
    }

    /// Numbers in all of the file's tensors.
    var parameterCount: Int {
        switch self {
        case .gguf(let model): model.file.entries.values.map(\.elementCount).reduce(0, +)
        case .directory(let model): model.weights.entries.values.map(\.elementCount).reduce(0, +)
        }
    }

    /// Names the weights by their content.
    func fingerprint() throws -> String {
        switch self {
        case .gguf(let model): try weightsFingerprint(model.file.entries, bytes: model.file.withBytes)
        case .directory(let model): try model.weights.fingerprint()
        }
    }
}

extension SafetensorsDirectory {
    /// Names the weights by their content.
    func fingerprint() throws -> String { try weightsFingerprint(entries, bytes: withBytes) }
}

/// A hash of every tensor's name, shape, type and first and last bytes: reading gigabytes whole would cost minutes, and two
/// models whose tensors all begin and end alike are one.
private func weightsFingerprint(
    _ entries: [String: TensorEntry], bytes: (String, (UnsafeRawBufferPointer) throws -> Void) throws -> Void
) throws -> String {
    var hash = SHA256()
    let edge = 4096
    for entry in entries.values.sorted(by: { $0.name < $1.name }) {
        try bytes(entry.name) { bytes in
            hash.update("\(entry.name) \(entry.shape) \(entry.storage)\n")
            hash.update(UnsafeRawBufferPointer(rebasing: bytes.prefix(edge)))
            hash.update(UnsafeRawBufferPointer(rebasing: bytes.suffix(edge)))
        }
    }
    return hash.finalize().prefix(16).map { String(format: "%02x", $0) }.joined()
}

extension GGUFModel {
    /// What the file says of its tokenizer.
    func vocabulary() throws(LanguageModelError) -> GGUFVocabulary {
        let metadata = file.metadata
        func required<Value>(_ key: String, _ value: Value?) throws(LanguageModelError) -> Value {
            guard let value else {
                throw .missingConfigurationKey(file: file.file.path, key: "tokenizer.ggml.\(key)")
            }
            return value
        }
        return GGUFVocabulary(
            source: file.file.path,
            model: try required("model", metadata["tokenizer.ggml.model"]?.string),
            tokens: try required("tokens", metadata["tokenizer.ggml.tokens"]?.strings),
            tokenTypes: metadata["tokenizer.ggml.token_type"]?.ints ?? [],
            merges: metadata["tokenizer.ggml.merges"]?.strings ?? [],
            scores: metadata["tokenizer.ggml.scores"]?.doubles ?? [],
            preTokenizer: metadata["tokenizer.ggml.pre"]?.string,
            bosToken: metadata["tokenizer.ggml.bos_token_id"]?.int,
            eosToken: metadata["tokenizer.ggml.eos_token_id"]?.int,
            unknownToken: metadata["tokenizer.ggml.unknown_token_id"]?.int,
            addsSpacePrefix: metadata["tokenizer.ggml.add_space_prefix"]?.bool,
            addsBOS: metadata["tokenizer.ggml.add_bos_token"]?.bool,
            chatTemplate: metadata["tokenizer.chat_template"]?.string)
    }
}
