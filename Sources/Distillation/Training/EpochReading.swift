// All samples of an epoch in the order in which the trainer asks for them, without training: what it costs to read them can
// be measured, and what is read can be looked at. Knows no weights.

extension SampleSource {
    /// Loads the training samples of one epoch, a batch at a time.
    package func eachBatch(
        ofEpoch epoch: Int, batchSize: Int, seed: UInt64, _ body: ([TrainingSample]) throws -> Void
    ) throws {
        let order = SampleOrder(sampleCount: training, batchSize: batchSize, epochs: epoch + 1, seed: seed)
        let indices = order.epoch(epoch)
        for step in 0..<order.stepsPerEpoch { try body(load(Array(order.batch(step: step, in: indices)))) }
    }
}
