// What can go wrong with a run's store, as data, and the one place where it is put into words.

import Foundation
internal import GRDB

/// A failure of a run's store: what happened, to which run, and what to do.
public enum StoreError: Error, Equatable, Sendable {
    /// Another process works on the run. `holder` is nil when its note could not be read.
    case locked(directory: String, holder: LockHolder?)
    /// The folder cannot be locked, as on some network file systems.
    case unlockable(directory: String, reason: String)
    /// There is no run in the folder, and it was opened for reading.
    case noRun(directory: String)
    /// The file is no SQLite file, or an SQLite file of another program.
    case notAStore(file: String)
    /// The file was a store and is damaged.
    case damaged(file: String, reason: String)
    /// The store was written by a newer Instill.
    case newerVersion(file: String)
    /// The store was written by an older Instill and was opened for reading.
    case olderVersion(file: String)
    /// No space is left.
    case diskFull(directory: String)
    /// The folder or the file may not be written.
    case notWritable(directory: String, reason: String)
    case inputOutput(directory: String, reason: String)
    /// A stage's settings cannot be written as JSON.
    case settings(stage: String, reason: String)
    /// Any other refusal of SQLite's, with the operation that met it.
    case database(operation: String, directory: String, reason: String)
}

extension StoreError: CustomStringConvertible {
    /// One sentence or two: what was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .locked(let directory, let holder?):
            "The run in \(directory) is in use by \(holder). Wait until that ends, or stop it, and try again."
        case .locked(let directory, nil):
            "The run in \(directory) is in use by another process. Wait until that ends, or stop it, and try again."
        case .unlockable(let directory, let reason):
            "The run in \(directory) cannot be locked (\(reason)). Choose an output folder on a local disk."
        case .noRun(let directory):
            "There is no run in \(directory). Check the path, or make one with `instill run`."
        case .notAStore(let file):
            "\(file) is not a run of Instill's. Choose another output folder, or move that file away."
        case .damaged(let file, let reason):
            """
            \(file) is damaged (\(reason)). Restore it from a backup, or save what can be read with \
            `sqlite3 \(file) .recover`, or choose another output folder.
            """
        case .newerVersion(let file):
            "\(file) was written by a newer Instill. Use that version, or choose another output folder."
        case .olderVersion(let file):
            "\(file) was written by an older Instill. Run any stage on it once to bring it up to date."
        case .diskFull(let directory):
            """
            The disk holding \(directory) is full; free space and run the same command again: everything so far is kept.
            """
        case .notWritable(let directory, let reason):
            "The run in \(directory) cannot be written (\(reason)). Change its permissions or choose another folder."
        case .inputOutput(let directory, let reason):
            """
            The disk holding \(directory) failed (\(reason)). Check it, then run the same command again: everything \
            committed so far is kept.
            """
        case .settings(let stage, let reason):
            "The settings of \(stage) cannot be recorded: \(reason)."
        case .database(let operation, let directory, let reason):
            "\(operation) failed in the run in \(directory): \(reason)."
        }
    }
}

extension StoreError {
    /// Names an SQLite error by what a person can do about it.
    init(_ error: DatabaseError, operation: String, directory: URL) {
        let file = RunStore.file(in: directory).path
        let reason = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self = .diskFull(directory: directory.path)
        case .SQLITE_IOERR:
            // SQLite reports some full disks as failed writes: ask the disk itself.
            self =
                Self.isFull(directory)
                ? .diskFull(directory: directory.path) : .inputOutput(directory: directory.path, reason: reason)
        case .SQLITE_NOTADB:
            self = .notAStore(file: file)
        case .SQLITE_CORRUPT:
            self = .damaged(file: file, reason: reason)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            self = .notWritable(directory: directory.path, reason: reason)
        default:
            self = .database(operation: operation, directory: directory.path, reason: reason)
        }
    }

    /// Names a failed system call on the folder.
    init(errno code: Int32, directory: URL) {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull(directory: directory.path)
        case EIO: self = .inputOutput(directory: directory.path, reason: reason)
        default: self = .notWritable(directory: directory.path, reason: reason)
        }
    }

    /// Whether less than a mebibyte is left on the disk that holds the folder.
    private static func isFull(_ directory: URL) -> Bool {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory.path)
        guard let free = attributes?[.systemFreeSize] as? NSNumber else { return false }
        return free.int64Value < 1 << 20
    }
}
