// What can stop a training run, as data; the wording is here and nowhere else.

/// A training run that cannot go on.
public enum TrainingError: Error, Sendable, Hashable {
    /// There is nothing to learn from.
    case noSamples
    /// The loss or the gradients stopped being numbers.
    case notFinite(quantity: String, step: Int, rows: [String], lastCheckpoint: String?)
    /// A checkpoint was made with another adapter or model.
    case foreignCheckpoint(file: String, reason: String)
    /// A sample has no answer tokens or targets of another length.
    case brokenSample(row: String, answerTokens: Int, targetRows: Int)
    /// Samples without a teacher, or whose teacher's states are no numbers.
    case notMeasurable(rows: [String])
}

extension TrainingError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .noSamples: return "There are no answers to train on; run the questions and answers stages first."
        case .notFinite(let quantity, let step, let rows, let checkpoint):
            let good = checkpoint.map { "The last good checkpoint is \($0)" } ?? "No checkpoint had been written yet"
            return "The \(quantity) at step \(step) is not a finite number (answers \(rows.joined(separator: ", "))). "
                + "\(good); try a lower learning rate."
        case .foreignCheckpoint(let file, let reason):
            return "The checkpoint \(file) does not belong to this training: \(reason). Move it away to start anew."
        case .brokenSample(let row, let tokens, let rows):
            return "Answer \(row) has \(tokens) tokens but \(rows) teacher states; make the answers again."
        case .notMeasurable(let rows):
            return "The teacher's states for answers \(rows.joined(separator: ", ")) are missing or are not finite "
                + "numbers, so they cannot be ranked; make the answers again."
        }
    }
}
