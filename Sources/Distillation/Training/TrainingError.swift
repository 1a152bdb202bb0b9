// What can stop a training run, as data; the wording is here and nowhere else.

import Basics

/// A training run that cannot go on.
public enum TrainingError: Error, Sendable, Hashable {
    /// What training reads of the run's store.
    public enum Row: String, Sendable {
        /// With the teacher's targets that belong to it.
        case answer
        case question
        case document
    }

    /// There is nothing to learn from.
    case noSamples
    /// Rows that were there when training began.
    case missing(Row, [ContentKey])
    /// A file of targets or instruction samples that the run's store points to.
    case missingShard(file: String)
    /// The loss or the gradients stopped being numbers.
    case notFinite(quantity: String, step: Int, samples: [TrainingSample.Kind], lastCheckpoint: String?)
    /// A checkpoint was made with another adapter or model.
    case foreignCheckpoint(file: String, reason: String)
    /// The adapter that training is to start from is not of the shape that the settings ask for.
    case otherAdapter(differences: [String])
    /// A sample has no answer tokens or targets of another length.
    case brokenSample(TrainingSample.Kind, answerTokens: Int, targetRows: Int)
    /// The student is to answer in its teacher's place, and the sample does not say what that was asked.
    case noTeacherPrompt(TrainingSample.Kind)
    /// Samples without a teacher, or whose teacher's states are no numbers.
    case notMeasurable([TrainingSample.Kind])

    /// Some of the wanted rows are missing.
    static func missingRows(_ row: Row, of wanted: [ContentKey], found: [ContentKey]) -> TrainingError {
        .missing(row, Set(wanted).subtracting(found).sorted())
    }
}

extension TrainingError: CustomStringConvertible {
    /// A sentence or two for a person.
    public var description: String {
        switch self {
        case .noSamples:
            return "There are no answers to train on; run the questions and answers stages first: they say why where "
                + "they kept none."
        case .missing(let row, let keys):
            let targets = row == .answer ? ", or no teacher's targets for it" : ""
            return
                "The run has no \(row.rawValue) \(keys.listed) any more\(targets): it was changed after training had "
                + "begun. Run the same command again to train on what there is now."
        case .missingShard(let file):
            return "The run's file \(file) with the teacher's states is missing. Put it back from a copy, or make the "
                + "run anew in another output folder."
        case .notFinite(let quantity, let step, let samples, let checkpoint):
            let good = checkpoint.map { "The last good checkpoint is \($0)" } ?? "No checkpoint had been written yet"
            return "The \(quantity) at step \(step) is not a finite number (\(samples.listed)). \(good); try a lower "
                + "learning rate."
        case .foreignCheckpoint(let file, let reason):
            return "The checkpoint \(file) does not belong to this training: \(reason). Move it away to start anew."
        case .otherAdapter(let differences):
            return "Training cannot go on from this adapter: \(differences.listed). Give the training the adapter's "
                + "settings, or start without it."
        case .brokenSample(let sample, let tokens, let rows):
            return "The sample \"\(sample)\" has \(tokens) tokens but \(rows) teacher states; make the answers again."
        case .noTeacherPrompt(let sample):
            return
                "The sample \"\(sample)\" cannot be answered by the student: what its teacher was asked is not known. "
                + "Set onPolicy.share to 0, or train on answers."
        case .notMeasurable(let samples):
            return
                "The teacher's states for \(samples.listed) are missing or are not finite numbers, so they cannot be "
                + "ranked; make the answers again."
        }
    }
}

extension Array where Element: CustomStringConvertible {
    fileprivate var listed: String { map(\.description).joined(separator: ", ") }
}
