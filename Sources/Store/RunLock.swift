// One process at a time works on a run. The lock is the kernel's, so it ends with the process however that ends; what
// the file says is only for people. Knows nothing of the database.

import Foundation

/// Who holds a run: what the lock file says.
public struct LockHolder: Codable, Equatable, Sendable, CustomStringConvertible {
    public let pid: Int32
    /// The machine it runs on.
    public let host: String
    /// When it took the lock.
    public let since: Date
    public let command: String

    /// "process 4711 on anna since 2026-01-31T09:30:00Z (instill run …)".
    public var description: String {
        "process \(pid) on \(host) since \(since.ISO8601Format()) (\(command))"
    }

    /// This process, now.
    static func current() -> LockHolder {
        LockHolder(
            pid: ProcessInfo.processInfo.processIdentifier,
            host: ProcessInfo.processInfo.hostName,
            since: Date(),
            command: CommandLine.arguments.joined(separator: " "))
    }
}

/// An exclusive `flock` on `<run>/lock`, held as long as the value lives.
final class RunLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, or throws `StoreError.locked` naming who has it.
    init(directory: URL) throws(StoreError) {
        let path = directory.appending(path: "lock").path
        // Closed on exec: a child process must not keep the run locked after its parent ends.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StoreError(errno: errno, directory: directory) }
        guard Self.take(descriptor) else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .unlockable(directory: directory.path, reason: String(cString: strerror(code)))
            }
            throw .locked(directory: directory.path, holder: holder)
        }
        self.descriptor = descriptor
        try sign(directory: directory)
    }

    deinit { close(descriptor) }

    /// Whether the lock was to be had within a second; errno says why not. A process that starts another is two that hold
    /// its locks until the other runs a program of its own, so one that was let go may be held for some moments yet.
    private static func take(_ descriptor: Int32) -> Bool {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK else { return false }
            usleep(50_000)
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// Writes who holds the lock.
    private func sign(directory: URL) throws(StoreError) {
        guard let note = try? Self.encoder.encode(LockHolder.current()) else { return }
        let written = note.withUnsafeBytes {
            ftruncate(descriptor, 0) == 0 ? pwrite(descriptor, $0.baseAddress, $0.count, 0) : -1
        }
        guard written == note.count else { throw StoreError(errno: written < 0 ? errno : ENOSPC, directory: directory) }
    }

    private static func holder(_ descriptor: Int32) -> LockHolder? {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return try? decoder.decode(LockHolder.self, from: Data(bytes[..<count]))
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
