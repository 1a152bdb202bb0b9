// What can be wrong with a tokenizer's files, as data, and the one place where it is put into words.

/// A tokenizer that cannot be used: which file, which part, and what to do.
public enum TokenizerError: Error, Equatable, Sendable {
    /// A file that a tokenizer needs is not there or cannot be read.
    case unreadableFile(path: String, reason: String)
    /// A file is larger than any tokenizer's.
    case fileTooLarge(path: String, bytes: Int, limit: Int)
    /// A file is no JSON.
    case invalidJSON(source: String, offset: Int, reason: String)
    /// A value is missing or of another kind than the format says. `part` is its path, such as `model.vocab`.
    case invalidValue(source: String, part: String, expected: String)
    /// A part that the format allows and this tokenizer does not know.
    case unsupported(source: String, part: String, found: String, supported: String)
    /// Two tokens have the same id.
    case duplicateID(source: String, id: Int, first: String, second: String)
    /// One token has two ids.
    case duplicateToken(source: String, token: String, first: Int, second: Int)
    /// An id is negative or beyond the largest vocabulary that is accepted.
    case idOutOfRange(source: String, token: String, id: Int, limit: Int)
    /// There is no token at all.
    case emptyVocabulary(source: String)
    /// A merge needs a token that the vocabulary lacks.
    case mergeOfUnknownToken(source: String, rank: Int, left: String, right: String, missing: String)
    /// A token named by its id or text (`bos_token`, say) is not in the vocabulary.
    case unknownToken(source: String, role: String, token: String)
    /// A regular expression does not compile.
    case invalidPattern(source: String, pattern: String, reason: String)
}

extension TokenizerError: CustomStringConvertible {
    /// One sentence or two: what was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "\(path) cannot be read (\(reason)). A tokenizer folder needs tokenizer.json; check the model's folder."
        case .fileTooLarge(let path, let bytes, let limit):
            "\(path) has \(bytes) bytes; a tokenizer's file has at most \(limit). Check that it is the right file."
        case .invalidJSON(let source, let offset, let reason):
            "\(source) is not valid JSON at byte \(offset): \(reason). Download the file again."
        case .invalidValue(let source, let part, let expected):
            "\(source): \(part) should be \(expected). Download the file again, or use the model's original."
        case .unsupported(let source, let part, let found, let supported):
            """
            \(source): \(part) is \(found), which is not supported; supported: \(supported). Use another model, or another \
            file of this one.
            """
        case .duplicateID(let source, let id, let first, let second):
            "\(source): tokens \(quoted(first)) and \(quoted(second)) both have id \(id). \(damaged)"
        case .duplicateToken(let source, let token, let first, let second):
            "\(source): token \(quoted(token)) has ids \(first) and \(second). \(damaged)"
        case .idOutOfRange(let source, let token, let id, let limit):
            "\(source): token \(quoted(token)) has id \(id); ids run from 0 to \(limit - 1). \(damaged)"
        case .emptyVocabulary(let source):
            "\(source): the vocabulary is empty. \(damaged)"
        case .mergeOfUnknownToken(let source, let rank, let left, let right, let missing):
            """
            \(source): merge \(rank), \(quoted(left)) with \(quoted(right)), needs token \(quoted(missing)), which is \
            not in the vocabulary. \(damaged)
            """
        case .unknownToken(let source, let role, let token):
            "\(source): \(role) is \(quoted(token)), which is not in the vocabulary. \(damaged)"
        case .invalidPattern(let source, let pattern, let reason):
            "\(source): the pattern \(quoted(pattern)) does not compile (\(reason)). \(damaged)"
        }
    }

    private var damaged: String { "The file is damaged; use the model's original." }

    /// A text from a file, short enough for a sentence and with nothing in it that moves a terminal's cursor.
    private func quoted(_ text: String) -> String {
        let limit = 80
        let shown = text.count > limit ? text.prefix(limit) + "…" : text[...]
        return shown.debugDescription
    }
}
