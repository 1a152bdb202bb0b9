// Lines of a file of JSON, one in memory at a time, however large the file. Knows nothing of what they hold.

import Foundation

/// Reads a file line by line; lines longer than a limit are told of and not kept.
struct LineReader {
    /// What stands at a line.
    enum Line: Equatable {
        /// Its bytes, without the line end.
        case bytes(Data)
        /// It is longer than the limit.
        case tooLong
        /// The file cannot be read any further.
        case unreadable(String)
    }

    /// The number of the line that `next` returned last, from 1.
    private(set) var number = 0

    private let file: FileHandle
    private let maximumBytes: Int
    private var buffer = Data()
    private var isAtEnd = false
    /// Whether the last line ended with a carriage return, of which a line feed behind it is a part.
    private var isBehindReturn = false

    init(_ url: URL, maximumBytes: Int) throws {
        file = try FileHandle(forReadingFrom: url)
        self.maximumBytes = maximumBytes
        buffer = try file.read(upToCount: 2) ?? Data()
        // Of UTF-16 no byte is a line end: the whole file is read.
        if TextFile.isUTF16(buffer) { buffer = TextFile.utf8(buffer + (try file.readToEnd() ?? Data())) }
    }

    /// The next line that is not blank, or nil after the last.
    mutating func next() -> Line? {
        while let line = nextLine() {
            if case .bytes(let bytes) = line, bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
                continue
            }
            return line
        }
        return nil
    }

    private mutating func nextLine() -> Line? {
        var line = Data()
        var isTooLong = false
        number += 1
        while true {
            if isBehindReturn, let first = buffer.first {
                if first == UInt8(ascii: "\n") { buffer = buffer.dropFirst() }
                isBehindReturn = false
            }
            // In JSON both stand for nothing else: within a text they are written \n and \r.
            if let end = buffer.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
                line.append(buffer[..<end])
                isBehindReturn = buffer[end] == UInt8(ascii: "\r")
                buffer = buffer[buffer.index(after: end)...]
                return finish(line, isTooLong)
            }
            line.append(buffer)
            buffer = Data()
            if line.count > maximumBytes {
                isTooLong = true
                line = Data()
            }
            guard !isAtEnd else { return line.isEmpty && !isTooLong ? nil : finish(line, isTooLong) }
            do {
                buffer = try file.read(upToCount: 1 << 18) ?? Data()
                isAtEnd = buffer.isEmpty
            } catch {
                isAtEnd = true
                return .unreadable(TextFile.explain(error))
            }
        }
    }

    private func finish(_ line: Data, _ isTooLong: Bool) -> Line {
        guard !isTooLong, line.count <= maximumBytes else { return .tooLong }
        // Files that were put together have byte-order marks inside too.
        return .bytes(TextFile.utf8(line))
    }
}
