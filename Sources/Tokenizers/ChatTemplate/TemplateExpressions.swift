// Evaluates expressions: literals, names, logic, and the hand-over to arithmetic, attributes, calls and filters.

import OrderedCollections

extension TemplateInterpreter {
    func evaluate(_ expression: TemplateExpression) throws(TemplateError) -> Value {
        try charge(1)
        line = expression.line
        if case .literal(let value) = expression.kind { return value }
        if case .name(let name) = expression.kind { return value(of: name) }
        return try deeper { () throws(TemplateError) in try compute(expression) }
    }

    private func value(of name: String) -> Value {
        if let value = scope.value(of: name) { return value }
        return TemplateFunction(rawValue: name).map { .runtime(.function($0)) } ?? .undefined
    }

    private func compute(_ expression: TemplateExpression) throws(TemplateError) -> Value {
        switch expression.kind {
        case .literal(let value): return value
        case .name(let name): return value(of: name)
        case .list(let elements): return .array(try evaluate(elements))
        case .tuple(let elements): return .tuple(try evaluate(elements))
        case .dictionary(let entries): return try dictionary(entries)
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? value : try evaluate(right)
        case .not(let operand): return .boolean(!(try evaluate(operand).isTruthy))
        case .conditional(let value, let test, let otherwise):
            if try evaluate(test).isTruthy { return try evaluate(value) }
            return try otherwise.map { (expression) throws(TemplateError) in try evaluate(expression) } ?? .undefined
        case .comparison(let first, let rest): return try compareChain(first, rest)
        default: return try operate(expression)
        }
    }

    /// The operations proper, whose failures belong to the expression's own line.
    private func operate(_ expression: TemplateExpression) throws(TemplateError) -> Value {
        switch expression.kind {
        case .attribute(let base, let name):
            let value = try defined(base, for: expression)
            return try attribute(name, of: value)
        case .item(let base, let index):
            let value = try defined(base, for: expression)
            return try item(try evaluate(index), of: value)
        case .slice(let base, let slice):
            let value = try defined(base, for: expression)
            return try self.slice(value, slice)
        case .call: return try call(expression, caller: nil)
        case .filter(let base, let filter): return try apply(filter, to: try evaluate(base))
        case .test(let base, let test, let arguments):
            let value = try evaluate(base)
            return .boolean(try self.test(value, test, try evaluate(arguments)))
        case .negative(let operand): return try signed(operand, negative: true)
        case .positive(let operand): return try signed(operand, negative: false)
        case .arithmetic(let operation, let left, let right):
            return try arithmetic(operation, left, right, line: expression.line)
        case .concatenation(let parts): return try concatenation(parts)
        default: return .undefined
        }
    }

    func evaluate(_ expressions: [TemplateExpression]) throws(TemplateError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    /// The value of `base`, of which `user` takes a part: undefined has none.
    private func defined(_ base: TemplateExpression, for user: TemplateExpression) throws(TemplateError) -> Value {
        let value = try evaluate(base)
        line = user.line
        if value.isUndefined { throw .undefined(line: line, name: base.description) }
        return value
    }

    private func dictionary(_ entries: [(key: TemplateExpression, value: TemplateExpression)]) throws(TemplateError)
        -> Value
    {
        var dictionary: OrderedDictionary<Value.Key, Value> = [:]
        for entry in entries {
            let key = try evaluate(entry.key)
            dictionary[try self.key(key)] = try evaluate(entry.value)
        }
        return .object(dictionary)
    }

    /// `value` as a dictionary's key.
    func key(_ value: Value) throws(TemplateError) -> Value.Key {
        guard let key = Value.Key(value) else { throw invalid("use as a dictionary's key", value) }
        return key
    }

    private func concatenation(_ parts: [TemplateExpression]) throws(TemplateError) -> Value {
        var text = ""
        for part in parts { try append(try self.text(try evaluate(part)), to: &text) }
        return .string(text)
    }

    private func compareChain(
        _ first: TemplateExpression, _ rest: [(TemplateComparison, TemplateExpression)]
    ) throws(TemplateError) -> Value {
        var left = try evaluate(first)
        for (comparison, expression) in rest {
            let right = try evaluate(expression)
            line = expression.line
            guard try compare(left, comparison, right) else { return .boolean(false) }
            left = right
        }
        return .boolean(true)
    }
}
