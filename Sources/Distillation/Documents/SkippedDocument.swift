// What was found and not taken, and the one place where the reasons are put into words. Nothing that the user pointed at
// is left out without a line here.

import Foundation

/// Something that was not taken: a document, a held-out question, or another row of a file that the user named.
public struct SkippedDocument: Equatable, Sendable {
    /// Where it is: a path, with a line number in files of many.
    public let source: String
    /// Why it was not taken.
    public let reason: Reason

    /// Why something is not taken.
    public enum Reason: Equatable, Sendable {
        /// There is no text in it.
        case empty
        /// It cannot be read, with the system's reason.
        case unreadable(String)
        /// It is a device, a pipe or a socket.
        case notAFile
        /// A link leads back to a folder that holds it.
        case linkLoop
        /// Text in another encoding.
        case notUTF8
        /// No text at all.
        case binary
        /// More bytes than are allowed.
        case tooLarge(bytes: Int?, maximum: Int)
        /// A kind of file that is not read, by its extension.
        case unknownKind(String)
        /// A line, or a file, that is not JSON.
        case notJSON
        /// JSON without one of these fields, or with something else in it than text.
        case missingField([String])
        /// A field that holds something else than text.
        case wrongType(field: String, String)
        /// A table whose quotes do not go together.
        case brokenTable(line: Int, String)
        /// A file of held-out questions among documents.
        case questions
        /// A `.json` file of documents or questions in a shape that is not read.
        case unknownShape
        /// Apache Parquet, for which no reader is at hand.
        case parquet
        /// The same text as an earlier document's.
        case duplicate(of: String)
        /// A held-out question without an answer to hold a reply against.
        case noAnswer
        /// So many held-out questions that the data themselves say have no answer.
        case unanswerable(Int)
        /// A held-out question on a document that the run does not have.
        case unknownDocument(String)
        /// A row in none of the forms that its kind of file can have.
        case unknownForm
        /// A turn of a conversation by someone who is neither system, user nor assistant.
        case unknownRole(String)
        /// Turns that do not go from user to assistant and back.
        case turnsOutOfOrder
        /// A conversation without a reply to learn from.
        case noReply
        /// A multiple-choice question without two options or more.
        case noOptions
        /// A multiple-choice question whose answer is not among its options.
        case answerOutOfRange(String, options: Int)
        /// A multiple-choice question whose answer is one option's number and another's place.
        case ambiguousAnswer(String)
    }

    package init(_ source: String, _ reason: Reason) {
        (self.source, self.reason) = (source, reason)
    }
}

extension SkippedDocument: CustomStringConvertible {
    /// "docs/a.pdf: convert it to text first, say with pdftotext".
    public var description: String { "\(source): \(reason)" }
}

extension SkippedDocument.Reason: CustomStringConvertible {
    /// The reason, and what to do where something can be done.
    public var description: String {
        switch self {
        case .empty: "is empty"
        case .unreadable(let reason): "cannot be read (\(reason))"
        case .notAFile: "is not a regular file"
        case .linkLoop: "is a link to a folder that holds it"
        case .notUTF8: "is not UTF-8; convert it first, say with iconv"
        case .binary: "is binary, not text"
        case .tooLarge(let bytes?, let maximum):
            "is too large (\(Self.size(bytes)), at most \(Self.size(maximum))); split it, or raise the limit"
        case .tooLarge(nil, let maximum): "is too large (at most \(Self.size(maximum))); split it, or raise the limit"
        case .unknownKind(let kind): Self.advice(kind)
        case .notJSON: "is not JSON"
        case .missingField(let names): "has no text in \(Self.list(names))"
        case .wrongType(let field, let type): "has \(type) in \(field), which is to hold text"
        case .brokenTable(let line, let reason): "has a fault in line \(line): \(reason)"
        case .questions: "holds questions, not documents"
        case .unknownShape:
            "is neither a list of rows nor SQuAD's JSON (data, paragraphs, context) nor HotpotQA's (question, answer, "
                + "context); turn it into JSONL with a text field"
        case .parquet:
            "is Parquet, which is not read; convert it to JSONL first, say with pandas: "
                + "pandas.read_parquet(\"in.parquet\").to_json(\"out.jsonl\", orient=\"records\", lines=True)"
        case .duplicate(let first): "has the same text as \(first)"
        case .noAnswer: "has no answer"
        case .unanswerable(let count): "\(count) of its questions, which the data mark as having no answer"
        case .unknownDocument(let name): "is on \"\(name)\", which is not among the documents"
        case .unknownForm: "has none of the known forms"
        case .unknownRole(let role): "has a turn of \"\(role)\", who is neither system, user nor assistant"
        case .turnsOutOfOrder: "has turns that do not go from user to assistant and back"
        case .noReply: "has no reply"
        case .noOptions: "has no list of two options or more (choices, options or endings)"
        case .answerOutOfRange(let answer, let options):
            "has the answer \(answer), which is none of its \(options) options"
        case .ambiguousAnswer(let answer):
            "has the answer \(answer), which is one of its options and the place of another; write it as a string to mean the "
                + "option, or name the place answer_index"
        }
    }

    private static func advice(_ kind: String) -> String {
        switch kind {
        case "": "has no extension; rename it to .txt or .md if it is text"
        case "pdf": "convert it to text first, say with pdftotext"
        case "doc", "docx", "odt", "rtf", "epub", "html", "htm", "tex", "rst", "org":
            "convert it to Markdown first, say with pandoc"
        case "xls", "xlsx": "save it as CSV first, with a column text"
        case "parquet": "turn it into JSONL with a text field first"
        default: ".\(kind) is not read; rename it to .txt or .md if it is text"
        }
    }

    private static func list(_ names: [String]) -> String {
        names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }

    private static func size(_ bytes: Int) -> String {
        switch bytes {
        case ..<10_000: "\(bytes) bytes"
        case ..<10_000_000: "\(bytes / 1_000) kB"
        default: "\(bytes / 1_000_000) MB"
        }
    }
}
