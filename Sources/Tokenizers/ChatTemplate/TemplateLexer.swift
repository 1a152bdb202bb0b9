// Cuts a template into tokens the way Jinja2 does with trim_blocks and lstrip_blocks on (transformers' settings):
// text outside tags, and names, literals and symbols inside them. Does not know what any tag means.

/// One token and the line on which it starts.
struct TemplateToken: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case text(String)
        case outputBegin, outputEnd, blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    let kind: Kind
    let line: Int

    /// The token as an error message quotes it.
    var description: String {
        switch kind {
        case .text: "text"
        case .outputBegin: "'{{'"
        case .outputEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string(let text): "the string '\(text.prefix(40))'"
        case .integer(let number): "the number \(number)"
        case .float(let number): "the number \(number)"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the template"
        }
    }
}

/// Reads one template from its first to its last token.
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var position = 0
    var line = 1
    private var tokens: [TemplateToken] = []
    /// Whether the last tag ended with a line break, so that the text after it starts a line.
    private var startsLine = true
    /// Closing brackets still owed inside the current tag.
    private var openBrackets: [Unicode.Scalar] = []

    private init(_ source: String) {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(source.utf8.count)
        for scalar in source.unicodeScalars {
            if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
            scalars.append(scalar)
        }
        for index in scalars.indices where scalars[index] == "\r" { scalars[index] = "\n" }
        if scalars.last == "\n" { scalars.removeLast() }
        self.source = scalars
    }

    /// All tokens of `source`, closed by `.end`.
    static func tokens(of source: String) throws(TemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source)
        while lexer.position < lexer.source.count { try lexer.readTextAndTag() }
        lexer.add(.end)
        return lexer.tokens
    }

    private mutating func add(_ kind: TemplateToken.Kind) {
        tokens.append(TemplateToken(kind: kind, line: line))
    }
}

// MARK: - Text and tag boundaries

extension TemplateLexer {
    /// How a tag's opening treats the white space before it.
    private enum Opening { case output, block }

    private mutating func readTextAndTag() throws(TemplateError) {
        let begin = position
        guard let tag = nextTag(from: begin) else {
            addText(source[begin...])
            return advance(to: source.count)
        }
        let sign = scalar(at: tag + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
        let inside = tag + (sign == nil ? 2 : 3)
        let kind: Opening = source[tag + 1] == "{" ? .output : .block
        addText(source[begin..<textEnd(from: begin, to: tag, sign: sign, opening: kind)])
        advance(to: inside)
        switch source[tag + 1] {
        case "#": try skipComment()
        case "{": try readTag(.output)
        default:
            if let body = rawBody(from: inside) { try readRaw(from: body) } else { try readTag(.block) }
        }
    }

    private func nextTag(from start: Int) -> Int? {
        guard start + 1 < source.count else { return nil }
        return (start..<source.count - 1).first {
            source[$0] == "{" && (source[$0 + 1] == "%" || source[$0 + 1] == "{" || source[$0 + 1] == "#")
        }
    }

    /// Where text ends that runs up to a tag: `-` strips all white space, lstrip_blocks that on the tag's own line.
    private func textEnd(from begin: Int, to tag: Int, sign: Unicode.Scalar?, opening: Opening) -> Int {
        let stripped = source[begin..<tag].lastIndex { !$0.isPythonSpace }.map { $0 + 1 } ?? begin
        if sign == "-" { return stripped }
        if sign == "+" || opening == .output { return tag }
        let lineBreak = source[begin..<tag].lastIndex(of: "\n")
        guard lineBreak != nil || startsLine else { return tag }
        let lineStart = lineBreak.map { $0 + 1 } ?? begin
        return stripped <= lineStart ? lineStart : tag
    }

    private mutating func addText(_ scalars: ArraySlice<Unicode.Scalar>) {
        if !scalars.isEmpty { add(.text(String(scalars))) }
    }

    private mutating func skipComment() throws(TemplateError) {
        let begin = position
        guard let end = find("#}", from: begin) else {
            throw .syntax(line: line, met: "a comment that never ends", expected: "'#}'")
        }
        close(at: end, sign: end > begin ? source[end - 1] : nil, trimsLineBreak: true)
    }

    /// The position after `raw %}` when a raw block opens at `start`.
    private func rawBody(from start: Int) -> Int? {
        let word = skipSpace(from: start)
        guard matches("raw", at: word) else { return nil }
        let close = skipSpace(from: word + 3)
        if matches("-%}", at: close) { return skipSpace(from: close + 3) }
        return matches("%}", at: close) ? close + 2 : nil
    }

    private mutating func readRaw(from body: Int) throws(TemplateError) {
        let opened = line
        startsLine = source[body - 1] == "\n"
        advance(to: body)
        var search = body
        while let tag = find("{%", from: search) {
            let sign = scalar(at: tag + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
            let word = skipSpace(from: tag + (sign == nil ? 2 : 3))
            let tail = skipSpace(from: word + 6)
            let signed = matches("-%}", at: tail) || matches("+%}", at: tail)
            if matches("endraw", at: word), signed || matches("%}", at: tail) {
                addText(source[body..<textEnd(from: body, to: tag, sign: sign, opening: .block)])
                return close(at: signed ? tail + 1 : tail, sign: signed ? source[tail] : nil, trimsLineBreak: true)
            }
            search = tag + 2
        }
        throw .syntax(line: opened, met: "a raw block that never ends", expected: "'{% endraw %}'")
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

extension TemplateLexer {
    private mutating func readTag(_ opening: Opening) throws(TemplateError) {
        add(opening == .output ? .outputBegin : .blockBegin)
        openBrackets = []
        while position < source.count {
            if openBrackets.isEmpty, closeTag(opening) { return }
            try readToken()
        }
    }

    private mutating func closeTag(_ opening: Opening) -> Bool {
        let mark = opening == .output ? "}}" : "%}"
        let sign = source[position]
        let signed = (sign == "-" || (sign == "+" && opening == .block)) && matches(mark, at: position + 1)
        guard signed || matches(mark, at: position) else { return false }
        add(opening == .output ? .outputEnd : .blockEnd)
        close(at: signed ? position + 1 : position, sign: signed ? sign : nil, trimsLineBreak: opening == .block)
        return true
    }

    private mutating func readToken() throws(TemplateError) {
        let first = source[position]
        if first.isPythonSpace {
            advance(to: skipSpace(from: position))
        } else if first.isASCIIDigit {
            let (kind, end) = try readNumber()
            add(kind)
            advance(to: end)
        } else if first == "_" || first.properties.isXIDContinue {
            try readName()
        } else if first == "'" || first == "\"" {
            let (text, end) = try readString(quote: first)
            add(.string(text))
            advance(to: end)
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
        ".", ":", "|", ",", ";",
    ]

    private mutating func readSymbol() throws(TemplateError) {
        guard let symbol = Self.symbols.first(where: { matches($0, at: position) }) else {
            throw .syntax(line: line, met: "the character '\(source[position])'", expected: "an expression")
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

// MARK: - Looking at the source

extension TemplateLexer {
    func scalar(at index: Int) -> Unicode.Scalar? { index < source.count ? source[index] : nil }

    func matches(_ word: String, at index: Int) -> Bool {
        index <= source.count && source[index...].starts(with: word.unicodeScalars)
    }

    private func find(_ word: String, from start: Int) -> Int? {
        guard start < source.count else { return nil }
        return (start..<source.count).first { matches(word, at: $0) }
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

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
