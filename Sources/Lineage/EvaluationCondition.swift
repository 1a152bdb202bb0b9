// The conditions under which held-out questions are asked, and their names in stores and tables.

/// Which model is asked, and what it has before it.
public struct EvaluationCondition: Sendable, Hashable {
    public enum Subject: Sendable, Hashable {
        case base
        /// The base model with an adapter, which has a name in the run.
        case adapter(String)

        /// The one adapter of a run that compares nothing.
        public static let distilled = Subject.adapter("distilled")

        public init(name: String) { self = name == Subject.base.name ? .base : .adapter(name) }

        /// "base", or the adapter's name.
        public var name: String {
            switch self {
            case .base: "base"
            case .adapter(let name): name
            }
        }
    }

    /// What the model has before it.
    public enum Book: Sendable, Hashable {
        case closed
        /// The documents that a retriever finds, and in which words.
        case retrieved(RetrievalMethod, RetrievalPrompt)
        /// The question's own document.
        case oracle

        /// From the least that a model has before it to the most, as tables have them.
        public static let all: [Book] =
            [.closed]
            + RetrievalMethod.allCases.flatMap { method in
                RetrievalPrompt.allCases.map { .retrieved(method, $0) }
            } + [.oracle]

        public var isRetrieved: Bool { if case .retrieved = self { true } else { false } }

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

    public let subject: Subject
    public let book: Book

    public init(subject: Subject, book: Book) { (self.subject, self.book) = (subject, book) }

    /// nil for what is no condition's name.
    public init?(name: String) {
        guard let book = Book.all.first(where: { name.hasSuffix(".\($0.name)") }) else { return nil }
        self.init(subject: Subject(name: String(name.dropLast(book.name.count + 1))), book: book)
    }

    /// "base.closed_book" and so on.
    public var name: String { "\(subject.name).\(book.name)" }
}
