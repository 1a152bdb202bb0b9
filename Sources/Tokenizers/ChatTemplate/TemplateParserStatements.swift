// The statements of the grammar: text, output and every `{% tag %}`.

extension TemplateParser {
    private static let tags = [
        "if", "for", "set", "macro", "call", "filter", "with", "print", "generation", "break", "continue", "raw",
    ]

    /// Statements up to a block whose tag is one of `ends`, whose word is then current; up to the template's end when
    /// `ends` is empty.
    mutating func statements(until ends: [String]) throws(TemplateError) -> [TemplateStatement] {
        try nested { (parser) throws(TemplateError) in try parser.statementList(until: ends) }
    }

    private mutating func statementList(until ends: [String]) throws(TemplateError) -> [TemplateStatement] {
        var body: [TemplateStatement] = []
        while true {
            switch current.kind {
            case .text(let text):
                skip()
                body.append(.text(text))
            case .outputBegin:
                skip()
                body.append(.output(try tupleOrExpression()))
                try expect(.outputEnd)
            case .blockBegin:
                skip()
                guard case .name(let tag) = current.kind else { throw unexpected("a tag") }
                if ends.contains(tag) { return body }
                body += try statement(tag, looked: ends)
                try expect(.blockEnd)
            default:
                if ends.isEmpty { return body }
                throw unexpected(ends.map { "'{% \($0) %}'" }.joined(separator: " or "))
            }
        }
    }

    private mutating func statement(_ tag: String, looked ends: [String]) throws(TemplateError) -> [TemplateStatement] {
        let line = line
        skip()
        switch tag {
        case "if": return [try conditional()]
        case "for": return [try loop()]
        case "set": return [try assignment(line)]
        case "macro": return [try macro()]
        case "call": return [try callBlock()]
        case "filter": return [try filterBlock(line)]
        case "with": return [try withBlock()]
        case "print": return try printed()
        case "generation":
            return [.generation(try functionBody("endgeneration"))]
        case "break", "continue":
            guard isInLoop else { throw .syntax(line: line, met: "'\(tag)' outside a loop", expected: "a loop") }
            return [tag == "break" ? .breakLoop : .continueLoop]
        default:
            if tag.hasPrefix("end") || tag == "else" || tag == "elif" {
                let expected = ends.isEmpty ? "no closing tag" : ends.map { "'\($0)'" }.joined(separator: " or ")
                throw .syntax(line: line, met: "'{% \(tag) %}'", expected: expected)
            }
            throw .unsupported(line: line, feature: "the tag '{% \(tag) %}'", supported: Self.tags)
        }
    }

    /// The body of a block up to `{% end %}`, of which the closing `%}` stays.
    private mutating func body(_ end: String) throws(TemplateError) -> [TemplateStatement] {
        let body = try bodies(until: [end], isConditional: false)
        skip()
        return body
    }

    /// The body of what is a function of its own in Jinja's compiled code, where no loop can be left from within.
    private mutating func functionBody(_ end: String) throws(TemplateError) -> [TemplateStatement] {
        try with(\.isInLoop, false) { (parser) throws(TemplateError) in try parser.body(end) }
    }

    /// The body of a block up to one of `ends`, whose word stays.
    private mutating func bodies(until ends: [String], isConditional: Bool) throws(TemplateError)
        -> [TemplateStatement]
    {
        _ = accept(":")
        try expect(.blockEnd)
        return try with(\.isConditional, isConditional) { (parser) throws(TemplateError) in
            try parser.statements(until: ends)
        }
    }
}

// MARK: - Control flow

extension TemplateParser {
    private mutating func conditional() throws(TemplateError) -> TemplateStatement {
        var branches: [(TemplateExpression, [TemplateStatement])] = []
        while true {
            let test = try with(\.isConditional, true) { (parser) throws(TemplateError) in
                try parser.tupleOrExpression(withConditional: false)
            }
            branches.append((test, try bodies(until: ["elif", "else", "endif"], isConditional: true)))
            if accept(word: "elif") { continue }
            let otherwise = accept(word: "else") ? try bodies(until: ["endif"], isConditional: true) : []
            try expect(word: "endif")
            return .conditional(branches: branches, otherwise: otherwise)
        }
    }

    private mutating func loop() throws(TemplateError) -> TemplateStatement {
        let target = try target(allowsNamespace: false, until: "in")
        try expect(word: "in")
        let iterable = try tupleOrExpression(withConditional: false, until: "recursive")
        let condition = accept(word: "if") ? try expression() : nil
        if isAt(word: "recursive") {
            throw .unsupported(line: line, feature: "a recursive loop", supported: ["a macro that calls itself"])
        }
        try refuseAssigningLoop(target)
        let body = try with(\.isInLoop, true) { (parser) throws(TemplateError) in
            try parser.bodies(until: ["else", "endfor"], isConditional: false)
        }
        let otherwise = accept(word: "else") ? try bodies(until: ["endfor"], isConditional: false) : []
        try expect(word: "endfor")
        return .loop(
            TemplateLoop(target: target, iterable: iterable, condition: condition, body: body, otherwise: otherwise))
    }

