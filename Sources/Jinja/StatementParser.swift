// The statements of the grammar: text, output and every `{% tag %}`.

/// The tags that open a statement.
enum StatementTag: String, CaseIterable {
    case `if`, `for`, set, macro, generation, `break`, `continue`

    static func unsupported(_ name: String, line: Int) -> TemplateError {
        .unsupported(line: line, feature: "the tag '{% \(name) %}'", supported: allCases.map(\.rawValue))
    }
}

extension Parser {
    /// Statements up to a block whose tag is one of `ends`, whose word is then current; up to the template's end when
    /// `ends` is empty.
    mutating func statements(until ends: [String]) throws(TemplateError) -> [Statement] {
        try nest()
        defer { nesting -= 1 }
        var body: [Statement] = []
        while true {
            expressions = 0
            switch current.kind {
            case .text(let text):
                skip()
                body.append(.text(text))
            case .symbol("{{"):
                skip()
                body.append(.output(try expression()))
                try expect("}}")
            case .symbol("{%"):
                skip()
                guard case .name(let tag) = current.kind else { throw unexpected("a tag") }
                if ends.contains(tag) { return body }
                body.append(try statement(tag, looked: ends))
                try expect("%}")
            default:
                if ends.isEmpty { return body }
                throw unexpected(ends.map { "'{% \($0) %}'" }.joined(separator: " or "))
            }
        }
    }

    private mutating func statement(_ name: String, looked ends: [String]) throws(TemplateError) -> Statement {
        let line = line
        skip()
        switch StatementTag(rawValue: name) {
        case .if: return try conditional()
        case .for: return try loop()
        case .set: return try assignment()
        case .macro: return try macro()
        case .generation: return .generation(try functionBody("endgeneration"))
        case .break, .continue:
            guard isInLoop else { throw .syntax(line: line, met: "'\(name)' outside a loop", expected: "a loop") }
            return name == "break" ? .breakLoop : .continueLoop
        case nil:
            guard name.hasPrefix("end") || name == "else" || name == "elif" else {
                throw StatementTag.unsupported(name, line: line)
            }
            let expected = ends.isEmpty ? "no closing tag" : ends.map { "'\($0)'" }.joined(separator: " or ")
            throw .syntax(line: line, met: "'{% \(name) %}'", expected: expected)
        }
    }

    /// The body of a block up to `{% end %}`, of which the closing `%}` stays.
    private mutating func body(_ end: String) throws(TemplateError) -> [Statement] {
        let body = try bodies(until: [end])
        skip()
        return body
    }

    /// The body of what is a function of its own in Jinja's compiled code, where no loop can be left from within.
    private mutating func functionBody(_ end: String) throws(TemplateError) -> [Statement] {
        try with(\.isInLoop, false) { (parser) throws(TemplateError) in try parser.body(end) }
    }

    /// The body of a block up to one of `ends`, whose word stays.
    private mutating func bodies(until ends: [String]) throws(TemplateError) -> [Statement] {
        _ = accept(":")
        try expect("%}")
        return try statements(until: ends)
    }

    private mutating func conditional() throws(TemplateError) -> Statement {
        var branches: [(Expression, [Statement])] = []
        repeat {
            let test = try binary()
            branches.append((test, try bodies(until: ["elif", "else", "endif"])))
        } while accept(word: "elif")
        let otherwise = accept(word: "else") ? try bodies(until: ["endif"]) : []
        try expect(word: "endif")
        return .conditional(branches: branches, otherwise: otherwise)
    }

    private mutating func loop() throws(TemplateError) -> Statement {
        let target = try loopTarget()
        try expect(word: "in")
        let iterable = try binary()
        let condition = accept(word: "if") ? try expression() : nil
        if isAt(word: "recursive") {
            throw unsupported("a recursive loop", "macros that call themselves")
        }
        let body = try with(\.isInLoop, true) { (parser) throws(TemplateError) in
            try parser.bodies(until: ["else", "endfor"])
        }
        let otherwise = accept(word: "else") ? try bodies(until: ["endfor"]) : []
        try expect(word: "endfor")
        return .loop(
            Loop(target: target, iterable: iterable, condition: condition, body: body, otherwise: otherwise))
    }

    /// A name, or several separated by commas, with or without parentheses around them.
    private mutating func loopTarget() throws(TemplateError) -> Target {
        let isParenthesized = accept("(")
        var names = [try newName()]
        var isTuple = false
        while accept(",") {
            isTuple = true
            if case .name(let name) = current.kind, name != "in" { names.append(try newName()) }
        }
        if isParenthesized { try expect(")") }
        if names.contains("loop") {
            throw .syntax(line: line, met: "an assignment to 'loop'", expected: "another name")
        }
        return isTuple ? .tuple(names) : .name(names[0])
    }

    private mutating func newName() throws(TemplateError) -> String {
        guard case .name(let name) = current.kind, Self.constants[name] == nil else {
            throw unexpected("a name to assign to")
        }
        skip()
        return name
    }

    private mutating func assignment() throws(TemplateError) -> Statement {
        let name = try newName()
        let target: Target =
            accept(".") ? .namespaceAttribute(namespace: name, attribute: try expectName()) : .name(name)
        if isInLoop, case .name("loop") = target {
            throw .syntax(line: line, met: "an assignment to 'loop'", expected: "another name")
        }
        if isAt(",") {
            throw unsupported("setting several names at once", "a 'set' for each")
        }
        if isAt("|") {
            throw unsupported("a filter on a block that is set", "filters in expressions")
        }
        return accept("=") ? .assign(target, try expression()) : .capture(target, try body("endset"))
    }

    private mutating func macro() throws(TemplateError) -> Statement {
        let name = try expectName()
        try expect("(")
        var parameters: [(name: String, fallback: Expression?)] = []
        _ = try list(until: ")") { (parser) throws(TemplateError) in
            let name = try parser.newName()
            let fallback = parser.accept("=") ? try parser.expression() : nil
            if parameters.contains(where: { $0.name == name || ($0.fallback != nil && fallback == nil) }) {
                throw parser.unexpected("a new parameter, with a default value if one before it has one,")
            }
            parameters.append((name, fallback))
        }
        let refused = Set(["caller", "varargs", "kwargs"]).subtracting(parameters.map(\.name))
        let body = try with(\.refusedNames, refused) { (parser) throws(TemplateError) in
            try parser.functionBody("endmacro")
        }
        return .macro(Macro(name: name, parameters: parameters, body: body))
    }
}
