// The expressions of the grammar, from the loosest binding (inline if) to the tightest (literals, names, and what follows
// them: attributes, subscripts, calls, filters and tests).

extension Parser {
    static let constants: [String: Value] = [
        "true": true, "True": true, "false": false, "False": false, "none": .null, "None": .null,
    ]

    mutating func expression() throws(TemplateError) -> Expression {
        try nest()
        defer { nesting -= 1 }
        var value = try binary()
        while isAt(word: "if") {
            let line = line
            skip()
            let test = try binary()
            let otherwise = accept(word: "else") ? try expression() : nil
            value = try node(.conditional(value, test: test, otherwise: otherwise), line: line)
        }
        return value
    }

    /// Operands joined by operators of at least this level of ``Operator/levels``.
    mutating func binary(_ level: Int = 0) throws(TemplateError) -> Expression {
        guard level < Operator.levels.count else { return try unary(withFilters: true) }
        let operators = Operator.levels[level]
        let compares = operators == Operator.comparisons
        if compares, isAt(word: "not") {
            let line = line
            skip()
            try nest()
            defer { nesting -= 1 }
            let operand = try binary(level)
            return try node(.not(operand), line: line)
        }
        var left = try binary(level + 1)
        while let operation = currentOperator(of: operators) {
            let line = line
            skip()
            if operation == .notContained { skip() }
            let right = try binary(level + 1)
            left = try node(.binary(operation, left, right), line: line)
            if compares, currentOperator(of: operators) != nil {
                throw unsupported("a chain of comparisons", "comparisons joined by 'and'")
            }
        }
        return left
    }

    private func currentOperator(of operators: [Operator]) -> Operator? {
        switch current.kind {
        case .symbol(let name), .name(let name):
            let isNegated = name == "not" && following.kind == .name("in")
            return operators.first { $0.rawValue == (isNegated ? "not in" : name) }
        default: return nil
        }
    }

    /// A sign binds tighter than filters: `-1|string` is `(-1)|string`.
    private mutating func unary(withFilters: Bool) throws(TemplateError) -> Expression {
        let line = line
        var value: Expression
        if accept("-") {
            try nest()
            defer { nesting -= 1 }
            let operand = try unary(withFilters: false)
            value = try node(.negative(operand), line: line)
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return withFilters ? try filtersAndTests(value) : value
    }
}

// MARK: - Literals and names

extension Parser {
    private mutating func primary() throws(TemplateError) -> Expression {
        let line = line
        switch current.kind {
        case .name(let name):
            if refusedNames.contains(name) {
                throw unsupported("'\(name)' in a macro", "its parameters")
            }
            skip()
            return try node(Self.constants[name].map { .literal($0) } ?? .name(name), line: line)
        case .literal(var value):
            skip()
            while case .string(let text) = value, case .literal(.string(let more)) = current.kind {
                value = .string(Text(text.string + more.string))
                skip()
            }
            return try node(.literal(value), line: line)
        case .symbol("("):
            skip()
            let first = try expression()
            if accept(")") { return first }
            try expect(",")
            let rest = try list(until: ")") { (parser) throws(TemplateError) in try parser.expression() }
            return try node(.tuple([first] + rest), line: line)
        case .symbol("["):
            skip()
            let elements = try list(until: "]") { (parser) throws(TemplateError) in try parser.expression() }
            return try node(.list(elements), line: line)
        case .symbol("{"):
            skip()
            let entries = try list(until: "}") { (parser) throws(TemplateError) in
                let key = try parser.expression()
                try parser.expect(":")
                return (key: key, value: try parser.expression())
            }
            return try node(.dictionary(entries), line: line)
        default: throw unexpected("an expression")
        }
    }

