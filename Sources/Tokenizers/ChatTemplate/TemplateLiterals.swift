// Number and string literals inside tags, as Jinja2's lexer reads them. Part of the lexer; knows no other token.

extension TemplateLexer {
    /// The number that starts at the current position, and where it ends.
    func readNumber() throws(TemplateError) -> (TemplateToken.Kind, end: Int) {
        if let end = floatEnd() {
            guard let number = Double(digits(position..<end)) else { throw badNumber(end) }
            return (.float(number), end)
        }
        let (start, end, radix) = integerExtent()
        guard let number = Int(digits(start..<end), radix: radix) else { throw badNumber(end) }
        return (.integer(number), end)
    }

    private func badNumber(_ end: Int) -> TemplateError {
        .syntax(line: line, met: "the number \(String(source[position..<end]))", expected: "a number of 64 bits")
    }

    private func digits(_ range: Range<Int>) -> String { String(source[range].filter { $0 != "_" }) }

    /// The end of a run of digits with single underscores between them; `start` itself when there is none.
    private func digitsEnd(from start: Int, where isDigit: (Unicode.Scalar) -> Bool = \.isASCIIDigit) -> Int {
        guard scalar(at: start).map(isDigit) == true else { return start }
        var end = start + 1
        while true {
            if scalar(at: end).map(isDigit) == true {
                end += 1
            } else if scalar(at: end) == "_", scalar(at: end + 1).map(isDigit) == true {
                end += 2
            } else {
                return end
            }
        }
    }

    /// Where a float ends: digits with a fraction, an exponent or both. `x.1.2` holds no float.
    private func floatEnd() -> Int? {
        if position > 0, source[position - 1] == "." { return nil }
        let whole = digitsEnd(from: position)
        var end = whole
        if scalar(at: end) == "." {
            let fraction = digitsEnd(from: end + 1)
            if fraction > end + 1 { end = fraction }
        }
        if scalar(at: end) == "e" || scalar(at: end) == "E" {
            let sign = scalar(at: end + 1) == "+" || scalar(at: end + 1) == "-" ? 2 : 1
            let exponent = digitsEnd(from: end + sign)
            if exponent > end + sign { return exponent }
        }
        return end > whole ? end : nil
    }

    private func integerExtent() -> (start: Int, end: Int, radix: Int) {
        let radix: Int? =
            switch scalar(at: position + 1) {
            case "b", "B": 2
            case "o", "O": 8
            case "x", "X": 16
            default: nil
            }
        if source[position] == "0", let radix {
            let start = position + (scalar(at: position + 2) == "_" ? 3 : 2)
            let end = digitsEnd(from: start) { $0.hexDigit.map { $0 < radix } ?? false }
            if end > start { return (start, end, radix) }
        }
        // A decimal number does not start with a zero; a run of zeros is a zero.
        let zero = source[position] == "0"
        return (position, digitsEnd(from: position) { zero ? $0 == "0" : $0.isASCIIDigit }, 10)
    }

    /// The string that starts at the current position, its escapes resolved as Python's, and where it ends.
    func readString(quote: Unicode.Scalar) throws(TemplateError) -> (String, end: Int) {
        var text = String.UnicodeScalarView()
        var index = position + 1
        while let scalar = scalar(at: index) {
            index += 1
            if scalar == quote { return (String(text), index) }
            guard scalar == "\\", let escaped = self.scalar(at: index) else {
                text.append(scalar)
                continue
            }
            index += 1
            try appendEscape(escaped, to: &text, at: &index)
        }
        throw .syntax(line: line, met: "a string that never ends", expected: "'\(quote)'")
    }

    private func appendEscape(
        _ escaped: Unicode.Scalar, to text: inout String.UnicodeScalarView, at index: inout Int
    ) throws(TemplateError) {
        switch escaped {
        case "\n": break
        case "\\", "'", "\"": text.append(escaped)
        case "a": text.append("\u{07}")
        case "b": text.append("\u{08}")
        case "f": text.append("\u{0C}")
        case "n": text.append("\n")
        case "r": text.append("\r")
        case "t": text.append("\t")
        case "v": text.append("\u{0B}")
        case "x": text.append(try codePoint(digits: 2...2, radix: 16, at: &index))
        case "u": text.append(try codePoint(digits: 4...4, radix: 16, at: &index))
        case "U": text.append(try codePoint(digits: 8...8, radix: 16, at: &index))
        case "0"..."7":
            index -= 1
            text.append(try codePoint(digits: 1...3, radix: 8, at: &index))
        case "N":
            throw .unsupported(line: line, feature: "the escape \\N{…}", supported: ["\\x", "\\u", "\\U"])
        default:
            text.append("\\")
            text.append(escaped)
        }
    }

    private func codePoint(digits: ClosedRange<Int>, radix: Int, at index: inout Int) throws(TemplateError)
        -> Unicode.Scalar
    {
        var value: UInt32 = 0
        var count = 0
        while count < digits.upperBound, let digit = scalar(at: index)?.hexDigit, digit < radix {
            value = value &* UInt32(radix) &+ UInt32(digit)
            index += 1
            count += 1
        }
        guard count >= digits.lowerBound, let scalar = Unicode.Scalar(value) else {
            throw .syntax(line: line, met: "an escape that names no character", expected: "a Unicode code point")
        }
        return scalar
    }
}

extension Unicode.Scalar {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }

    var hexDigit: Int? { isASCII ? Character(self).hexDigitValue : nil }
}
