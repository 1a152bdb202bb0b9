// Text to standard output and standard error. Knows terminals, not what is written.

import Foundation

/// The two streams of a process.
enum Console {
    /// Whether standard error is a terminal that understands cursor movements.
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"
    /// Whether a person types the input.
    static let inputIsTerminal = isatty(STDIN_FILENO) == 1
    /// Whether colours are welcome on standard error (https://no-color.org).
    static let usesColor = errorIsTerminal && (environment("NO_COLOR") ?? "").isEmpty

    /// Columns of the terminal; 80 where that is not known.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a line to standard output.
    static func out(_ line: String) { write(line.hasSuffix("\n") ? line : line + "\n", to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    static func error(_ line: String) { write(line.hasSuffix("\n") ? line : line + "\n", to: STDERR_FILENO) }

    /// Writes all of a text. A reader that has gone (`| head`) is no reason to stop working, so errors are let pass.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR || errno == EAGAIN { continue }
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
    }

    private static func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}

extension String {
    /// The text with everything that could move a cursor made a space: titles and paths come from anywhere.
    var printable: String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let isControl = [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            result.append(isControl ? " " : scalar)
        }
        return String(result)
    }

    /// Columns that the text takes on a terminal.
    var columnCount: Int { reduce(0) { $0 + $1.columnCount } }

    /// The beginning of the text that fits so many columns.
    func fitting(_ columns: Int) -> String {
        var used = 0
        return String(
            prefix {
                used += $0.columnCount; return used <= columns
            })
    }
}

extension Character {
    /// Two for East Asian wide characters and emoji, else one.
    fileprivate var columnCount: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