    /// What `element` reads, any number of times with commas between, up to and with `end`.
    mutating func list<Element>(until end: String, _ element: (inout Self) throws(TemplateError) -> Element)
        throws(TemplateError) -> [Element]
    {
        var elements: [Element] = []
        while !accept(end) {
            if !elements.isEmpty { try expect(",") }
            if accept(end) { break }
            elements.append(try element(&self))
        }
        return elements
    }
}

// MARK: - What follows a value

extension Parser {
    private mutating func postfix(_ base: Expression) throws(TemplateError) -> Expression {
        var value = base
        while true {
            let line = line
            if accept(".") {
                guard case .name(let name) = current.kind else { throw unexpected("an attribute's name") }
                skip()
                value = try node(.attribute(value, name), line: line)
            } else if accept("[") {
                value = try subscripted(value, line)
            } else if isAt("(") {
                value = try call(value)
            } else {
                return value
            }
        }
    }

    private mutating func subscripted(_ base: Expression, _ line: Int) throws(TemplateError) -> Expression {
        if isAt("]") { throw unexpected("an index") }
        let start = isAt(":") ? nil : try expression()
        if isAt(",") {
            throw unsupported("a subscript of several parts", "[index]", "[a:b:c]")
        }
        if let start, accept("]") { return try node(.item(base, start), line: line) }
        try expect(":")
        let stop = isAt(":") || isAt("]") ? nil : try expression()
        let step = accept(":") && !isAt("]") ? try expression() : nil
        try expect("]")
        return try node(.slice(base, start: start, stop: stop, step: step), line: line)
    }

    private mutating func call(_ function: Expression) throws(TemplateError) -> Expression {
        let line = line
        switch function.kind {
        case .name(let name) where Function.leftOut.contains(name):
            throw .unsupported(line: line, feature: "the function '\(name)'", supported: Function.names)
        case .attribute(_, let name) where Method(rawValue: name) == nil:
            throw .unsupported(line: line, feature: "the method '\(name)'", supported: Method.names)
        default: break
        }
        let arguments = try arguments()
        return try node(.call(function, arguments), line: line)
    }

    private mutating func arguments() throws(TemplateError) -> Arguments {
        try expect("(")
        var arguments = Arguments()
        _ = try list(until: ")") { (parser) throws(TemplateError) in try parser.argument(&arguments) }
        return arguments
    }

    private mutating func argument(_ arguments: inout Arguments) throws(TemplateError) {
        if isAt("*") {
            throw unsupported("'*' before an argument", "arguments one by one")
        }
        if case .name(let name) = current.kind, following.kind == .symbol("=") {
            guard !arguments.keyword.contains(where: { $0.name == name }) else {
                throw unexpected("a keyword argument not given before")
            }
            skip()
            skip()
            arguments.keyword.append((name, try expression()))
        } else {
            guard arguments.keyword.isEmpty else { throw unexpected("a keyword argument") }
            arguments.positional.append(try expression())
        }
    }

    private mutating func filtersAndTests(_ base: Expression) throws(TemplateError) -> Expression {
        var value = base
        while true {
            if accept("|") {
                let call = try filterCall()
                value = try node(.filter(value, call), line: call.line)
            } else if isAt(word: "is") {
                value = try test(of: value)
            } else if isAt("(") {
                value = try call(value)
            } else {
                return value
            }
        }
    }

    /// `name` or `name(arguments)`.
    mutating func filterCall() throws(TemplateError) -> FilterCall {
        let line = line
        let filter = try Filter.named(try expectName(), line: line)
        return FilterCall(filter: filter, arguments: isAt("(") ? try arguments() : Arguments(), line: line)
    }

    private mutating func test(of value: Expression) throws(TemplateError) -> Expression {
        let line = line
        skip()
        let isNegated = accept(word: "not")
        let test = try ValueTest.named(try expectName(), line: line)
        let arguments = try testArguments()
        let result = try node(.test(value, test, arguments), line: line)
        return isNegated ? try node(.not(result), line: line) : result
    }

    /// A test's arguments in parentheses, or one argument without.
    private mutating func testArguments() throws(TemplateError) -> Arguments {
        switch current.kind {
        case .symbol("("): return try arguments()
        case .name("else"), .name("or"), .name("and"): return Arguments()
        case .name("is"): throw unexpected("an end of the test, since tests do not chain")
        case .name, .literal, .symbol("["), .symbol("{"):
            try nest()
            defer { nesting -= 1 }
            let argument = try postfix(try primary())
            return Arguments(positional: [argument])
        default: return Arguments()
        }
    }
}
