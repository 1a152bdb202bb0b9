// A decoder out of a Hugging Face directory: config.json, and safetensors in one file or sharded. Weights are mapped; where
// they already have the compute type on a CPU they are used in place.

import Foundation
import ModelFiles
import Tokenizers
import Torch

struct ModelDirectory: ModelSource {
    let path: String
    let configuration: DecoderConfiguration
    let weights: SafetensorsDirectory

    init(path: String) throws {
        self.path = path
        configuration = try DecoderConfiguration(configJSON: "\(path)/config.json")
        weights = try SafetensorsDirectory(path: path)
    }

    var entries: [String: TensorEntry] { weights.entries }

    func file(of name: String) -> String { (try? weights.file(of: name).path) ?? path }

    func name(_ address: TensorAddress) -> String? {
        let names = configuration.names.huggingFaceRoots.compactMap {
            configuration.names.huggingFace(address, root: $0)
        }
        return names.first { weights.entries[$0] != nil } ?? names.first
    }

    func tensor(_ name: String, _ address: TensorAddress, dtype: DType, device: Device) throws -> Tensor {
        let stored = try weights.tensor(name)
        let offset = configuration.names.huggingFaceNormOffset
        let whole = address.weight.isNorm && offset != 0 ? try stored.to(.float32) + offset : stored
        return try whole.to(dtype, device: device)
    }

    func tokenizer() throws -> Tokenizer {
        let names = ["tokenizer.json", "tokenizer.model"].map { "\(path)/\($0)" }
        let exist = names.map(FileManager.default.fileExists)
        // Some repositories keep it in Git LFS too.
        if exist[0] { _ = try MappedFile(path: names[0]) }
        guard exist[0] || !exist[1] else { throw LanguageModelError.tokenizerOfSentencePiece(path: path) }
        return try Tokenizer(directory: URL(fileURLWithPath: path))
    }

    func fingerprint() throws -> String { try weights.fingerprint() }

    /// `eos_token_id`, a number or a list, from generation_config.json and config.json.
    func stopTokens() -> Set<Int> {
        let files = ["generation_config.json", "config.json"].compactMap { file in
            try? ConfigurationValues(configJSON: "\(path)/\(file)")
        }
        return Set(files.flatMap { $0.integers("eos_token_id") })
    }
}
