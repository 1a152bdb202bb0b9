// Files and folders that appear whole or not at all: written aside under a hidden name, flushed to the disk, renamed. A
// write that fails removes what it wrote. One whose process is killed leaves the hidden name, and the next write to the
// same path takes that over. Knows nothing of what is written.

import Foundation

/// A file or folder that replaces what was at its path in one step.
public enum WholeFile {
    /// Writes a file by `body`; nothing is at `path`, or the old file is, until all of it is on the disk.
    public static func write(to path: String, _ body: (borrowing FileSink) throws -> Void) throws {
        let place = try Place(path)
        try place.checkOrdinary()
        let descriptor = try place.claim { open($0, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666) }
        defer { close(descriptor) }
        do {
            try check(ftruncate(descriptor, 0), "written", path)
            try body(FileSink(descriptor: descriptor, path: path))
            try check(fsync(descriptor), "written", path)
            try check(rename(place.aside, place.path), "written", path)
        } catch {
            unlink(place.aside)
            throw error
        }
        try flushDirectory(place.parent)
    }

    /// Writes bytes, all of them or none.
    public static func write(_ data: Data, to path: String) throws {
        try write(to: path) { file in try data.withUnsafeBytes { try file.write($0) } }
    }

    /// Writes a folder: `body` fills the empty folder whose path it is given.
    ///
    /// An older folder at `path` is replaced, unless it holds files that the new one does not: those are someone's.
    public static func writeDirectory(at path: String, _ body: (String) throws -> Void) throws {
        try writeDirectory(at: path, canExchange: true, body)
    }

    static func writeDirectory(at path: String, canExchange: Bool, _ body: (String) throws -> Void) throws {
        let place = try Place(path)
        let descriptor = try place.claim { name in
            mkdir(name, 0o777) == 0 || errno == EEXIST
                ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1
        }
        defer { close(descriptor) }
        do {
            try place.clearAway()
            try body(place.aside)
            try check(fsync(descriptor), "written", path)
            try place.checkReplaceable()
            try place.putDirectoryInPlace(canExchange: canExchange)
        } catch {
            try? FileManager.default.removeItem(atPath: place.aside)
            throw error
        }
        try flushDirectory(place.parent)
    }

    fileprivate static func check(_ result: Int32, _ operation: String, _ path: String) throws(FileError) {
        guard result == 0 else { throw .system(operation: operation, file: path, code: errno) }
    }

    /// A rename is on the disk only when the folder that it happened in is.
    private static func flushDirectory(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(operation: "flushed", file: path, code: errno) }
        defer { close(descriptor) }
        try check(fsync(descriptor), "flushed", path)
    }
}

/// A file that is open for writing.
public struct FileSink: ~Copyable {
    fileprivate let descriptor: Int32
    fileprivate let path: String

    /// Writes all bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let written = Foundation.write(descriptor, start, rest.count)
            guard written >= 0 || errno == EINTR else {
                throw .system(operation: "written", file: path, code: errno)
            }
            rest = rest.dropFirst(max(0, written))
        }
    }
}

/// A path and the hidden name beside it under which its contents are made.
private struct Place {
    let path: String
    let parent: String
    let aside: String
    /// Where an older folder waits while the new one takes its place.
    let replaced: String

    init(_ path: String) throws(FileError) {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        let name = url.lastPathComponent
        guard !name.isEmpty, name != "/" else { throw .system(operation: "written", file: path, code: EINVAL) }
        parent = url.deletingLastPathComponent().path
        self.path = parent + "/" + name
        aside = parent + "/." + name + ".partial"
        replaced = parent + "/." + name + ".replaced"
    }

    /// A device, a pipe or a link is not replaced by a file: whoever put it there wants it to stay.
    func checkOrdinary() throws(FileError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw .notReplaceable(file: path)
    }

    /// Opens the hidden name and locks it, so that two processes never write there at once.
    func claim(_ openAside: (String) -> Int32) throws(FileError) -> Int32 {
        while true {
            let descriptor = openAside(aside)
            guard descriptor >= 0 else { throw .system(operation: "written", file: path, code: errno) }
            // File systems that cannot lock are written without.
            if isLockedByAnother(descriptor) {
                close(descriptor)
                throw .beingWritten(file: path)
            }
            if isStillAside(descriptor) { return descriptor }
            // Between opening and locking, the one who wrote here finished and renamed it away.
            close(descriptor)
        }
    }

    /// Whether another writer keeps its lock. A process that starts another is two that hold its locks until the other runs
    /// a program of its own, so one that was let go may be held for some moments yet.
    private func isLockedByAnother(_ descriptor: Int32) -> Bool {
        for _ in 0..<10 {
            guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return false }
            usleep(20_000)
        }
        return true
    }

    private func isStillAside(_ descriptor: Int32) -> Bool {
        var opened = stat()
        var named = stat()
        return fstat(descriptor, &opened) == 0 && lstat(aside, &named) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }

    /// Empties the folder that a killed writer may have left, and undoes what it may have left half renamed.
    func clearAway() throws(FileError) {
        for name in try names(in: aside) { try remove(aside + "/" + name) }
        guard access(replaced, F_OK) == 0 else { return }
        if access(path, F_OK) == 0 { try remove(replaced) } else { try renameFolder(replaced, to: path) }
    }

    /// Refuses to replace a folder that holds anything else than the files that the new one has too.
    func checkReplaceable() throws(FileError) {
        guard access(path, F_OK) == 0 else { return }
        let foreign = Set(try names(in: path)).subtracting(try names(in: aside))
        guard foreign.isEmpty else { throw .foreignFiles(directory: path, names: foreign.sorted()) }
    }

    /// Swaps the two folders in one step where the system can. Where it cannot, the old folder waits under a third name
    /// between two renames.
    func putDirectoryInPlace(canExchange: Bool) throws(FileError) {
        if rename(aside, path) == 0 { return }
        guard errno == ENOTEMPTY || errno == EEXIST else {
            throw .system(operation: "written", file: path, code: errno)
        }
        if canExchange, exchange(aside, path) {
            try remove(aside)
            return
        }
        try renameFolder(path, to: replaced)
        do throws(FileError) {
            try renameFolder(aside, to: path)
        } catch {
            rename(replaced, path)
            throw error
        }
        try remove(replaced)
    }

    private func renameFolder(_ old: String, to new: String) throws(FileError) {
        guard rename(old, new) == 0 else { throw .system(operation: "replaced", file: path, code: errno) }
    }

    private func names(in folder: String) throws(FileError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .system(operation: "read", file: folder, code: error.systemCode)
        }
    }

    private func remove(_ item: String) throws(FileError) {
        do {
            try FileManager.default.removeItem(atPath: item)
        } catch {
            throw .system(operation: "removed", file: item, code: error.systemCode)
        }
    }
}

extension Error {
    /// The `errno` behind a FileManager's error.
    fileprivate var systemCode: Int32 {
        ((self as? CocoaError)?.underlying as? POSIXError)?.code.rawValue ?? EIO
    }
}

/// Swaps two names in one step: Linux's `renameat2`, which the Glibc module does not show. False where it is missing or
/// the file system refuses.
private func exchange(_ first: String, _ second: String) -> Bool {
    typealias RenameAt2 = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    let renameat2 = unsafeBitCast(symbol, to: RenameAt2.self)
    let exchangeFlag: UInt32 = 2
    return renameat2(AT_FDCWD, first, AT_FDCWD, second, exchangeFlag) == 0
}
