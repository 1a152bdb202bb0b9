// Adapters as plain PEFT directories: ours load in Hugging Face peft, and those that peft trained load here. Knows files and
// shapes, not training.

import Basics
import Foundation
import Lineage
import ModelFiles
import Torch

extension LoRAAdapter {
    private static let trainingKey = "instill.training"

    /// Writes the adapter as a directory that appears whole or not at all.
    /// - Parameters:
    ///   - directory: where to.
    ///   - base: the model that it was trained on.
    ///   - training: names the training that it came from.
    public func write(to directory: URL, base: LanguageModel, training: String) throws {
        let names = base.decoder.configuration.names
        let settings = PEFTAdapterConfiguration(
            baseModelNameOrPath: base.path, r: configuration.rank, loraAlpha: configuration.alpha,
            targetModules: configuration.targets.compactMap(names.lora).sorted())
        try PEFTAdapterFile.write(
            directory: directory.path, configuration: settings,
            tensors: parameters.map { parameter in
                let name = PEFTAdapterFile.tensorName(module: parameter.module, parameter.matrix)
                return NamedTensor(name, try parameter.tensor.detached()).forFile
            },
            metadata: [PEFTAdapterFile.baseFingerprintKey: base.fingerprint, LoRAAdapter.trainingKey: training])
    }

    /// The name of the training that the adapter in a directory came from; nil if there is none or it is not ours.
    public static func training(in directory: URL) -> String? {
        (try? PEFTAdapterFile.read(directory: directory.path))?.tensors.metadata[trainingKey]
    }

    /// Names an adapter by its numbers and what they mean, wherever it is.
    public static func fingerprint(of directory: URL) throws -> String {
        var (settings, file) = try PEFTAdapterFile.read(directory: directory.path)
        settings.baseModelNameOrPath = nil
        var hash = SHA256()
        hash.update(String(decoding: try settings.canonicalJSON(), as: UTF8.self))
        for name in file.entries.keys.sorted() {
            hash.update("\(name)\n")
            try file.withBytes(of: name) { hash.update($0) }
        }
        return hash.finalize().prefix(16).map { String(format: "%02x", $0) }.joined()
    }

    /// Reads an adapter for a base model; one that was made for another is refused.
    public init(directory: URL, base: LanguageModel) throws {
        let (settings, file) = try PEFTAdapterFile.read(directory: directory.path)
        if let fingerprint = file.metadata[PEFTAdapterFile.baseFingerprintKey], fingerprint != base.fingerprint {
            throw LanguageModelError.wrongBase(
                adapter: directory.path, reason: "it was trained on other weights than those of \(base.path)")
        }
        let decoder = base.decoder.configuration
        let lora = try LoRAAdapter.configuration(settings, file, directory.path, decoder.names)
        try LoRAAdapter.checkBaseWeights(of: file, adapter: directory.path, base: decoder)
        var foreign = Set(try PEFTAdapterFile.modules(of: file, settings).keys)
        try self.init(lora, for: decoder) { _, _, module, inputs, outputs in
            foreign.remove(module)
            func zeros(_ shape: [Int]) throws -> Tensor { try .zeros(shape, device: base.decoder.device) }
            guard settings.adapts(module) else {
                return (try zeros([lora.rank, inputs]), try zeros([outputs, lora.rank]))
            }
            func factor(_ matrix: PEFTAdapterFile.Matrix, _ shape: [Int]) throws -> Tensor {
                let name = PEFTAdapterFile.tensorName(module: module, matrix)
                guard let entry = file.entries[name] else {
                    throw LanguageModelError.wrongBase(adapter: directory.path, reason: "it has no \(name)")
                }
                guard entry.shape == shape else {
                    throw LanguageModelError.wrongBase(
                        adapter: directory.path, reason: "\(name) has shape \(entry.shape), the model needs \(shape)")
                }
                let read = try file.tensor(name).to(.float32, device: base.decoder.device).clone()
                guard try read.isFinite() else {
                    throw LanguageModelError.notFinite(file: file.file.path, name: name)
                }
                return read
            }
            let rank = settings.rank(of: module)
            var (a_RI, b_OR) = (try factor(.a, [rank, inputs]), try factor(.b, [outputs, rank]))
            // Here all modules have one rank and one scale: smaller ranks are filled up with zeros, and what is special
            // about a module's scale goes into B.
            let scale = settings.scale(of: module)
            if scale != lora.scale { b_OR = try b_OR * (scale / lora.scale) }
            if rank < lora.rank {
                a_RI = try .concatenate([a_RI, zeros([lora.rank - rank, inputs])], dim: 0)
                b_OR = try .concatenate([b_OR, zeros([outputs, lora.rank - rank])], dim: 1)
            }
            return (a_RI, b_OR)
        }
        if let first = foreign.min() {
            throw LanguageModelError.wrongBase(
                adapter: directory.path, reason: "it adapts \(first), which the model does not have")
        }
    }

    /// Copies of the embedding and the head that are not the model's show another vocabulary.
    private static func checkBaseWeights(
        of file: SafetensorsFile, adapter: String, base: DecoderConfiguration
    ) throws(LanguageModelError) {
        let shape = [base.vocabularySize, base.hiddenSize]
        let isEmbedding = { (name: String) in name.contains(".embed_tokens.") || name.contains(".lm_head.") }
        for entry in PEFTAdapterFile.baseWeights(of: file) where isEmbedding(entry.name) && entry.shape != shape {
            throw .wrongBase(
                adapter: adapter,
                reason: """
                    it holds \(entry.name) of shape \(entry.shape) where the model has \(shape): its base model's vocabulary \
                    was resized
                    """)
        }
    }

    private static func configuration(
        _ settings: PEFTAdapterConfiguration, _ file: SafetensorsFile, _ path: String, _ names: CheckpointNames
    ) throws -> LoRAConfiguration {
        var targets: Set<Projection> = []
        for module in settings.targetModules {
            let name = module.split(separator: ".").last.map(String.init) ?? ""
            guard let projection = names.projection(lora: name) else {
                throw LanguageModelError.unsupported(
                    file: path, what: "an adapter on \"\(module)\"", supported: names.loraTargets)
            }
            targets.insert(projection)
        }
        let ranks = try PEFTAdapterFile.modules(of: file, settings).keys.map(settings.rank(of:))
        return LoRAConfiguration(rank: ranks.max() ?? settings.r, alpha: settings.loraAlpha, targets: targets)
    }
}
