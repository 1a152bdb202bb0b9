// What may follow a value: attributes, subscripts, calls, filters and tests.

extension TemplateParser {
    mutating func postfix(_ base: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        var value = base
        while true {
            if isAt(".") {
                value = try attribute(of: value)
            } else if isAt("[") {
                value = try subscripted(value)
            } else if isAt("(") {
                value = try call(value)
            } else {
                return value
            }
        }
    }

    private mutating func attribute(of base: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        let line = line
        skip()
        switch current.kind {
        case .name(let name):
            skip()
            return try node(.attribute(base, name), line: line, over: [base])
        case .integer(let index):
            skip()
            let index = try node(.literal(.int(index)), line: line, over: [])
            return try node(.item(base, index), line: line, over: [base])
        default:
            throw unexpected("an attribute's name")
        }
    }

    private mutating func subscripted(_ base: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        let line = line
        skip()
        if isAt("]") { throw unexpected("an index") }
        let start = isAt(":") ? nil : try expression()
        if isAt(",") {
            throw .unsupported(line: line, feature: "a subscript of several parts", supported: ["[index]", "[a:b:c]"])
        }
        guard accept(":") else {
            try expect("]")
            guard let start else { throw unexpected("an index") }
            return try node(.item(base, start), line: line, over: [base, start])
        }
        let stop = isAt(":") || isAt("]") ? nil : try expression()
        let step = accept(":") && !isAt("]") ? try expression() : nil
        try expect("]")
        let slice = TemplateSlice(start: start, stop: stop, step: step)
        return try node(.slice(base, slice), line: line, over: [base] + [start, stop, step].compactMap { $0 })
    }

    private mutating func call(_ function: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        let line = line
        if case .name(let name) = function.kind, TemplateFunction.leftOut.contains(name) {
            throw .unsupported(
                line: line, feature: "the function '\(name)'", supported: TemplateFunction.allCases.map(\.rawValue))
        }
        let arguments = try arguments()
        return try node(.call(function, arguments), line: line, over: [function] + arguments.all)
    }

    private mutating func arguments() throws(TemplateError) -> TemplateArguments {
        try expect("(")
        var arguments = TemplateArguments()
        var isFirst = true
        while !isAt(")") {
            if !isFirst { try expect(",") }
            isFirst = false
            if isAt(")") { break }
            try argument(&arguments)
        }
        try expect(")")
        return arguments
    }

    private mutating func argument(_ arguments: inout TemplateArguments) throws(TemplateError) {
        if isAt("*"), arguments.unpackedList == nil, arguments.unpackedDictionary == nil {
            skip()
            arguments.unpackedList = try expression()
        } else if isAt("**"), arguments.unpackedDictionary == nil {
            skip()
            arguments.unpackedDictionary = try expression()
        } else if case .name(let name) = current.kind, following.kind == .symbol("=") {
            guard arguments.unpackedDictionary == nil, !arguments.keyword.contains(where: { $0.name == name }) else {
                throw unexpected("a keyword argument not given before")
            }
            skip()
            skip()
            arguments.keyword.append((name, try expression()))
        } else {
            guard arguments.keyword.isEmpty, arguments.unpackedList == nil, arguments.unpackedDictionary == nil else {
                throw unexpected("a keyword argument")
            }
            arguments.positional.append(try expression())
        }
    }
}

// MARK: - Filters and tests

extension TemplateParser {
    mutating func filtersAndTests(_ base: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        var value = base
        while true {
            if accept("|") {
                let filter = try filterCall()
                value = try node(.filter(value, filter), line: filter.line, over: [value] + filter.arguments.all)
            } else if isAt(word: "is") {
                value = try test(of: value)
            } else if isAt("(") {
                value = try call(value)
            } else {
                return value
            }
        }
    }

    /// Any number of `| name(arguments)`.
    mutating func filterChain() throws(TemplateError) -> [TemplateFilterCall] {
        var filters: [TemplateFilterCall] = []
        while accept("|") { filters.append(try filterCall()) }
        return filters
    }

    /// `name` or `name(arguments)`.
    mutating func filterCall() throws(TemplateError) -> TemplateFilterCall {
        let line = line
        let name = try dottedName()
        let filter = TemplateFilter(name: name)
        guard filter != nil || (isConditional && !TemplateFilter.leftOut.contains(name)) else {
            throw .unsupported(
                line: line, feature: "the filter '\(name)'", supported: TemplateFilter.allCases.map(\.rawValue))
        }
        let arguments = isAt("(") ? try arguments() : TemplateArguments()
        return TemplateFilterCall(filter: filter, name: name, arguments: arguments, line: line)
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while accept(".") { name += "." + (try expectName()) }
        return name
    }

    private mutating func test(of value: TemplateExpression) throws(TemplateError) -> TemplateExpression {
        let line = line
        skip()
        let isNegated = accept(word: "not")
        let name = try dottedName()
        guard let test = TemplateTest(name: name) else {
            throw .unsupported(
                line: line, feature: "the test '\(name)'", supported: TemplateTest.allCases.map(\.rawValue))
        }
        let arguments = try testArguments()
        let result = try node(.test(value, test, arguments), line: line, over: [value] + arguments.all)
        return isNegated ? try node(.not(result), line: line, over: [result]) : result
    }

    /// A test's arguments in parentheses, or one argument without.
    private mutating func testArguments() throws(TemplateError) -> TemplateArguments {
        switch current.kind {
        case .symbol("("): return try arguments()
        case .name("else"), .name("or"), .name("and"): return TemplateArguments()
        case .name("is"): throw unexpected("an end of the test, since tests do not chain")
        case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
            let argument = try nested { (parser) throws(TemplateError) in
                try parser.postfix(try parser.primary())
            }
            return TemplateArguments(positional: [argument])
        default: return TemplateArguments()
        }
    }
}
