// One sample of a training, as the student sees it, and what its teacher saw. Knows tokens, not where they came from.
//
// Shape suffixes: T answer tokens, d width.

import Basics
import Tokenizers
import Torch

/// What the student learns from: a prompt, an answer's tokens, and the teacher's states, if there is a teacher.
public struct TrainingSample {
    /// What a sample is, and what names it.
    public enum Kind: Sendable, Hashable {
        /// An answer to a question.
        case answer(ContentKey)
        /// Some of a document's own tokens.
        case chunk(document: String, tokens: Range<Int>)
        /// A reply that regularisation holds the student to: its teacher has no document either.
        case instruction(String)
    }

    public let kind: Kind
    /// What the student reads before the answer: no document, unless there are distractors.
    public let prompt: [Int]
    /// The answer's tokens, with the end of the turn if the teacher ended it.
    public let answer: [Int]
    /// The teacher's state before each answer token; nil where the tokens themselves are to be learned, as in fine-tuning.
    public let teacher_Td: Tensor?
    /// What the teacher was asked when it gave the answer: the document too. Nil unless the student writes answers itself.
    public let teacherPrompt: [ChatMessage]?

    public init(
        _ kind: Kind, prompt: [Int], answer: [Int], teacher_Td: Tensor? = nil, teacherPrompt: [ChatMessage]? = nil
    ) {
        (self.kind, self.prompt, self.answer) = (kind, prompt, answer)
        (self.teacher_Td, self.teacherPrompt) = (teacher_Td, teacherPrompt)
    }

    var isInstruction: Bool {
        if case .instruction = kind { true } else { false }
    }

    /// Tokens that the student reads: the last answer token predicts nothing.
    var inputCount: Int { prompt.count + answer.count - 1 }

    /// Throws if there is nothing to read or to learn, or if the teacher's states are not those of the answer's tokens.
    func check() throws(TrainingError) {
        let rows = teacher_Td?.shape[0] ?? answer.count
        guard !answer.isEmpty, !prompt.isEmpty, rows == answer.count else {
            throw .brokenSample(kind, answerTokens: answer.count, targetRows: rows)
        }
    }
}

extension TrainingSample.Kind: CustomStringConvertible {
    /// As errors name it.
    public var description: String {
        switch self {
        case .answer(let key): "answer \(key)"
        case .chunk(let document, let tokens): "tokens \(tokens) of \(document)"
        case .instruction(let name): "instruction \(name)"
        }
    }
}