    private mutating func withBlock() throws(TemplateError) -> TemplateStatement {
        var bindings: [(TemplateTarget, TemplateExpression)] = []
        while current.kind != .blockEnd {
            if !bindings.isEmpty { try expect(",") }
            let target = try target(allowsNamespace: false)
            try expect("=")
            bindings.append((target, try expression()))
        }
        return .with(bindings, try body("endwith"))
    }

    private mutating func printed() throws(TemplateError) -> [TemplateStatement] {
        var outputs: [TemplateStatement] = []
        while current.kind != .blockEnd {
            if !outputs.isEmpty { try expect(",") }
            outputs.append(.output(try expression()))
        }
        return outputs
    }
}

// MARK: - Assignment

extension TemplateParser {
    private mutating func assignment(_ line: Int) throws(TemplateError) -> TemplateStatement {
        let target = try target(allowsNamespace: true)
        if isInLoop { try refuseAssigningLoop(target) }
        if accept("=") { return .assign(target, try tupleOrExpression()) }
        let filters = try filterChain()
        return .capture(target, filters, try body("endset"), line: line)
    }

    /// A name, `namespace.attribute`, or several in a tuple.
    private mutating func target(allowsNamespace: Bool, until end: String? = nil) throws(TemplateError)
        -> TemplateTarget
    {
        var targets: [TemplateTarget] = []
        var isTuple = false
        while !endsTuple(at: end) {
            targets.append(try singleTarget(allowsNamespace: allowsNamespace))
            guard accept(",") else { break }
            isTuple = true
        }
        guard let first = targets.first else { throw unexpected("a name to assign to") }
        return isTuple ? .tuple(targets) : first
    }

    private mutating func singleTarget(allowsNamespace: Bool) throws(TemplateError) -> TemplateTarget {
        if isAt("(") {
            return try nested { (parser) throws(TemplateError) in
                parser.skip()
                let target = try parser.target(allowsNamespace: false)
                try parser.expect(")")
                return target
            }
        }
        guard case .name(let name) = current.kind, !Self.constants.contains(name) else {
            throw unexpected("a name to assign to")
        }
        skip()
        if allowsNamespace, accept(".") {
            return .namespaceAttribute(namespace: name, attribute: try expectName())
        }
        return .name(name)
    }

    /// Inside a loop `loop` belongs to the loop.
    private func refuseAssigningLoop(_ target: TemplateTarget) throws(TemplateError) {
        switch target {
        case .name("loop"): throw .syntax(line: line, met: "an assignment to 'loop'", expected: "another name")
        case .tuple(let targets): for target in targets { try refuseAssigningLoop(target) }
        default: break
        }
    }
}

// MARK: - Macros, calls and filters

extension TemplateParser {
    private mutating func macro() throws(TemplateError) -> TemplateStatement {
        let name = try expectName()
        let parameters = try parameters()
        return .macro(name: name, try macro(name, parameters, end: "endmacro"))
    }

    private mutating func callBlock() throws(TemplateError) -> TemplateStatement {
        let parameters = isAt("(") ? try parameters() : []
        let line = line
        let call = try expression()
        guard case .call = call.kind else {
            throw .syntax(line: line, met: call.description, expected: "a call of a macro")
        }
        return .call(call, caller: try macro(nil, parameters, end: "endcall"))
    }

    private mutating func macro(
        _ name: String?, _ parameters: [(name: String, fallback: TemplateExpression?)], end: String
    ) throws(TemplateError) -> TemplateMacro {
        macroReads.append([])
        let body = try functionBody(end)
        let reads = macroReads.removeLast()
        return TemplateMacro(name: name, parameters: parameters, body: body, reads: reads)
    }

    private mutating func parameters() throws(TemplateError) -> [(name: String, fallback: TemplateExpression?)] {
        try expect("(")
        var parameters: [(name: String, fallback: TemplateExpression?)] = []
        while !isAt(")") {
            if !parameters.isEmpty { try expect(",") }
            let name = try expectName()
            let fallback = accept("=") ? try expression() : nil
            if fallback == nil, parameters.last?.fallback != nil {
                throw unexpected("a default value for '\(name)'")
            }
            if Self.constants.contains(name) || parameters.contains(where: { $0.name == name }) {
                throw .syntax(line: line, met: "'\(name)'", expected: "a new name for a parameter")
            }
            parameters.append((name, fallback))
        }
        try expect(")")
        return parameters
    }

    private mutating func filterBlock(_ line: Int) throws(TemplateError) -> TemplateStatement {
        let filters = [try filterCall()] + (try filterChain())
        return .filter(filters, try body("endfilter"))
    }
}
