// What keeps a stage from beginning or from being of use, as data; the wording is here and nowhere else.

import Lineage

public enum PipelineError: Error, Sendable, Hashable {
    /// Nothing to learn from.
    case noDocuments(path: String)
    /// A stage was run before the one that it rests on.
    case missingStage(needed: Stage, run: Stage)
    /// An adapter's folder that holds none of this program's.
    case brokenAdapter(place: String)
    /// An evaluation without questions.
    case noHeldOut
    /// A measure of forgetting without questions.
    case noMultipleChoice
    /// A model whose context is full before a passage stands in it.
    case noRoomForPassages(context: Int, taken: Int, purpose: String, setting: String)
    /// A model whose context is full before a held-out question stands in it.
    case noRoomForHeldOut(context: Int, taken: Int)
    /// No question came out of the documents.
    case noQuestions(calls: Int)
    /// No instruction gave a sample to regularise with.
    case noInstructions(of: Int)
    /// Targets of another teacher than the configuration's.
    case otherTeacher
}

extension PipelineError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .noDocuments(let path):
            "There are no documents in \(path); give a folder with .txt, .md, .jsonl or .csv files, or .json of SQuAD or HotpotQA."
        case .missingStage(let needed, let run):
            "The \(run.rawValue) stage rests on \(needed.rawValue): run `instill \(needed.rawValue)` first."
        case .brokenAdapter(let place):
            "The adapter in \(place) cannot be read or was not made by a training of this run: train again with `instill train`."
        case .noHeldOut: "There are no held-out questions to evaluate with; name a file of them with --held-out."
        case .noMultipleChoice:
            "There are no multiple-choice questions to measure forgetting with; name a file of them with --questions."
        case .noRoomForPassages(let context, let taken, let purpose, let setting):
            """
            The model reads \(context) tokens, and \(purpose) take \(taken), which leaves no room for a passage: lower \
            \(setting), or choose a model with a longer context.
            """
        case .noRoomForHeldOut(let context, let taken):
            """
            The model reads \(context) tokens, and a held-out question's prompt and the longest reply take \(taken) without \
            the question: lower evaluation.maximumTokens, or choose a model with a longer context.
            """
        case .noQuestions(calls: 0):
            """
            There is no question on the run's documents; what was left out is named above with the reason. A row's document \
            is the id, title or file name of one that `--documents` has.
            """
        case .noQuestions(let calls):
            "None of \(calls) calls gave a usable question; use a more capable model, or bring your own questions."
        case .noInstructions(let count):
            "None of \(count) instructions has room for a reply within regularisation.maximumPromptTokens; raise it."
        case .otherTeacher:
            "The run's answers have the targets of another teacher than the configuration's: run `instill answers` first."
        }
    }
}
