// A file mapped into memory for reading. Knows nothing of what the bytes mean.

import Foundation

/// A whole file, mapped read-only for as long as this object lives. Nothing is read before it is touched.
///
/// The file must not be made shorter meanwhile: touching a page that is gone kills the process (SIGBUS). Files that
/// this package writes are replaced, never changed, so an open mapping keeps the old contents.
public final class MappedFile: Sendable {
    /// The path that the file was opened by.
    public let path: String
    /// Bytes in the file.
    public let count: Int
    // Safe to share: the memory is read-only, and goes only with the last reference.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer?

    /// Maps the file, which may be empty. Folders, pipes, devices and what stands for a file that was not fetched are refused.
    public init(path: String) throws(ModelFileError) {
        // O_NONBLOCK: opening a pipe would wait for its other end before its kind can be seen.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(operation: "opened", file: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(operation: "read", file: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(file: path) }
        self.path = path
        count = Int(status.st_size)
        guard count > 0 else {
            base = nil
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw .system(operation: "mapped", file: path, code: errno)
        }
        self.base = base
        let pointer = Self.pointerStart
        if count < 1024, UnsafeRawBufferPointer(start: base, count: count).starts(with: pointer.utf8) {
            throw .pointer(file: path)
        }
    }

    /// What stands in the place of a large file that Git LFS has not fetched (git-lfs, docs/spec.md).
    private static let pointerStart = "version https://git-lfs.github.com/spec/"

    deinit {
        if let base { munmap(base, count) }
    }

    /// Hands all bytes to `body`. A pointer that is to outlive the call needs a reference to this object beside it.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Hands the bytes in a range to `body`; the range must lie within the file.
    func withBytes<R, E: Error>(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBytes { bytes throws(E) in try body(UnsafeRawBufferPointer(rebasing: bytes[range])) }
    }
}
