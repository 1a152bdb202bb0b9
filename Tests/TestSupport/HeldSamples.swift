// Training samples out of memory.

import Distillation
import LanguageModels

/// A batch source of samples that somebody holds.
public struct HeldSamples: BatchSource {
    private let samples: [TrainingSample]

    /// These samples, by place.
    public init(_ samples: [TrainingSample]) { self.samples = samples }

    public var count: Int { samples.count }

    /// The samples at some places.
    public func samples(at places: [Int], step: Int, student: LoRAAdapter?) -> [TrainingSample] {
        places.map { samples[$0] }
    }
}
