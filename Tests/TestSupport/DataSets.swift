// Data sets that a checkout may have beside it, in ../shared/data as in the conformance checks. They are not part of the
// project: tests that read them are skipped without them, and say so.

import Foundation

/// Real data for tests.
public enum DataSets {
    /// What a skipped test says.
    public static let absence: String = "the data sets are not in ../shared/data"

    /// A file of them; nil where there is none.
    public static func file(_ name: String) -> URL? {
        let url = URL(fileURLWithPath: "../shared/data").appending(path: name)
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }
}
