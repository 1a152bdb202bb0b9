// Checkpoints of a training run: adapter, optimizer moments and step in one safetensors file that appears whole or not
// at all. The learning rate, the order of the samples and every random choice follow from the step and the seed, so the
// step is all the state there is besides. Knows files and tensors, not training.

import Foundation
import LanguageModels
import ModelFiles
import Torch

/// The checkpoints of one combination of data and settings.
public struct CheckpointFolder {
    private let directory: URL
    /// Names the combination; a checkpoint of another is refused.
    private let identity: String
    /// Older ones are deleted once this many exist.
    private static let kept = 2

    /// A folder, which need not exist yet.
    public init(directory: URL, identity: String) {
        self.directory = directory
        self.identity = identity
    }

    /// The newest checkpoint, whether valid or not.
    public var newest: URL? { files.last }

    private var files: [URL] {
        let found = try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        return (found ?? []).filter { $0.lastPathComponent.hasPrefix("step-") && $0.pathExtension == "safetensors" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    /// Writes a checkpoint, then deletes old ones.
    func save(_ optimizer: AdamW) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let step = optimizer.stepsDone
        let file = directory.appending(path: "step-\(String(format: "%09d", step)).safetensors")
        try SafetensorsWriter.write(
            to: file.path, metadata: ["step": String(step), "identity": identity], tensors: named(optimizer))
        for old in files.dropLast(CheckpointFolder.kept) { try FileManager.default.removeItem(at: old) }
    }

    /// Makes the state that of the newest checkpoint that can be read; leaves it as it is where there is none.
    public func restoreNewest(into optimizer: AdamW) throws {
        for file in files.reversed() {
            // A file that cannot be read was damaged after it was written; an older one still saves most of the work.
            guard let saved = try? SafetensorsFile(path: file.path) else { continue }
            return try restore(saved, file.path, into: optimizer)
        }
    }

    private func restore(_ saved: SafetensorsFile, _ path: String, into optimizer: AdamW) throws {
        guard saved.metadata["identity"] == identity, let step = saved.metadata["step"].flatMap(Int.init) else {
            throw TrainingError.foreignCheckpoint(file: path, reason: "it was made with other data or settings")
        }
        let wanted = named(optimizer)
        for tensor in wanted where saved.entries[tensor.name]?.shape != tensor.tensor.shape {
            throw TrainingError.foreignCheckpoint(file: path, reason: "\(tensor.name) is missing or of another shape")
        }
        for tensor in wanted { try tensor.tensor.copyInPlace(saved.tensor(tensor.name)) }
        try optimizer.renewCopies()
        optimizer.stepsDone = step
    }

    private func named(_ optimizer: AdamW) -> [NamedTensor] {
        optimizer.parameters.indices.flatMap { index in
            let name = optimizer.parameters[index].name
            return [
                NamedTensor(name, optimizer.parameters[index].tensor),
                NamedTensor("first_moment.\(name)", optimizer.firstMoments[index]),
                NamedTensor("second_moment.\(name)", optimizer.secondMoments[index]),
            ]
        }
    }
}
