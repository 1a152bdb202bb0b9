// The two kinds of places that models come from, seen alike. Knows files, not tensors' meaning.

import Basics
import Foundation
import Lineage
import ModelFiles
import Tokenizers
import Torch

/// A model's files: one GGUF file, or a Hugging Face directory.
protocol ModelSource {
    var path: String { get }
    var configuration: DecoderConfiguration { get }
    var entries: [String: TensorEntry] { get }
    /// The file that holds a tensor.
    func file(of name: String) -> String
    /// What the files call a tensor; nil where the family's table has no name for it.
    func name(_ address: TensorAddress) -> String?
    /// A tensor that is there.
    func tensor(_ name: String, _ address: TensorAddress, dtype: DType, device: Device) throws -> Tensor
    func tokenizer() throws -> Tokenizer
    /// Tokens that the files say end a reply, besides the tokenizer's own.
    func stopTokens() -> Set<Int>
    /// Names the weights by their content.
    func fingerprint() throws -> String
    /// Hashes of what the files say besides the weights and the chat template.
    func reading() throws -> [ModelIdentity.Part: String]
}

/// The files of the model at a path.
func modelSource(path: String) throws -> any ModelSource {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw LanguageModelError.noModel(path: path, reason: "there is nothing there")
    }
    if isDirectory.boolValue {
        if let other = OtherThanModel.folder(path) { throw LanguageModelError.noModel(path: path, reason: other) }
        return try ModelDirectory(path: path)
    }
    guard path.hasSuffix(".gguf") else {
        throw LanguageModelError.noModel(path: path, reason: OtherThanModel.file(path))
    }
    return try GGUFModel(path: path)
}

extension ModelSource {
    /// - Parameter keep: what is kept of each tensor after its checks.
    func decoder(
        dtype: DType, device: Device, keep: (Tensor) throws(TorchError) -> Tensor = { $0 }
    ) throws -> Decoder {
        var used: Set<String> = []
        let decoder = try Decoder(configuration, dtype: dtype, device: device) { address, shape in
            if let name = name(address) { used.insert(name) }
            return try keep(tensor(address, shape, dtype: dtype, device: device))
        }
        try refuseUnused(but: used)
        return decoder
    }

    /// The output head alone, [V, d].
    func head(dtype: DType, device: Device) throws -> Tensor {
        let address = TensorAddress(weight: configuration.tiesWordEmbeddings ? .embedding : .projection(.head))
        let shape = [configuration.vocabularySize, configuration.hiddenSize]
        return try tensor(address, shape, dtype: dtype, device: device)
    }

    /// Numbers in all of the files' tensors.
    var parameterCount: Int { entries.values.map(\.elementCount).reduce(0, +) }

    private func tensor(_ address: TensorAddress, _ shape: [Int], dtype: DType, device: Device) throws -> Tensor {
        let name = name(address) ?? "\(address.weight)"
        guard let found = entries[name] else {
            // "q_proj.qweight", say, where "q_proj.weight" should be.
            let module = name.prefix(through: name.lastIndex(of: ".") ?? name.startIndex)
            try refuseQuantised(entries.values.filter { $0.name.hasPrefix(module) })
            throw LanguageModelError.missingTensor(file: path, name: name, layer: address.layer)
        }
        try refuseQuantised([found])
        guard found.shape == shape else {
            throw LanguageModelError.wrongShape(file: file(of: name), name: name, expected: shape, found: found.shape)
        }
        let loaded = try tensor(name, address, dtype: dtype, device: device)
        if try !loaded.isFinite() { throw try notFinite(name, address, dtype) }
        return loaded
    }

    /// Why a tensor is not finite: it is not so in the file, or it no longer fits its type.
    private func notFinite(_ name: String, _ address: TensorAddress, _ dtype: DType) throws -> LanguageModelError {
        let file = file(of: name)
        guard dtype != .float32, try tensor(name, address, dtype: .float32, device: .cpu).isFinite() else {
            return .notFinite(file: file, name: name)
        }
        return .overflow(file: file, name: name, type: "\(dtype)")
    }

    private func refuseQuantised(_ entries: [TensorEntry]) throws(LanguageModelError) {
        for entry in entries {
            guard case .plain(let type) = entry.storage, !type.isFloatingPoint else { continue }
            throw .quantisedTensor(file: file(of: entry.name), name: entry.name, type: type.rawValue)
        }
    }

    /// A layer with more tensors than its plan has computes something else: a bias left out would not be noticed. So does a
    /// bias of what stands outside the layers; what else stands there is for other uses, of a model that also sees say.
    private func refuseUnused(but used: Set<String>) throws {
        for weight in [DecoderWeight.embedding, .finalNorm, .projection(.head)] {
            guard let bias = name(TensorAddress(weight: weight, isBias: true)), entries[bias] != nil else { continue }
            throw LanguageModelError.unusedTensor(
                file: file(of: bias), name: bias, family: configuration.family.rawValue, others: 0)
        }
        guard let inLayers = name(TensorAddress(weight: .inputNorm, layer: 0))?.prefix(while: { $0 != "0" }) else {
            return
        }
        // Tables of angles, which old files hold, follow from the configuration.
        let known = [".rotary_emb.inv_freq", ".attn_rot_embd.weight"]
        let unused = entries.keys.filter { name in
            name.hasPrefix(inLayers) && !used.contains(name) && !known.contains(where: name.hasSuffix)
        }
        if let first = unused.min() {
            throw LanguageModelError.unusedTensor(
                file: path, name: first, family: configuration.family.rawValue, others: unused.count - 1)
        }
    }
}

extension Decoder {
    /// Loads a model's network alone, for those who have token ids.
    /// - Parameter path: a .gguf file, or a directory with config.json and safetensors.
    public init(path: String, dtype: DType, device: Device = .cpu) throws {
        try Library.prepare(device)
        self = try modelSource(path: path).decoder(dtype: dtype, device: device)
    }
}

extension SafetensorsDirectory {
    /// Names the weights by their content.
    func fingerprint() throws -> String { try weightsFingerprint(entries, bytes: withBytes) }
}

/// A hash of every tensor's name, shape, type and first and last bytes: reading gigabytes whole would cost minutes, and two
/// models whose tensors all begin and end alike are one.
func weightsFingerprint(
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
