// Turns tokens into the syntax tree: the state, the bounds, and what statements and expressions share.
// The grammar is Jinja2's; what it has and this interpreter has not is refused here, before anything is rendered.

/// A recursive-descent parser over one template's tokens.
struct Parser {
    let limits: Limits
    private let tokens: [Token]
    private var index = 0
    /// Levels of the recursive descent.
    var nesting = 0
    /// Expressions in the current tag.
    var expressions = 0
    /// Whether a loop surrounds the current position, within the innermost macro.
    var isInLoop = false
    /// Names that Jinja gives a meaning inside a macro, where no parameter takes them: these are left out here.
    var refusedNames: Set<String> = []

    private init(tokens: [Token], limits: Limits) {
        self.tokens = tokens
        self.limits = limits
    }

    /// The statements of `source`.
    static func parse(_ source: String, limits: Limits) throws(TemplateError) -> [Statement] {
        var parser = Parser(tokens: try Lexer.tokens(of: source), limits: limits)
        return try parser.statements(until: [])
    }
}

// MARK: - Tokens

extension Parser {
    var current: Token { tokens[index] }

    var line: Int { current.line }

    /// The token after the current one.
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    mutating func skip() { index = min(index + 1, tokens.count - 1) }

    func isAt(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }

    func isAt(word: String) -> Bool { current.kind == .name(word) }

    /// Skips the symbol if it comes next.
    mutating func accept(_ symbol: String) -> Bool {
        guard isAt(symbol) else { return false }
        skip()
        return true
    }

    /// Skips the word if it comes next.
    mutating func accept(word: String) -> Bool {
        guard isAt(word: word) else { return false }
        skip()
        return true
    }

    mutating func expect(_ symbol: String) throws(TemplateError) {
        guard accept(symbol) else { throw unexpected("'\(symbol)'") }
    }

    mutating func expect(word: String) throws(TemplateError) {
        guard accept(word: word) else { throw unexpected("'\(word)'") }
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        skip()
        return name
    }

    func unsupported(_ feature: String, _ supported: String...) -> TemplateError {
        .unsupported(line: line, feature: feature, supported: supported)
    }

    func unexpected(_ expected: String) -> TemplateError {
        .syntax(line: line, met: current.description, expected: expected)
    }
}

// MARK: - Bounds

extension Parser {
    /// Begins one level of the recursive descent, refusing templates that nest too deep for the stack.
    mutating func nest() throws(TemplateError) {
        guard nesting < limits.nesting else {
            throw .limitExceeded(line: line, limit: .nesting, maximum: limits.nesting)
        }
        nesting += 1
    }

    /// Runs `parse` with a setting of the parser changed, and puts it back.
    mutating func with<Setting, Result>(
        _ setting: WritableKeyPath<Self, Setting>, _ value: Setting,
        _ parse: (inout Self) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let outer = self[keyPath: setting]
        self[keyPath: setting] = value
        defer { self[keyPath: setting] = outer }
        return try parse(&self)
    }

    /// An expression of the current tag, refused when there are so many that they may nest too deep: long chains make deep
    /// trees without recursion here.
    mutating func node(_ kind: Expression.Kind, line: Int) throws(TemplateError) -> Expression {
        expressions += 1
        guard expressions <= limits.expressions else {
            throw .limitExceeded(line: line, limit: .nesting, maximum: limits.expressions)
        }
        return Expression(kind: kind, line: line)
    }
}
