// Which instruction samples stand beside each step's own. Like the order of the samples, it follows from the seed and the
// step's number alone.

/// Where the trainer gets the instruction samples of regularisation.
public struct InstructionSource {
    /// Samples in all.
    public let count: Int
    /// Samples in a full batch, of which they take the place of as many others.
    public let perStep: Int
    /// The samples with the given indices.
    public let load: ([Int]) throws -> [TrainingSample]

    /// A source of so many samples.
    public init(count: Int, perStep: Int, load: @escaping ([Int]) throws -> [TrainingSample]) {
        self.count = count
        self.perStep = perStep
        self.load = load
    }
}

/// Passes over the instruction samples, each in an order of its own, for as long as training goes on: their number and that
/// of the other samples have nothing to do with each other.
struct InstructionOrder {
    private let steps: SampleOrder
    private let perStep: Int
    private let passes: SampleOrder
    /// The pass that was last asked for: shuffling a million indices at every step would take longer than the step.
    private var pass: (number: Int, indices: [Int])?

    /// - Parameters:
    ///   - source: nil for no instructions.
    ///   - steps: the order of the other samples.
    init(_ source: InstructionSource?, beside steps: SampleOrder, seed: UInt64) {
        self.steps = steps
        perStep = (source?.count ?? 0) > 0 ? source?.perStep ?? 0 : 0
        // Another seed than the other samples' order has: the same one would pair the same places anew in every pass.
        passes = SampleOrder(
            sampleCount: source?.count ?? 0, batchSize: 1, epochs: 1, seed: seed ^ 0x7265_6775_6C61_7269)
    }

    /// Indices of the instructions of a step: as many as keep their share where the epoch's last batch is short.
    mutating func batch(step: Int) -> [Int] {
        guard perStep > 0 else { return [] }
        let last = count(beside: steps.sampleCount - (steps.stepsPerEpoch - 1) * steps.batchSize)
        let (epoch, place) = step.quotientAndRemainder(dividingBy: steps.stepsPerEpoch)
        let start = epoch * ((steps.stepsPerEpoch - 1) * perStep + last) + place * perStep
        let end = start + (place == steps.stepsPerEpoch - 1 ? last : perStep)
        return (start..<end).map { index(at: $0) }
    }

    private func count(beside samples: Int) -> Int {
        (perStep * samples + steps.batchSize / 2) / steps.batchSize
    }

    private mutating func index(at place: Int) -> Int {
        let number = place / passes.sampleCount
        if pass?.number != number { pass = (number, passes.epoch(number)) }
        return pass?.indices[place % passes.sampleCount] ?? 0
    }
}
