// Calls: their arguments, macros, and the hand-over to global functions and to methods.

import OrderedCollections

/// The evaluated arguments of one call.
struct CallArguments {
    var positional: [Value] = []
    var keyword: OrderedDictionary<String, Value> = [:]

    /// The arguments in the order of `names`, nil where one was not given.
    func bound(to names: [String], required: Int = 0, of function: String, line: Int) throws(TemplateError) -> [Value?]
    {
        guard positional.count <= names.count else {
            throw .invalidArgument(
                line: line, function: function,
                problem: "it takes at most \(names.count) arguments, not \(positional.count)")
        }
        var values = positional.map(Optional.some) + Array(repeating: nil, count: names.count - positional.count)
        for (name, value) in keyword {
            guard let index = names.firstIndex(of: name), values[index] == nil else {
                throw .invalidArgument(
                    line: line, function: function,
                    problem: "it cannot take '\(name)'; its arguments are \(names.joined(separator: ", "))")
            }
            values[index] = value
        }
        if let missing = values.prefix(required).firstIndex(where: { $0 == nil }) {
            throw .invalidArgument(
                line: line, function: function, problem: "the argument '\(names[missing])' is missing")
        }
        return values
    }
}

extension TemplateInterpreter {
    func evaluate(_ arguments: TemplateArguments) throws(TemplateError) -> CallArguments {
        var values = CallArguments(positional: try evaluate(arguments.positional))
        for (name, expression) in arguments.keyword { values.keyword[name] = try evaluate(expression) }
        if let list = arguments.unpackedList {
            values.positional += try elements(of: try evaluate(list))
        }
        if let dictionary = arguments.unpackedDictionary {
            let value = try evaluate(dictionary)
            guard case .object(let entries) = value else { throw invalid("'**'", value) }
            for (key, value) in entries {
                guard let name = key.value.text, values.keyword[name] == nil else {
                    throw invalid("'**' with a repeated or nameless entry", key.value)
                }
                values.keyword[name] = value
            }
        }
        return values
    }

    /// Evaluates a call expression; `caller` is what a call block hands to its macro.
    func call(_ expression: TemplateExpression, caller: Value?) throws(TemplateError) -> Value {
        guard case .call(let function, let arguments) = expression.kind else { return try evaluate(expression) }
        let callee = try evaluate(function)
        var values = try evaluate(arguments)
        line = expression.line
        if let caller { values.keyword["caller"] = caller }
        guard case .runtime(let runtime) = callee else {
            if callee.isUndefined { throw undefinedFunction(function) }
            throw invalid("a call", callee)
        }
        switch runtime.kind {
        case .function(let function): return try call(function, values)
        case .method(let receiver, let name): return try callMethod(name, of: receiver, values)
        case .macro(let index): return .string(try call(closures[index], values))
        default: throw invalid("a call", callee)
        }
    }

    private func undefinedFunction(_ function: TemplateExpression) -> TemplateError {
        if case .attribute(_, let name) = function.kind,
            TemplateMethod.changingLists.contains(name) || TemplateMethod.changingDictionaries.contains(name)
        {
            return .invalidArgument(
                line: line, function: name,
                problem: "templates must not change values; build a new one with '+' instead")
        }
        return .undefined(line: line, name: function.description)
    }
}

// MARK: - Macros

extension TemplateInterpreter {
    private func call(_ closure: Closure, _ arguments: CallArguments) throws(TemplateError) -> String {
        let macro = closure.macro
        let function = macro.name ?? "caller"
        var keyword = arguments.keyword
        var given: [Value?] = arguments.positional.prefix(macro.parameters.count).map(Optional.some)
        for parameter in macro.parameters.dropFirst(given.count) {
            given.append(keyword.removeValue(forKey: parameter.name))
        }
        var special: [String: Value] = [:]
        let takesCaller = macro.reads.contains("caller") && !macro.parameters.contains { $0.name == "caller" }
        if takesCaller { special["caller"] = keyword.removeValue(forKey: "caller") ?? .undefined }
        if macro.reads.contains("kwargs") {
            special["kwargs"] = .object(OrderedDictionary(uniqueKeysWithValues: keyword.map { (Value.Key($0), $1) }))
        } else if let name = keyword.keys.first {
            throw .invalidArgument(
                line: line, function: function, problem: "it has no argument '\(name)' to give a value")
        }
        let extra = arguments.positional.dropFirst(macro.parameters.count)
        if macro.reads.contains("varargs") {
            special["varargs"] = .tuple(Array(extra))
        } else if !extra.isEmpty {
            throw .invalidArgument(
                line: line, function: function,
                problem: "it takes at most \(macro.parameters.count) arguments, not \(arguments.positional.count)")
        }
        return try run(closure, given, special)
    }

    private func run(_ closure: Closure, _ given: [Value?], _ special: [String: Value]) throws(TemplateError) -> String
    {
        try deeper { () throws(TemplateError) in try runScoped(closure, given, special) }
    }

    private func runScoped(_ closure: Closure, _ given: [Value?], _ special: [String: Value]) throws(TemplateError)
        -> String
    {
        try scoped(in: closure.scope) { () throws(TemplateError) in
            for (name, value) in special { try assign(value, to: .name(name)) }
            for (parameter, value) in zip(closure.macro.parameters, given) {
                if let value {
                    try assign(value, to: .name(parameter.name))
                } else if let fallback = parameter.fallback {
                    try assign(try evaluate(fallback), to: .name(parameter.name))
                } else {
                    scope.variables[parameter.name] = .undefined
                }
            }
            return try capture(closure.macro.body).text
        }
    }
}
