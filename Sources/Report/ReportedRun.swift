// Which runs a comparison is made of, and what can be wrong with them.

import Foundation

/// A run's folder and the method that it is shown as.
public struct ReportedRun: Sendable, Hashable {
    /// Runs with one label are the seeds of one method.
    public var label: String
    public var directory: URL

    /// A run's folder and the method that it is shown as.
    public init(label: String, directory: URL) { (self.label, self.directory) = (label, directory) }
}

/// What keeps runs from being compared, as data; the wording is here and nowhere else.
public enum ReportError: Error, Sendable, Hashable {
    /// A run without replies to held-out questions.
    case notEvaluated(run: String)
    /// Two different evaluations that would be the same method, condition and seed.
    case sameSeed(method: String, seed: UInt64, run: String)
}

extension ReportError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .notEvaluated(let run):
            "No held-out question has been answered in \(run): run `instill evaluate --output \(run)` first."
        case .sameSeed(let method, let seed, let run):
            "\(run) is another \"\(method)\" with the seed \(seed): give it a label of its own, as in other=\(run)."
        }
    }
}
