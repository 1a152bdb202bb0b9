/// What a grader made of a reply.
public enum Verdict: String, Codable, Sendable, CaseIterable {
    /// The reply agrees with a gold answer.
    case correct
    case incorrect
    /// The grader gave no grade that could be read, however often it was asked. Counts as not right, and is counted.
    case unparsed
}
