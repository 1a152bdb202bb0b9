// What can go wrong where files are written, as data, and the one place where it is put into words.

import Foundation

/// A failure to write a file or a folder: which, and why.
public enum FileError: Error, Equatable, Sendable {
    /// The operating system refused an operation ("opened", "written", …) with this `errno`.
    case system(operation: String, file: String, code: Int32)
    /// Another process is writing the same file or folder now.
    case beingWritten(file: String)
    /// What is at the path is a device, a pipe, a link or a folder.
    case notReplaceable(file: String)
    /// A folder about to be replaced holds something that the new one would not.
    case foreignFiles(directory: String, names: [String])
}

extension FileError: CustomStringConvertible {
    /// One sentence or two: what was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .system(let operation, let file, ENOSPC):
            "\(file) cannot be \(operation): the disk is full. Free some space; nothing was left behind."
        case .system(let operation, let file, EFBIG):
            "\(file) cannot be \(operation): it would be larger than the file system or `ulimit -f` allows."
        case .system(let operation, let file, let code):
            "\(file) cannot be \(operation): \(String(cString: strerror(code)))."
        case .notReplaceable(let file):
            "\(file) is not an ordinary file and is left alone; name another place."
        case .beingWritten(let file):
            "\(file) is being written by another process. Wait until that ends, or stop it, and try again."
        case .foreignFiles(let directory, let names):
            """
            \(directory) would be replaced, but holds other files as well (\(names.joined(separator: ", "))). Move them \
            away, or choose another folder.
            """
        }
    }
}
