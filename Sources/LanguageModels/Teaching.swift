// What one model must have to be another's teacher, and what of it a training needs: its output head alone, by which its
// states become logits. Knows files and tokens, not training.
//
// Shape suffixes: M positions, d the teacher's width, V tokens that there are.

import Tokenizers
import Torch

/// The output head of a model that is not the student, cut to the tokens that there are.
///
/// Models of one family share a vocabulary and fill their embeddings up to different numbers of rows, so the rows after the
/// last token are no part of either distribution.
public struct TeacherHead {
    /// [V, d].
    public let weight_Vd: Tensor

    /// The head of the model at a path; nothing else of it is loaded.
    public init(path: String, dtype: DType, device: Device = .cpu) throws {
        let files = try modelSource(path: path)
        try self.init(files.head(dtype: dtype, device: device), tokenCount: files.tokenizer().tokenCount)
    }

    /// The head of a model that is loaded.
    public init(of model: LanguageModel) throws {
        try self.init(model.decoder.head_Vd, tokenCount: model.tokenizer.tokenCount)
    }

    init(_ head: Tensor, tokenCount: Int) throws {
        weight_Vd = try head.narrow(0, start: 0, length: min(tokenCount, head.shape[0]))
    }

    /// Logits [M, V] of the teacher's states [M, d].
    public func logits(_ hidden_Md: Tensor) throws(TorchError) -> Tensor { try hidden_Md.linear(weight_Vd) }
}

extension LanguageModel {
    /// Throws unless the ids of a teacher mean the same to a student: the same tokens at the same ids, the same of them
    /// special, a row of the embedding for each, and an end of turn that ends the student's too. Loads no weights.
    public static func checkTeacher(path teacher: String, student: String) throws {
        let (theirs, ours) = try (ModelTokens(path: teacher), ModelTokens(path: student))
        func refused(_ reason: String) -> LanguageModelError {
            .otherTokens(teacher: teacher, model: student, reason: reason)
        }
        if let difference = theirs.tokenizer.difference(from: ours.tokenizer) {
            throw refused("their vocabularies differ, \(difference)")
        }
        for tokens in [theirs, ours] where tokens.rows < tokens.tokenizer.tokenCount {
            throw refused(
                "\(tokens.path) has \(tokens.rows) rows of embeddings for \(tokens.tokenizer.tokenCount) tokens")
        }
        guard ours.stopTokens.contains(theirs.endOfTurn) else {
            let end = theirs.tokenizer.text(of: theirs.endOfTurn) ?? "\(theirs.endOfTurn)"
            throw refused("the teacher ends its turns with \(end), which does not end this model's replies")
        }
    }

    /// Whether another model's replies can be this one's, token by token, with the same end.
    public func sharesTokens(with other: LanguageModel) -> Bool {
        endOfTurn == other.endOfTurn && tokenizer.difference(from: other.tokenizer) == nil
    }
}

/// What a model's files say of its tokens.
private struct ModelTokens {
    let path: String
    let tokenizer: Tokenizer
    let endOfTurn: Int
    let stopTokens: Set<Int>
    /// Rows of its embedding.
    let rows: Int

    init(path: String) throws {
        let files = try modelSource(path: path)
        self.path = path
        tokenizer = try files.tokenizer()
        let template = try tokenizer.chatTemplate.map(ChatTemplate.init)
        (endOfTurn, stopTokens) = try LanguageModel.turnEnds(path, files, template, tokenizer)
        rows = files.configuration.vocabularySize
    }
}
