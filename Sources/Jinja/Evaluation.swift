// Evaluates expressions: literals, names, attributes and subscripts as Jinja's immutable sandbox resolves them, calls.
// Operators, filters and tests are in files of their own.

import Foundation
import OrderedCollections

extension Interpreter {
    func evaluate(_ expression: Expression) throws(TemplateError) -> Value {
        try charge(1)
        line = expression.line
        switch expression.kind {
        case .literal(let value): return value
        case .name(let name):
            return scope.value(of: name) ?? Function(rawValue: name).map { .runtime(.function($0)) } ?? .undefined
        default: return try deeper { () throws(TemplateError) in try compute(expression) }
        }
    }

    private func evaluate(_ expressions: [Expression]) throws(TemplateError) -> [Value] {
        var values: [Value] = []
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private func compute(_ expression: Expression) throws(TemplateError) -> Value {
        switch expression.kind {
        case .literal, .name: return try evaluate(expression)
        case .list(let elements): return .array(try evaluate(elements))
        case .tuple(let elements): return .tuple(try evaluate(elements))
        case .dictionary(let entries):
            var dictionary: OrderedDictionary<Value.Key, Value> = [:]
            for entry in entries {
                let key = try evaluate(entry.key)
                guard let text = key.text else {
                    throw unsupported("\(key.typeName) as a dictionary's key", "texts")
                }
                dictionary[Value.Key(text)] = try evaluate(entry.value)
            }
            return .object(dictionary)
        case .not(let operand): return .boolean(!(try evaluate(operand).isTruthy))
        case .conditional(let value, let test, let otherwise):
            if try evaluate(test).isTruthy { return try evaluate(value) }
            return try otherwise.map { (expression) throws(TemplateError) in try evaluate(expression) } ?? .undefined
        case .negative(let operand): return try negated(try defined(operand, for: expression))
        case .binary(let operation, let left, let right):
            return try apply(operation, left, right, line: expression.line)
        case .attribute(let base, let name): return try attribute(name, of: try defined(base, for: expression))
        case .item(let base, let index):
            let value = try defined(base, for: expression)
            return try item(try evaluate(index), of: value)
        case .slice(let base, let start, let stop, let step):
            let value = try defined(base, for: expression)
            return try slice(value, try bound(start), try bound(stop), try bound(step) ?? 1)
        case .call(let function, let arguments): return try call(function, arguments, line: expression.line)
        case .filter(let base, let call): return try apply(call, to: try evaluate(base))
        case .test(let base, let test, let arguments):
            let value = try evaluate(base)
            return .boolean(try self.test(value, test, try evaluate(arguments)))
        }
    }

    /// The value of `base`, of which `user` takes a part: undefined has none.
    private func defined(_ base: Expression, for user: Expression) throws(TemplateError) -> Value {
        let value = try evaluate(base)
        line = user.line
        if value.isUndefined { throw .undefined(line: line, name: base.description) }
        return value
    }
}

// MARK: - Attributes and items

extension Interpreter {
    /// `value.name`: a method first, then an item.
    private func attribute(_ name: String, of value: Value) throws(TemplateError) -> Value {
        if let attribute = try ownAttribute(name, of: value) { return attribute }
        if case .object(let entries) = value, !name.hasPrefix("__") { return entries[Value.Key(name)] ?? .undefined }
        return .undefined
    }

    /// `value[index]`: an item first, then a method.
    func item(_ index: Value, of value: Value) throws(TemplateError) -> Value {
        if case .object(let entries) = value, let name = index.text?.string, let entry = entries[Value.Key(name)] {
            return entry
        }
        guard let position = index.integer, value.isSequence, let count = value.count else {
            return try (index.text?.string).flatMap { (name) throws(TemplateError) in try ownAttribute(name, of: value)
            }
                ?? .undefined
        }
        let place = position < 0 ? position + count : position
        guard place >= 0, place < count else { return .undefined }
        if let text = value.text {
            try charge(for: text)
            let offsets = text.scalarOffsets
            return .string(text[offsets[place]..<offsets[place + 1]])
        }
        return value.elements?[place] ?? .undefined
    }

