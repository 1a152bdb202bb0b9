// Cuts a template into tokens the way Jinja2 does with trim_blocks and lstrip_blocks on (transformers' settings):
// text outside tags, and names, literals and symbols inside them. Does not know what any tag means.

/// One token and the line on which it starts.
struct Token: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case text(String)
        case name(String)
        case literal(Value)
        /// An operator, a bracket, or what opens and closes a tag.
        case symbol(String)
        case end
    }

    let kind: Kind
    let line: Int

    /// The token as an error message quotes it.
    var description: String {
        switch kind {
        case .text: "text"
        case .name(let name), .symbol(let name): "'\(name)'"
        case .literal(.string(let text)): "the string '\(text.string.prefix(40))'"
        case .literal(let value): "the number \(value.number ?? .nan)"
        case .end: "the end of the template"
        }
    }
}

/// Reads one template from its first to its last token.
struct Lexer {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var tokens: [Token] = []
    /// Whether the last tag ended with a line break, so that the text after it starts a line.
    private var startsLine = true
    /// Closing brackets still owed inside the current tag.
    private var openBrackets: [Unicode.Scalar] = []

    private init(_ source: String) {
        var scalars: [Unicode.Scalar] = []
        var followsReturn = false
        for scalar in source.unicodeScalars {
            if scalar != "\n" || !followsReturn { scalars.append(scalar == "\r" ? "\n" : scalar) }
            followsReturn = scalar == "\r"
        }
        if scalars.last == "\n" { scalars.removeLast() }
        self.source = scalars
    }

    /// All tokens of `source`, closed by `.end`.
    static func tokens(of source: String) throws(TemplateError) -> [Token] {
        var lexer = Lexer(source)
        while lexer.position < lexer.source.count { try lexer.readTextAndTag() }
        lexer.add(.end)
        return lexer.tokens
    }

    private mutating func add(_ kind: Token.Kind) {
        tokens.append(Token(kind: kind, line: line))
    }
}

// MARK: - Text and tag boundaries

extension Lexer {
    private mutating func readTextAndTag() throws(TemplateError) {
        let begin = position
        guard let tag = nextTag(from: begin) else {
            addText(source[begin...])
            return advance(to: source.count)
        }
        let sign = scalar(at: tag + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
        addText(source[begin..<textEnd(from: begin, to: tag, sign: sign)])
        advance(to: tag + (sign == nil ? 2 : 3))
        if source[tag + 1] == "#" { return try skipComment() }
        // What stands in a raw block is text, which reading on would take for tags.
        if source[tag + 1] == "%", matches("raw", at: skipSpace(from: position)) {
            throw StatementTag.unsupported("raw", line: line)
        }
        try readTag(isBlock: source[tag + 1] == "%")
    }

    private func nextTag(from start: Int) -> Int? {
        guard start + 1 < source.count else { return nil }
        return (start..<source.count - 1).first {
            source[$0] == "{" && (source[$0 + 1] == "%" || source[$0 + 1] == "{" || source[$0 + 1] == "#")
        }
    }

    /// Where text ends that runs up to a tag: `-` strips all white space, lstrip_blocks that on the tag's own line.
    private func textEnd(from begin: Int, to tag: Int, sign: Unicode.Scalar?) -> Int {
        let stripped = source[begin..<tag].lastIndex { !$0.isPythonSpace }.map { $0 + 1 } ?? begin
        if sign == "-" { return stripped }
        if sign == "+" || source[tag + 1] == "{" { return tag }
        let lineBreak = source[begin..<tag].lastIndex(of: "\n")
        guard lineBreak != nil || startsLine else { return tag }
        let lineStart = lineBreak.map { $0 + 1 } ?? begin
        return stripped <= lineStart ? lineStart : tag
    }

    private mutating func addText(_ scalars: ArraySlice<Unicode.Scalar>) {
        if !scalars.isEmpty { add(.text(String(scalars))) }
    }

    private mutating func skipComment() throws(TemplateError) {
        guard let end = (position..<source.count).first(where: { matches("#}", at: $0) }) else {
            throw .syntax(line: line, met: "a comment that never ends", expected: "'#}'")
        }
        close(at: end, sign: end > position ? source[end - 1] : nil, trimsLineBreak: true)
    }

    /// Leaves a tag whose two closing characters stand at `end`, `sign` being the character before them.
    private mutating func close(at end: Int, sign: Unicode.Scalar?, trimsLineBreak: Bool) {
        var next = end + 2
        if sign == "-" {
            next = skipSpace(from: next)
        } else if sign != "+", trimsLineBreak, scalar(at: next) == "\n" {
            next += 1
        }
        startsLine = source[next - 1] == "\n"
        advance(to: next)
    }
}

// MARK: - Inside tags

extension Lexer {
    private mutating func readTag(isBlock: Bool) throws(TemplateError) {
        let mark = isBlock ? "%}" : "}}"
        add(.symbol(isBlock ? "{%" : "{{"))
        openBrackets = []
        while position < source.count {
            let sign = source[position]
            let signed = (sign == "-" || (sign == "+" && isBlock)) && matches(mark, at: position + 1)
            if openBrackets.isEmpty, signed || matches(mark, at: position) {
                add(.symbol(mark))
                return close(at: position + (signed ? 1 : 0), sign: signed ? sign : nil, trimsLineBreak: isBlock)
            }
            try readToken()
        }
    }

