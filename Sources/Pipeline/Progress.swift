// What a run tells while it works. Does not know how that is shown.

import Lineage

public enum ProgressEvent: Sendable, Hashable {
    /// A stage began; `done` of `total` pieces of work were there from before.
    case started(Stage, done: Int, total: Int)
    /// Pieces of work are done; `detail` says how it goes in a few words.
    case advanced(Stage, done: Int, total: Int, detail: String)
    /// A stage ended; the summary is one line for a person.
    case finished(Stage, summary: String)
    /// Something that the user should know: a changed setting, a skipped file.
    case notice(String)
}

/// The run was asked to stop; everything finished is kept.
public struct RunStopped: Error, Sendable, Hashable, CustomStringConvertible {
    public init() {}

    public var description: String {
        "Stopped. Everything finished is kept; run the same command again to go on from here."
    }
}
