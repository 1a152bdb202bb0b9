// What the evaluation can be told, and the conditions under which a model is asked.

import Generation

/// Settings of the evaluation. The defaults are the paper's (METHOD, Evaluation).
public struct EvaluationSettings: Codable, Sendable, Hashable {
    /// How the model's tokens are drawn.
    public var sampling = SamplingSettings(temperature: 0.25)
    /// The most tokens of a reply.
    public var maximumTokens = 500

    /// The paper's settings.
    public init() {}
}

/// Which model is asked, and what it has before it.
public struct EvaluationCondition: Sendable, Hashable {
    /// The model.
    public enum Subject: String, Sendable, Hashable, CaseIterable {
        case base, distilled
    }

    /// What it has before it.
    public enum Book: String, Sendable, Hashable, CaseIterable {
        /// The question alone.
        case closed = "closed_book"
        /// The question's own document.
        case oracle
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

    /// All four, base first.
    public static let all = Subject.allCases.flatMap { subject in
        Book.allCases.map { EvaluationCondition(subject: subject, book: $0) }
    }

    /// "base.closed_book" and so on.
    public var name: String { "\(subject.rawValue).\(book.rawValue)" }
}
