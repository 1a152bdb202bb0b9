// The conditions under which held-out questions are asked, and their names in stores and tables.

/// Which model is asked, and what it has before it.
public struct EvaluationCondition: Sendable, Hashable {
    /// The model.
    public enum Subject: Sendable, Hashable {
        case base
        /// The base model with an adapter, which has a name in the run.
        case adapter(String)

        /// The one adapter of a run that compares nothing.
        public static let distilled = Subject.adapter("distilled")

        /// "base", or the adapter's name.
        public var name: String {
            switch self {
            case .base: "base"
            case .adapter(let name): name
            }
        }
    }

    /// What it has before it.
    public enum Book: Sendable, Hashable {
        /// The question alone.
        case closed
        /// The documents that a retriever finds, and in which words.
        case retrieved(RetrievalMethod, RetrievalPrompt)
        /// The question's own document.
        case oracle

        /// "closed_book", "oracle", or the retriever's name, with "_teacher" behind it where the words are the teacher's.
        public var name: String {
            switch self {
            case .closed: "closed_book"
            case .retrieved(let method, .passages): method.rawValue
            case .retrieved(let method, .teacher): "\(method.rawValue)_teacher"
            case .oracle: "oracle"
            }
        }
    }

    /// The model.
    public let subject: Subject
    /// What it has before it.
    public let book: Book

    /// A model and what it has before it.
    public init(subject: Subject, book: Book) {
        self.subject = subject
        self.book = book
    }

    /// "base.closed_book" and so on: the last dot is before the book.
    public var name: String { "\(subject.name).\(book.name)" }
}