    private mutating func readToken() throws(TemplateError) {
        let first = source[position]
        if first.isPythonSpace {
            advance(to: skipSpace(from: position))
        } else if first.isASCIIDigit {
            try readNumber()
        } else if first == "_" || first.properties.isXIDContinue {
            try readName()
        } else if first == "'" || first == "\"" {
            try readString(quote: first)
        } else {
            try readSymbol()
        }
    }

    private mutating func readName() throws(TemplateError) {
        let end = source[position...].firstIndex { $0 != "_" && !$0.properties.isXIDContinue } ?? source.count
        guard source[position] == "_" || source[position].properties.isXIDStart else {
            throw .syntax(line: line, met: "'\(String(source[position..<end]))'", expected: "a name")
        }
        add(.name(String(source[position..<end])))
        advance(to: end)
    }

    private static let symbols = [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",",
    ]

    private mutating func readSymbol() throws(TemplateError) {
        guard let symbol = Self.symbols.first(where: { matches($0, at: position) }) else {
            throw .syntax(line: line, met: "the character '\(source[position])'", expected: "an expression")
        }
        if ["**", "//", "/"].contains(symbol) {
            throw unsupported("the operator '\(symbol)'", "+", "-", "*", "%", "~")
        }
        switch symbol {
        case "(": openBrackets.append(")")
        case "[": openBrackets.append("]")
        case "{": openBrackets.append("}")
        case ")", "]", "}":
            let owed = openBrackets.popLast()
            guard owed == source[position] else {
                throw .syntax(line: line, met: "'\(symbol)'", expected: owed.map { "'\($0)'" } ?? "no closing bracket")
            }
        default: break
        }
        add(.symbol(symbol))
        advance(to: position + symbol.utf8.count)
    }
}

// MARK: - Literals

extension Lexer {
    /// Decimal digits, with or without a fraction.
    private mutating func readNumber() throws(TemplateError) {
        var end = digitsEnd(from: position)
        let hasFraction = scalar(at: end) == "." && scalar(at: end + 1)?.isASCIIDigit == true
        if hasFraction { end = digitsEnd(from: end + 1) }
        let text = String(source[position..<end])
        if let next = scalar(at: end), next.properties.isXIDContinue {
            throw unsupported("a number as '\(text)\(next)…'", "decimal numbers as 12 and 1.5")
        }
        if hasFraction, let number = Double(text) {
            add(.literal(.double(number)))
        } else if let number = Int(text), text == String(number) {
            add(.literal(.int(number)))
        } else {
            throw .syntax(line: line, met: "the number \(text)", expected: "a number of 64 bits without leading zeros")
        }
        advance(to: end)
    }

    private func digitsEnd(from start: Int) -> Int {
        source[start...].firstIndex { !$0.isASCIIDigit } ?? source.count
    }

    /// A string, its escapes resolved as Python's.
    private mutating func readString(quote: Unicode.Scalar) throws(TemplateError) {
        var text = String.UnicodeScalarView()
        var index = position + 1
        while let scalar = scalar(at: index), scalar != quote {
            index += 1
            if scalar == "\\", let escaped = self.scalar(at: index) {
                index += 1
                try appendEscape(escaped, to: &text, at: &index)
            } else {
                text.append(scalar)
            }
        }
        guard index < source.count else {
            throw .syntax(line: line, met: "a string that never ends", expected: "'\(quote)'")
        }
        add(.literal(.string(Text(String(text)))))
        advance(to: index + 1)
    }

    private func appendEscape(_ escaped: Unicode.Scalar, to text: inout String.UnicodeScalarView, at index: inout Int)
        throws(TemplateError)
    {
        switch escaped {
        case "\n": break
        case "\\", "'", "\"": text.append(escaped)
        case "n": text.append("\n")
        case "r": text.append("\r")
        case "t": text.append("\t")
        case "x": text.append(try codePoint(digits: 2, at: &index))
        case "u": text.append(try codePoint(digits: 4, at: &index))
        case "U": text.append(try codePoint(digits: 8, at: &index))
        case "a", "b", "f", "v", "N", "0"..."7":
            throw unsupported("the escape \\\(escaped)", "\\n", "\\r", "\\t", "\\x", "\\u", "\\U")
        default: text.append(contentsOf: ["\\", escaped])
        }
    }

    private func codePoint(digits: Int, at index: inout Int) throws(TemplateError) -> Unicode.Scalar {
        let end = min(index + digits, source.count)
        let text = String(source[index..<end])
        index = end
        guard text.utf8.count == digits, text.unicodeScalars.allSatisfy(\.properties.isASCIIHexDigit),
            let scalar = UInt32(text, radix: 16).flatMap(Unicode.Scalar.init)
        else {
            throw .syntax(line: line, met: "an escape that names no character", expected: "a Unicode code point")
        }
        return scalar
    }
}

extension Unicode.Scalar {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

// MARK: - Looking at the source

extension Lexer {
    private func scalar(at index: Int) -> Unicode.Scalar? { index < source.count ? source[index] : nil }

    private func matches(_ word: String, at index: Int) -> Bool {
        index <= source.count && source[index...].starts(with: word.unicodeScalars)
    }

    private func unsupported(_ feature: String, _ supported: String...) -> TemplateError {
        .unsupported(line: line, feature: feature, supported: supported)
    }

    private func skipSpace(from start: Int) -> Int {
        guard start < source.count else { return min(start, source.count) }
        return source[start...].firstIndex { !$0.isPythonSpace } ?? source.count
    }

    private mutating func advance(to index: Int) {
        line += source[position..<index].count { $0 == "\n" }
        position = index
    }
}
