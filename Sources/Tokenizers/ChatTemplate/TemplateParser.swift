// Turns tokens into the syntax tree: the state, the bounds, and what both halves of the grammar share.
// The grammar is Jinja2's; what it has and this interpreter has not is refused here, before anything is rendered.

/// A recursive-descent parser over one template's tokens.
struct TemplateParser {
    let limits: TemplateLimits
    private let tokens: [TemplateToken]
    private var index = 0
    private var nesting = 0
    /// Whether a loop surrounds the current position, within the innermost macro.
    var isInLoop = false
    /// Whether the innermost block is an `if`: only there does Jinja forgive a filter that nobody knows.
    var isConditional = false
    /// For each macro around the current position, the special names that it reads.
    var macroReads: [Set<String>] = []

    private init(tokens: [TemplateToken], limits: TemplateLimits) {
        self.tokens = tokens
        self.limits = limits
    }

    /// The statements of `source`.
    static func parse(_ source: String, limits: TemplateLimits) throws(TemplateError) -> [TemplateStatement] {
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source), limits: limits)
        return try parser.statements(until: [])
    }
}

// MARK: - Tokens

extension TemplateParser {
    var current: TemplateToken { tokens[index] }

    var line: Int { current.line }

    /// The token after the current one.
    var following: TemplateToken { tokens[min(index + 1, tokens.count - 1)] }

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

    mutating func expect(_ kind: TemplateToken.Kind) throws(TemplateError) {
        guard current.kind == kind else { throw unexpected(TemplateToken(kind: kind, line: line).description) }
        skip()
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        skip()
        return name
    }

    func unexpected(_ expected: String) -> TemplateError {
        .syntax(line: line, met: current.description, expected: expected)
    }
}

// MARK: - Bounds

extension TemplateParser {
    /// Runs one level of the recursive descent, refusing templates that nest too deep for the stack.
    mutating func nested<Result>(_ parse: (inout Self) throws(TemplateError) -> Result) throws(TemplateError) -> Result
    {
        guard nesting < limits.nesting else {
            throw .limitExceeded(line: line, limit: .nesting, maximum: limits.nesting)
        }
        nesting += 1
        defer { nesting -= 1 }
        return try parse(&self)
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

    /// A node over `children`, unless it nests too deep: long chains make deep trees without recursion here.
    func node(_ kind: TemplateExpression.Kind, line: Int, over children: [TemplateExpression]) throws(TemplateError)
        -> TemplateExpression
    {
        let depth = 1 + (children.map(\.depth).max() ?? 0)
        guard depth <= limits.chain else {
            throw .limitExceeded(line: line, limit: .nesting, maximum: limits.chain)
        }
        return TemplateExpression(kind: kind, line: line, depth: depth)
    }
}
