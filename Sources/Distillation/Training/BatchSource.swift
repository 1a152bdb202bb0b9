// Where training samples come from. Their words, tokens and states stay on disk until a batch is read. Knows neither their
// order nor weights.

import LanguageModels

/// Samples that are read a batch at a time: answers, documents' own tokens, instructions, or what the student says itself.
public protocol BatchSource {
    var count: Int { get }

    /// The samples at some places, in the order of the places. They follow from the arguments alone, or a resumed training
    /// would end elsewhere.
    /// - Parameters:
    ///   - places: each from 0 and below `count`.
    ///   - step: which step they are for, from 0.
    ///   - student: the student's adapter as it is at that step; nil for the base itself.
    func samples(at places: [Int], step: Int, student: LoRAAdapter?) throws -> [TrainingSample]
}

/// All that a training reads.
public struct TrainingData {
    public var training: any BatchSource
    /// What the loss is measured on after every epoch; nil for nothing.
    public var validation: (any BatchSource)?
    /// What regularisation holds the student to, and how many of them a full batch has; nil without it.
    public var instructions: (source: any BatchSource, perStep: Int)?

    public init(training: any BatchSource, validation: (any BatchSource)? = nil) {
        (self.training, self.validation) = (training, validation)
    }
}
