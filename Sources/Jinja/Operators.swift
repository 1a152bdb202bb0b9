// The operators between two values, with Python's rules.

import OrderedCollections

extension Interpreter {
    func apply(_ operation: Operator, _ left: Expression, _ right: Expression, line: Int) throws(TemplateError) -> Value
    {
        let first = try evaluate(left)
        switch operation {
        case .and: return first.isTruthy ? try evaluate(right) : first
        case .or: return first.isTruthy ? first : try evaluate(right)
        default: break
        }
        let second = try evaluate(right)
        self.line = line
        switch operation {
        case .concatenate:
            var text = try self.text(first)
            try append(try self.text(second), to: &text)
            return .string(text)
        case .add, .subtract, .multiply, .remainder:
            if first.isUndefined { throw .undefined(line: line, name: left.description) }
            if second.isUndefined, operation != .remainder || first.text == nil {
                throw .undefined(line: line, name: right.description)
            }
            return try calculate(operation, first, second)
        default: return .boolean(try compare(first, operation, second))
        }
    }
}

// MARK: - Arithmetic

extension Interpreter {
    private func calculate(_ operation: Operator, _ left: Value, _ right: Value) throws(TemplateError) -> Value {
        if let left = left.integer, let right = right.integer { return try calculate(operation, left, right) }
        if let left = left.number, let right = right.number {
            switch operation {
            case .add: return .double(left + right)
            case .subtract: return .double(left - right)
            case .multiply: return .double(left * right)
            default: throw unsupported("'%' of decimals", "whole numbers")
            }
        }
        switch (operation, left, right) {
        case (.add, .string(var text), .string(let more)):
            try append(more, to: &text)
            return .string(text)
        case (.add, .array(let left), .array(let right)):
            try charge(left.count + right.count)
            return .array(left + right)
        case (.add, .tuple(let left), .tuple(let right)):
            try charge(left.count + right.count)
            return .tuple(left + right)
        case (.multiply, .string, _), (.multiply, .array, _), (.multiply, .tuple, _), (.multiply, _, .string),
            (.multiply, _, .array), (.multiply, _, .tuple):
            throw unsupported("repeating by '*'", "products of numbers")
        case (.remainder, .string, _):
            throw unsupported("formatting by '%'", "'~'", "'+'")
        default: throw invalid("'\(operation.rawValue)'", left, right)
        }
    }

    private func calculate(_ operation: Operator, _ left: Int, _ right: Int) throws(TemplateError) -> Value {
        switch operation {
        case .add: return .int(try checked(left.addingReportingOverflow(right)))
        case .subtract: return .int(try checked(left.subtractingReportingOverflow(right)))
        case .multiply: return .int(try checked(left.multipliedReportingOverflow(by: right)))
        default:
            guard right != 0 else {
                throw .invalidOperation(line: line, operation: "'%'", operands: ["a number", "zero"])
            }
            // Python's remainder has the sign of the divisor.
            let remainder = try checked(left.remainderReportingOverflow(dividingBy: right))
            return .int(remainder == 0 || (remainder < 0) == (right < 0) ? remainder : remainder + right)
        }
    }

    private func checked(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> Int {
        guard !result.overflow else {
            throw .invalidOperation(
                line: line, operation: "whole-number arithmetic", operands: ["numbers beyond 64 bits"])
        }
        return result.partialValue
    }

    /// `-value`.
    func negated(_ value: Value) throws(TemplateError) -> Value {
        if let number = value.integer { return .int(try checked(0.subtractingReportingOverflow(number))) }
        guard let number = value.number else { throw invalid("'-'", value) }
        return .double(-number)
    }
}

// MARK: - Comparison

extension Interpreter {
    func compare(_ left: Value, _ comparison: Operator, _ right: Value) throws(TemplateError) -> Bool {
        try chargeComparison(left)
        switch comparison {
        case .equal: return left == right
        case .notEqual: return left != right
        case .contained: return try contains(right, left)
        case .notContained: return !(try contains(right, left))
        case .greater, .greaterOrEqual: return try isOrdered(right, left, comparison)
        default: return try isOrdered(left, right, comparison)
        }
    }

    /// Counts the work of comparing a value with another: with what it holds, if it holds something.
    private func chargeComparison(_ value: Value) throws(TemplateError) {
        if let text = value.text { try charge(for: text) } else { try measure(value) }
    }

    /// Whether the first is smaller or, where the comparison allows that, equal: numbers by size, texts by code points.
    private func isOrdered(_ first: Value, _ second: Value, _ comparison: Operator) throws(TemplateError) -> Bool {
        let allowsEqual = comparison == .lessOrEqual || comparison == .greaterOrEqual
        func holds<Element: Comparable>(_ first: Element, _ second: Element) -> Bool {
            first < second || (allowsEqual && first == second)
        }
        if let first = first.integer, let second = second.integer { return holds(first, second) }
        if let first = first.number, let second = second.number { return holds(first, second) }
        switch (first, second) {
        case (.string(let one), .string(let other)):
            return one.unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars)
                || (allowsEqual && first == second)
        case (.array, .array), (.tuple, .tuple):
            throw unsupported("'\(comparison.rawValue)' of lists", "numbers", "texts")
        default: throw invalid("'\(comparison.rawValue)'", first, second)
        }
    }

    /// Python's `element in container`.
    private func contains(_ container: Value, _ element: Value) throws(TemplateError) -> Bool {
        switch (container, element) {
        case (.string(let text), .string(let part)):
            try charge(for: text)
            return part.isEmpty || text.pieces(around: part.string, limit: 1).count > 1
        case (.string, _): throw invalid("'in'", element, container)
        case (.object(let entries), .string(let name)): return entries[Value.Key(name.string)] != nil
        case (.object, .array), (.object, .object): throw invalid("'in'", element, container)
        default:
            for candidate in try elements(of: container) {
                try chargeComparison(candidate)
                if candidate == element { return true }
            }
            return false
        }
    }
}
