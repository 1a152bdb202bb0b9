// One run's rows on disk: `<run>/run.sqlite`, opened, locked, brought to the current schema. What is in it is said in
// Schema.swift; each kind of row has a file of its own. Knows nothing of models, prompts or training.

import Basics
import Foundation
internal import GRDB

/// The store of one run: a folder with one SQLite file that holds every row the run has made.
///
/// Every write is a transaction. A committed row survives the end of the process and of the power; a second process
/// that opens the same run for writing is refused. Reading is possible at any time, from any process.
///
/// All functions may be called from any thread, block for as long as the disk takes, and throw ``StoreError``.
public final class RunStore: Sendable {
    /// How a run is opened.
    public enum Access: Sendable {
        /// Makes the folder and the file if need be, and locks the run until the store is released.
        case readWrite
        /// Takes no lock: for reports while another process works. Changes nothing but the schema of an older version.
        case readOnly
    }

    public let directory: URL

    // Declared before the lock: stored properties are released in this order, so the file is closed before it is free.
    private let pool: DatabasePool
    private let lock: RunLock?

    /// Opens the run in a folder.
    ///
    /// Throws `StoreError.locked` when another process has it, and says of a file that is no store, damaged, or from a
    /// newer version what it is. A run of an older version is brought up to date, also where it is to be read alone.
    public convenience init(directory: URL, access: Access = .readWrite) throws {
        try self.init(directory: directory, access: access, maximumPageCount: nil)
    }

    /// As above; `maximumPageCount` bounds the file, in pages of 4 KiB, as a full disk would.
    init(directory: URL, access: Access, maximumPageCount: Int?) throws {
        self.directory = directory
        switch access {
        case .readWrite:
            do {
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            } catch let error as CocoaError {
                throw Self.error(creating: directory, error)
            }
            lock = try RunLock(directory: directory)
        case .readOnly:
            guard FileManager.default.fileExists(atPath: Self.file(in: directory).path) else {
                throw StoreError.noRun(directory: directory.path)
            }
            try Self.bringUpToDate(directory)
            lock = nil
        }
        pool = try Self.naming("Opening the store", in: directory) {
            try Self.open(directory, access: access, maximumPageCount: maximumPageCount)
        }
    }

    static func file(in directory: URL) -> URL { directory.appending(path: "run.sqlite") }

    private static func open(_ directory: URL, access: Access, maximumPageCount: Int?) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.readonly = access == .readOnly
        let state = try inspect(directory, configuration)
        guard access == .readWrite else {
            if state == .empty { throw StoreError.noRun(directory: directory.path) }
            if state == .older { throw StoreError.olderVersion(file: file(in: directory).path) }
            return try DatabasePool(path: file(in: directory).path, configuration: configuration)
        }
        let pool = try DatabasePool(path: file(in: directory).path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            // A commit stands for seconds to minutes of generation, and refers to teacher targets on disk: worth an
            // fsync, so that it outlives the power too.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            if let maximumPageCount { try database.execute(sql: "PRAGMA max_page_count = \(maximumPageCount)") }
        }
        if state != .current { try Schema.migrate(pool) }
        return pool
    }

    /// Looks at the file before anything is changed in it: it may be another program's.
    ///
    /// What a process that was killed had half written with a rollback journal, only a writer can take back. A run has
    /// such a journal before it has its first table alone, since it is in WAL mode after that: a reader calls it empty.
    private static func inspect(_ directory: URL, _ configuration: Configuration) throws -> Schema.State {
        let file = file(in: directory).path
        guard let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber,
            size.intValue > 0
        else { return .empty }
        do {
            let queue = try DatabaseQueue(path: file, configuration: configuration)
            return try queue.read { try Schema.inspect($0, file: file) }
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
            return .empty
        }
    }

    /// Throws `StoreError.olderVersion` where that is not to be done now, or not here.
    private static func bringUpToDate(_ directory: URL) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let state = try naming("Opening the store", in: directory) { try inspect(directory, configuration) }
        guard state == .older else { return }
        do {
            _ = try RunStore(directory: directory)
        } catch StoreError.locked, StoreError.notWritable {
            throw StoreError.olderVersion(file: file(in: directory).path)
        }
    }

    private static func error(creating directory: URL, _ error: CocoaError) -> StoreError {
        let code = (error.underlying as? POSIXError)?.code
        switch code ?? (error.code == .fileWriteOutOfSpace ? .ENOSPC : .EACCES) {
        case .EEXIST: return .notWritable(directory: directory.path, reason: "a file is in the way")
        case let code: return StoreError(errno: code.rawValue, directory: directory)
        }
    }

    // MARK: - Transactions

    /// Reads in one snapshot of the database.
    func read<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        try Self.naming(operation, in: directory) { try pool.read(body) }
    }

    /// Writes in one transaction: all of `body` is committed, or none of it.
    @discardableResult
    func write<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        try Self.naming(operation, in: directory) { try pool.write(body) }
    }

    /// A key read from a row.
    func key(_ text: String) throws -> ContentKey {
        guard let key = ContentKey(text) else {
            throw StoreError.damaged(file: Self.file(in: directory).path, reason: "\"\(text)\" is not a row's key")
        }
        return key
    }

    /// A value that is kept as JSON in a row.
    func decode<Value: Decodable>(_ json: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(json.utf8))
        } catch {
            throw StoreError.damaged(
                file: Self.file(in: directory).path, reason: "\"\(json)\" is not what it should be")
        }
    }

    /// A value as JSON for a row.
    func encode(_ value: some Encodable) throws -> String {
        String(decoding: try value.canonicalJSON(), as: UTF8.self)
    }

    private static func naming<Value>(_ operation: String, in directory: URL, _ body: () throws -> Value) throws
        -> Value
    {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error, operation: operation, directory: directory)
        }
    }
}