    /// The attributes that Python's objects have of themselves, without those of its internals and those that change
    /// their object; nil where there is none of that name.
    private func ownAttribute(_ name: String, of value: Value) throws(TemplateError) -> Value? {
        if case .runtime(let runtime) = value {
            switch runtime.kind {
            case .namespace(let index): return namespaces[index][name]
            case .loop(let index): return try attribute(name, of: loops[index])
            default: return nil
            }
        }
        return Method(name, of: value).map { .runtime(.method($0, of: value)) }
    }
}

// MARK: - Slices

extension Interpreter {
    private func bound(_ expression: Expression?) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .null = value { return nil }
        guard let bound = value.integer else { throw invalid("a slice's bound", value) }
        return bound
    }

    private func slice(_ value: Value, _ start: Int?, _ stop: Int?, _ step: Int) throws(TemplateError) -> Value {
        guard value.isSequence, let count = value.count else { throw invalid("a slice", value) }
        guard step != 0 else {
            throw .invalidArgument(line: line, function: "a slice", problem: "its step must not be zero")
        }
        try charge(1 + count >> 4)
        let positions = Self.positions(start, stop, step, count: count)
        switch value {
        case .string(let text):
            let offsets = text.scalarOffsets
            return .string(positions.reduce(into: Text("")) { $0.append(text[offsets[$1]..<offsets[$1 + 1]]) })
        case .array(let elements): return .array(positions.map { elements[$0] })
        case .tuple(let elements): return .tuple(positions.map { elements[$0] })
        default: throw unsupported("a slice of a range", "range(start, stop, step)")
        }
    }

    /// The positions that `[start:stop:step]` selects of `count` elements.
    private static func positions(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) -> StrideTo<Int> {
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? count : count - 1
        func place(_ bound: Int?, else whole: Int) -> Int {
            guard let bound else { return whole }
            return min(max(bound < 0 ? bound + count : bound, lowest), highest)
        }
        // No step beyond the ends makes a difference; this one keeps sums within bounds.
        let step = min(max(step, -count - 1), count + 1)
        let first = place(start, else: step > 0 ? lowest : highest)
        return stride(from: first, to: place(stop, else: step > 0 ? highest : lowest), by: step)
    }
}

// MARK: - Calls

/// The evaluated arguments of one call.
struct CallArguments {
    var positional: [Value] = []
    var keyword: [(name: String, value: Value)] = []
}

extension Interpreter {
    /// The arguments in the order of `names`, nil where one was not given.
    func bind(_ arguments: CallArguments, _ names: [String] = [], required: Int = 0, of function: String)
        throws(TemplateError) -> [Value?]
    {
        var values = arguments.positional.prefix(names.count).map(Optional.some)
        values += Array(repeating: nil, count: names.count - values.count)
        var problem = arguments.positional.count > names.count ? "it takes at most \(names.count) arguments" : nil
        for (name, value) in arguments.keyword {
            if let index = names.firstIndex(of: name), values[index] == nil {
                values[index] = value
            } else {
                problem = "it cannot take '\(name)'; its arguments are \(names.joined(separator: ", "))"
            }
        }
        if let missing = values.prefix(required).firstIndex(where: { $0 == nil }) {
            problem = "the argument '\(names[missing])' is missing"
        }
        if let problem { throw .invalidArgument(line: line, function: function, problem: problem) }
        return values
    }

    func evaluate(_ arguments: Arguments) throws(TemplateError) -> CallArguments {
        var values = CallArguments(positional: try evaluate(arguments.positional))
        for (name, expression) in arguments.keyword { values.keyword.append((name, try evaluate(expression))) }
        return values
    }

