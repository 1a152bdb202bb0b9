// SQLite without the store, for tests that count its work or spoil its files.

import Foundation
import GRDB
import GRDBSQLite
@testable import Store
import Synchronization

/// Runs SQL on a file, as another program would.
func sqlite(_ file: URL, _ sql: String) throws {
    try DatabaseQueue(path: file.path).write { try $0.execute(sql: sql) }
}

/// Leaves a file and its rollback journal as a process that is killed in the midst of a transaction does.
func killedTransaction(_ file: URL, _ sql: String) throws {
    let undisturbed = file.appendingPathExtension("undisturbed")
    try sqlite(undisturbed, "PRAGMA user_version = 1")
    let queue = try DatabaseQueue(path: undisturbed.path)
    // A journal is one to take back from its first write on, not only from the moment of the commit.
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
    try queue.inTransaction {
        try $0.execute(sql: sql)
        for journal in ["", "-journal"] {
            try FileManager.default.copyItem(atPath: undisturbed.path + journal, toPath: file.path + journal)
        }
        return .rollback
    }
}

/// What SQLite says of a file's integrity: "ok" if all is well.
func integrity(_ file: URL) throws -> String? {
    try DatabaseQueue(path: file.path).read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
}

private final class Counter: Sendable {
    let count = Atomic(0)
}

extension RunStore {
    /// How many virtual-machine steps SQLite takes for `body`, in units of ten.
    func countingSteps(_ body: () throws -> Void) throws -> Int {
        let counter = Counter()
        let context = Unmanaged.passUnretained(counter).toOpaque()
        let count: @convention(c) (UnsafeMutableRawPointer?) -> CInt = { context in
            if let context {
                Unmanaged<Counter>.fromOpaque(context).takeUnretainedValue().count.add(1, ordering: .relaxed)
            }
            return 0
        }
        // One thread at a time uses the same reader each time.
        try read("Counting") { sqlite3_progress_handler($0.sqliteConnection, 10, count, context) }
        try write("Counting") { sqlite3_progress_handler($0.sqliteConnection, 10, count, context) }
        try body()
        try read("Counting") { sqlite3_progress_handler($0.sqliteConnection, 0, nil, nil) }
        try write("Counting") { sqlite3_progress_handler($0.sqliteConnection, 0, nil, nil) }
        return withExtendedLifetime(counter) { counter.count.load(ordering: .relaxed) }
    }
}
