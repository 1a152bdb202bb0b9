// What can be wrong with grading, as data, and the one place where it is put into words.

/// Grades that cannot be given or taken.
public enum GradingError: Error, Sendable, Hashable {
    /// A held-out question without an answer to hold a reply against.
    case noGolds(question: String, source: String)
    /// There are no replies to grade yet.
    case noReplies
    /// None of so many judgements, of several attempts each, held a grade in form.
    case neverInForm(judge: String, replies: Int, attempts: Int)
    /// Not one reply fits the judge's context.
    case contextTooShort(judge: String, replies: Int)
    /// A person's name that cannot be a grader's.
    case badName(String, reason: String)
    /// A file of grades that cannot be read at all.
    case unreadable(file: String, reason: String)
    /// Rows of a file of grades that cannot be; none of the file is taken.
    case badRows(file: String, [BadRow])

    /// A row of a file of grades, and what is wrong with it.
    public struct BadRow: Sendable, Hashable {
        /// The line that the row begins at, from 1.
        public let line: Int
        /// Why it cannot be.
        public let reason: String

        init(_ line: Int, _ reason: String) { (self.line, self.reason) = (line, reason) }
    }
}

extension GradingError: CustomStringConvertible {
    /// Rows that are told of one by one.
    private static let shownRows = 10

    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noGolds(let question, let source):
            return "\(source): the question \"\(question)\" has no gold answer; give it one, or take it out, "
                + "and run `instill evaluate` again."
        case .noReplies:
            return "There are no replies to grade yet: run `instill evaluate` with held-out questions first."
        case .neverInForm(let judge, let replies, let attempts):
            return "\(judge) gave none of \(replies) replies a grade that can be read, asked \(attempts) times each. "
                + "They are kept as unparsed, with what it said. Take a more capable judge with --judge, or raise "
                + "judge.maximumTokens or judge.attempts."
        case .contextTooShort(let judge, let replies):
            return "None of \(replies) replies fits the context of \(judge) together with the worked examples; take a "
                + "judge with a longer context, or lower judge.maximumTokens."
        case .badName(let name, let reason): return "\"\(name)\" cannot be a grader's name: \(reason)."
        case .unreadable(let file, let reason): return "The grades in \(file) cannot be read: \(reason)."
        case .badRows(let file, let rows):
            let shown = rows.prefix(Self.shownRows).map { "line \($0.line): \($0.reason)" }
            let more = rows.count - shown.count
            return "None of the grades in \(file) is taken; mend it and import it again: "
                + (shown + (more > 0 ? ["and \(more) more lines"] : [])).joined(separator: "; ") + "."
        }
    }
}
