// Bytes of a file as text: encodings, and what is no text at all. Knows nothing of what the text means.

import Basics
import Foundation

enum TextFile {
    /// The text of a whole file, or why there is none.
    static func read(_ url: URL, maximumBytes: Int) -> Result<String, SkipReason> {
        switch bytes(of: url, maximumBytes: maximumBytes) {
        case .failure(let reason): .failure(reason)
        case .success(let data): decode(data)
        }
    }

    /// The bytes of a regular file of bounded size.
    static func bytes(of url: URL, maximumBytes: Int) -> Result<Data, SkipReason> {
        size(of: url).flatMap { size in
            guard size <= maximumBytes else { return .failure(.init(.tooLarge(bytes: size, maximum: maximumBytes))) }
            do {
                return .success(try Data(contentsOf: url))
            } catch {
                return .failure(.init(.unreadable(explain(error))))
            }
        }
    }

    /// How many bytes a file has that is safe to open: a pipe would be waited for without end.
    static func size(of url: URL) -> Result<Int, SkipReason> {
        var status = stat()
        guard stat(url.path, &status) == 0 else {
            return .failure(.init(.unreadable(String(cString: strerror(errno)))))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.init(.notAFile)) }
        return .success(Int(status.st_size))
    }

    /// The text of UTF-8, or of UTF-16 with a byte-order mark, cleaned.
    static func decode(_ data: Data) -> Result<String, SkipReason> {
        guard let text = String(validating: utf8(data), as: UTF8.self) else {
            return .failure(.init(looksBinary(data) ? .binary : .notUTF8))
        }
        guard !text.utf8.contains(0) else { return .failure(.init(.binary)) }
        return .success(text.cleaned)
    }

    /// Bytes as UTF-8 without a byte-order mark, which are in UTF-16 where such a mark says so; others as they are.
    static func utf8(_ data: Data) -> Data {
        let marks: [UInt8] = [0xEF, 0xBB, 0xBF]
        if data.starts(with: marks) { return data.dropFirst(marks.count) }
        guard isUTF16(data), data.count.isMultiple(of: 2) else { return data }
        let bytes = [UInt8](data)
        let (low, high) = bytes[0] == 0xFF ? (0, 1) : (1, 0)
        let units = stride(from: 2, to: bytes.count, by: 2).map {
            UInt16(bytes[$0 + low]) | UInt16(bytes[$0 + high]) << 8
        }
        return String(validating: units, as: UTF16.self).map { Data($0.utf8) } ?? data
    }

    /// Whether a byte-order mark says that bytes are UTF-16.
    static func isUTF16(_ data: Data) -> Bool {
        data.starts(with: [0xFF, 0xFE] as [UInt8]) || data.starts(with: [0xFE, 0xFF] as [UInt8])
    }

    /// Whether bytes that are not UTF-8 are no text in another encoding either: a zero, or many control characters.
    private static func looksBinary(_ data: Data) -> Bool {
        let sample = data.prefix(1 << 16)
        let controls = sample.count { $0 < 0x20 && !(0x09...0x0D).contains($0) }
        return sample.contains(0) || controls * 20 > sample.count
    }

    /// The system's reason for a failed read, in its words.
    static func explain(_ error: any Error) -> String {
        let underlying = (error as? CocoaError)?.underlying ?? error
        if let error = underlying as? POSIXError { return String(cString: strerror(error.code.rawValue)) }
        if (error as? CocoaError)?.code == .fileReadNoPermission { return String(cString: strerror(EACCES)) }
        return error.localizedDescription
    }
}

/// A reason as an error, for `Result`.
package struct SkipReason: Error, Equatable {
    package let reason: SkippedDocument.Reason

    package init(_ reason: SkippedDocument.Reason) { self.reason = reason }
}