    private func call(_ function: Expression, _ arguments: Arguments, line: Int) throws(TemplateError) -> Value {
        let callee = try evaluate(function)
        let values = try evaluate(arguments)
        self.line = line
        if callee.isUndefined { throw .undefined(line: line, name: function.description) }
        guard case .runtime(let runtime) = callee else { throw invalid("a call", callee) }
        switch runtime.kind {
        case .function(let function): return try call(function, values)
        case .method(let method, let receiver): return try call(method, of: receiver, values)
        case .macro(let index):
            let closure = closures[index]
            return .string(try deeper { () throws(TemplateError) in try call(closure, values) })
        default: throw invalid("a call", callee)
        }
    }

    private func call(_ closure: Closure, _ arguments: CallArguments) throws(TemplateError) -> Text {
        let (macro, scope) = (closure.macro, closure.scope)
        let given = try bind(arguments, macro.parameters.map(\.name), of: macro.name)
        return try scoped(in: scope) { () throws(TemplateError) in
            for (parameter, value) in zip(macro.parameters, given) {
                let fallback = value == nil ? parameter.fallback : nil
                let fallen = try fallback.map { (expression) throws(TemplateError) in try evaluate(expression) }
                try assign(value ?? fallen ?? .undefined, to: .name(parameter.name))
            }
            return try capture(macro.body).text
        }
    }
}

// MARK: - Global functions

/// The functions that every template sees: two of Jinja's, and two that transformers adds.
enum Function: String, CaseIterable, Sendable {
    case range, namespace
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"

    static let names = allCases.map(\.rawValue)
    static let leftOut: Set<String> = ["cycler", "dict", "joiner", "lipsum"]
}

extension Interpreter {
    private func call(_ function: Function, _ arguments: CallArguments) throws(TemplateError) -> Value {
        switch function {
        case .range: return .runtime(.range(try range(arguments)))
        case .namespace:
            guard arguments.positional.isEmpty else {
                throw unsupported("namespace() of a dictionary", "named arguments")
            }
            namespaces.append(Dictionary(arguments.keyword.map { ($0.name, $0.value) }) { $1 })
            return .runtime(.namespace(namespaces.count - 1))
        case .raiseException:
            let message = try bind(arguments, ["message"], required: 1, of: function.rawValue)[0]
            throw .raised(line: line, message: try text(message ?? .null).string)
        case .strftimeNow:
            let format = try bind(arguments, ["format"], required: 1, of: function.rawValue)[0]
            return .string(Text(formattedTime(try text(format ?? .null).string)))
        }
    }

    private func range(_ arguments: CallArguments) throws(TemplateError) -> [Value] {
        let bounds = arguments.positional.compactMap(\.integer)
        guard arguments.keyword.isEmpty, (1...3).contains(bounds.count), bounds.count == arguments.positional.count,
            bounds.count < 3 || bounds[2] != 0
        else {
            throw .invalidArgument(
                line: line, function: "range",
                problem: "it takes a stop, a start and a stop, or these and a step not zero")
        }
        // Bounds so far out are no use to a template, and nearer ones cannot overflow below.
        guard bounds.allSatisfy((-(1 << 60)...(1 << 60)).contains) else { throw exceeded(.range, limits.range) }
        let (start, stop) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
        let step = bounds.count == 3 ? bounds[2] : 1
        let count = max(0, (stop - start + step - step.signum()) / step)
        guard count <= limits.range else { throw exceeded(.range, limits.range) }
        try charge(count)
        return (0..<count).map { .int(start + $0 * step) }
    }

    /// The time of rendering in the C library's `strftime`, as Python formats it.
    private func formattedTime(_ format: String) -> String {
        var seconds = time_t(now.timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        // A space in front tells an empty result from a buffer too small.
        var buffer = [CChar](repeating: 0, count: 64 * (format.utf8.count + 2))
        let length = strftime(&buffer, buffer.count, " " + format, &parts)
        return String(decoding: buffer.prefix(length).dropFirst().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
