// Adapters as they are at marks of a training's clock, kept beside the one that it ends with, so that they can be evaluated by
// the time that they took (paper, Appendix H).

import Basics
import Distillation
import Foundation
import LanguageModels
import Lineage
import Store

/// An adapter as it was after the first step past a mark.
struct AdapterSnapshot {
    /// The mark, in seconds of training over all processes that worked on it.
    let seconds: Double
    /// Names training, mark and step, so that it can be evaluated as a trained adapter is.
    let recipe: ContentKey
    let directory: URL
}

extension RunContext {
    /// The snapshots of a training that there are, by their marks: a training that ends before a mark has none of it.
    func snapshots(of adapter: TrainedAdapter) -> [AdapterSnapshot] {
        Set(configuration.training.snapshotSeconds ?? []).sorted().compactMap { mark in
            let place = folder.snapshot(adapter.recipe.description, seconds: mark)
            guard let recipe = LoRAAdapter.training(in: place).flatMap(ContentKey.init) else { return nil }
            return AdapterSnapshot(seconds: mark, recipe: recipe, directory: place)
        }
    }

    /// The marks of a training's clock that have no snapshot yet and can still have one; the others are told of.
    /// - Parameter trained: seconds that the training has taken already.
    func openMarks(of training: ContentKey, trained: Double) -> [Double] {
        let open = Set(configuration.training.snapshotSeconds ?? []).sorted().filter {
            LoRAAdapter.training(in: folder.snapshot(training.description, seconds: $0)) == nil
        }
        for mark in open where mark <= trained {
            tell(
                .notice(
                    """
                    There is no snapshot at \(mark) s: the training was past that when it was asked for. \
                    `instill train --from-scratch` makes it.
                    """))
        }
        return open.filter { $0 > trained }
    }
}

/// Writes the snapshots of one training, each once. The time that writing takes is part of the training's, as that of its
/// checkpoints is.
struct SnapshotWriter {
    private let training: ContentKey
    private let base: LanguageModel
    private let folder: RunFolder
    /// Marks without a snapshot.
    private(set) var open: [Double]

    /// - Parameters:
    ///   - marks: that are still to come; the training was past the others before they were asked for.
    init(_ marks: [Double], training: ContentKey, base: LanguageModel, folder: RunFolder) {
        (self.training, self.base, self.folder, open) = (training, base, folder, marks)
    }

    /// Writes the snapshots that are due, whole or not at all.
    /// - Parameters:
    ///   - adapter: as it is.
    ///   - step: steps that it has seen.
    ///   - seconds: that the training has taken.
    mutating func write(_ adapter: LoRAAdapter, step: Int, seconds: Double) throws {
        while let mark = open.first, seconds >= mark {
            let place = folder.snapshot(training.description, seconds: mark)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            let name = ContentKey(of: "snapshot", training.description, "\(mark)", "\(step)")
            try adapter.write(to: place, base: base, training: name.description)
            open.removeFirst()
        }
    }
}
