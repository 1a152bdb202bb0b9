// Adapters as plain PEFT directories: ours load in Hugging Face peft, and those that peft trained load here. Knows files and
// shapes, not training.

import Foundation
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

    /// Reads an adapter for a base model; one that was made for another is refused.
    public init(directory: URL, base: LanguageModel) throws {
        let (settings, file) = try PEFTAdapterFile.read(directory: directory.path)
        if let fingerprint = file.metadata[PEFTAdapterFile.baseFingerprintKey], fingerprint != base.fingerprint {
            throw LanguageModelError.wrongBase(
                adapter: directory.path, reason: "it was trained on other weights than those of \(base.path)")
        }
        let decoder = base.decoder.configuration
        let lora = try LoRAAdapter.configuration(settings, directory.path, decoder.names)
        try self.init(lora, for: decoder) { _, _, module, inputs, outputs in
            func factor(_ matrix: PEFTAdapterFile.Matrix, _ shape: [Int]) throws -> Tensor {
                let name = PEFTAdapterFile.tensorName(module: module, matrix)
                guard let entry = file.entries[name] else {
                    throw LanguageModelError.wrongBase(adapter: directory.path, reason: "it has no \(name)")
                }
                guard entry.shape == shape else {
                    throw LanguageModelError.wrongBase(
                        adapter: directory.path, reason: "\(name) has shape \(entry.shape), the model needs \(shape)")
                }
                return try file.tensor(name).to(.float32, device: base.decoder.device).clone()
            }
            return (try factor(.a, [lora.rank, inputs]), try factor(.b, [outputs, lora.rank]))
        }
    }

    private static func configuration(
        _ settings: PEFTAdapterConfiguration, _ path: String, _ names: CheckpointNames
    ) throws(LanguageModelError) -> LoRAConfiguration {
        guard settings.rankPattern.isEmpty, settings.alphaPattern.isEmpty else {
            throw .unsupported(file: path, what: "a rank of its own for some modules", supported: "one rank for all")
        }
        var targets: Set<Projection> = []
        for module in settings.targetModules {
            guard let projection = names.projection(lora: module) else {
                throw .unsupported(file: path, what: "an adapter on \"\(module)\"", supported: names.loraTargets)
            }
            targets.insert(projection)
        }
        return LoRAConfiguration(rank: settings.r, alpha: settings.loraAlpha, targets: targets)
    }
}
