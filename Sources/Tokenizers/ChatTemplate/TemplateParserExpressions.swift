// The expressions of the grammar, from the loosest binding (inline if) to the tightest (literals and names).

extension TemplateParser {
    static let constants: Set<String> = ["true", "True", "false", "False", "none", "None"]

    /// An expression, or several separated by commas, which make a tuple.
    mutating func tupleOrExpression(withConditional: Bool = true, until end: String? = nil) throws(TemplateError)
        -> TemplateExpression
    {
        let line = line
        var elements: [TemplateExpression] = []
        var isTuple = false
        while !endsTuple(at: end) {
            elements.append(withConditional ? try expression() : try disjunction())
            guard accept(",") else { break }
            isTuple = true
        }
        guard let first = elements.first else { throw unexpected("an expression") }
        return isTuple ? try node(.tuple(elements), line: line, over: elements) : first
    }

    func endsTuple(at end: String?) -> Bool {
        switch current.kind {
        case .outputEnd, .blockEnd, .symbol(")"), .end: true
        case .name(let name): name == end
        default: false
        }
    }

    /// Any expression but a bare tuple.
    mutating func expression() throws(TemplateError) -> TemplateExpression {
        try nested { (parser) throws(TemplateError) in try parser.conditionalExpression() }
    }

    private mutating func conditionalExpression() throws(TemplateError) -> TemplateExpression {
        var value = try disjunction()
        while accept(word: "if") {
            let line = line
            let test = try disjunction()
            let otherwise = accept(word: "else") ? try expression() : nil
            value = try node(
                .conditional(value, test: test, otherwise: otherwise), line: line,
                over: [value, test] + (otherwise.map { [$0] } ?? []))
        }
        return value
    }

    private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
        var left = try conjunction()
        while isAt(word: "or") {
            let line = line
            skip()
            let right = try conjunction()
            left = try node(.or(left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
        var left = try negation()
        while isAt(word: "and") {
            let line = line
            skip()
            let right = try negation()
            left = try node(.and(left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func negation() throws(TemplateError) -> TemplateExpression {
        guard isAt(word: "not") else { return try comparison() }
        let line = line
        skip()
        let operand = try nested { (parser) throws(TemplateError) in try parser.negation() }
        return try node(.not(operand), line: line, over: [operand])
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let line = line
        let first = try arithmetic(.sum)
        var rest: [(TemplateComparison, TemplateExpression)] = []
        while let comparison = acceptComparison() { rest.append((comparison, try arithmetic(.sum))) }
        guard !rest.isEmpty else { return first }
        return try node(.comparison(first, rest), line: line, over: [first] + rest.map(\.1))
    }

    private mutating func acceptComparison() -> TemplateComparison? {
        switch current.kind {
        case .symbol(let symbol):
            guard let comparison = TemplateComparison(rawValue: symbol) else { return nil }
            skip()
            return comparison
        case .name("in"):
            skip()
            return .contained
        case .name("not") where following.kind == .name("in"):
            skip()
            skip()
            return .notContained
        default:
            return nil
        }
    }
}

// MARK: - Arithmetic

extension TemplateParser {
    /// The levels of arithmetic, loosest first. In Jinja `~` binds tighter than `+`, and `**` groups to the left.
    private enum Level: Int { case sum, concatenation, product, power }

    private mutating func arithmetic(_ level: Level) throws(TemplateError) -> TemplateExpression {
        switch level {
        case .sum: try chain([.add, .subtract], of: .concatenation)
        case .concatenation: try concatenation()
        case .product: try chain([.multiply, .divide, .floorDivide, .remainder], of: .power)
        case .power: try powers()
        }
    }

    private mutating func chain(_ operators: [TemplateArithmetic], of level: Level) throws(TemplateError)
        -> TemplateExpression
    {
        var left = try arithmetic(level)
        while case .symbol(let symbol) = current.kind, let operation = TemplateArithmetic(rawValue: symbol),
            operators.contains(operation)
        {
            let line = line
            skip()
            let right = try arithmetic(level)
            left = try node(.arithmetic(operation, left, right), line: line, over: [left, right])
        }
        return left
    }

    private mutating func concatenation() throws(TemplateError) -> TemplateExpression {
        let line = line
        var parts = [try arithmetic(.product)]
        while accept("~") { parts.append(try arithmetic(.product)) }
        return parts.count == 1 ? parts[0] : try node(.concatenation(parts), line: line, over: parts)
    }

    private mutating func powers() throws(TemplateError) -> TemplateExpression {
        var left = try unary(withFilters: true)
        while isAt("**") {
            let line = line
            skip()
            let right = try unary(withFilters: true)
            left = try node(.arithmetic(.power, left, right), line: line, over: [left, right])
        }
        return left
    }

    /// A sign binds tighter than filters: `-1|abs` is `(-1)|abs`.
    private mutating func unary(withFilters: Bool) throws(TemplateError) -> TemplateExpression {
        let line = line
        var value: TemplateExpression
        if isAt("-") || isAt("+") {
            let isNegative = isAt("-")
            skip()
            let operand = try nested { (parser) throws(TemplateError) in try parser.unary(withFilters: false) }
            value = try node(isNegative ? .negative(operand) : .positive(operand), line: line, over: [operand])
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return withFilters ? try filtersAndTests(value) : value
    }
}

// MARK: - Literals and names

extension TemplateParser {
    mutating func primary() throws(TemplateError) -> TemplateExpression {
        let line = line
        switch current.kind {
        case .name(let name):
            skip()
            return try self.name(name, line)
        case .string(var text):
            skip()
            while case .string(let more) = current.kind {
                text += more
                skip()
            }
            return try node(.literal(.string(text)), line: line, over: [])
        case .integer(let number):
            skip()
            return try node(.literal(.int(number)), line: line, over: [])
        case .float(let number):
            skip()
            return try node(.literal(.double(number)), line: line, over: [])
        case .symbol("("): return try parenthesized(line)
        case .symbol("["): return try list(line)
        case .symbol("{"): return try dictionary(line)
        default: throw unexpected("an expression")
        }
    }

    private mutating func name(_ name: String, _ line: Int) throws(TemplateError) -> TemplateExpression {
        switch name {
        case "true", "True": return try node(.literal(.boolean(true)), line: line, over: [])
        case "false", "False": return try node(.literal(.boolean(false)), line: line, over: [])
        case "none", "None": return try node(.literal(.null), line: line, over: [])
        default:
            if ["caller", "varargs", "kwargs"].contains(name) {
                for index in macroReads.indices { macroReads[index].insert(name) }
            }
            return try node(.name(name), line: line, over: [])
        }
    }

    private mutating func parenthesized(_ line: Int) throws(TemplateError) -> TemplateExpression {
        skip()
        if accept(")") { return try node(.tuple([]), line: line, over: []) }
        let value = try tupleOrExpression()
        try expect(")")
        return value
    }

    private mutating func list(_ line: Int) throws(TemplateError) -> TemplateExpression {
        skip()
        var elements: [TemplateExpression] = []
        while !isAt("]") {
            if !elements.isEmpty { try expect(",") }
            if isAt("]") { break }
            elements.append(try expression())
        }
        try expect("]")
        return try node(.list(elements), line: line, over: elements)
    }

    private mutating func dictionary(_ line: Int) throws(TemplateError) -> TemplateExpression {
        skip()
        var entries: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !isAt("}") {
            if !entries.isEmpty { try expect(",") }
            if isAt("}") { break }
            let key = try expression()
            try expect(":")
            entries.append((key, try expression()))
        }
        try expect("}")
        return try node(.dictionary(entries), line: line, over: entries.flatMap { [$0.key, $0.value] })
    }
}
