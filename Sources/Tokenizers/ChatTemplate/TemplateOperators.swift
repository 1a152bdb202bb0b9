// Arithmetic and comparison with Python's rules: true division, floored remainders, repetition, ordering, containment.

import Foundation
import OrderedCollections

// MARK: - Arithmetic

extension TemplateInterpreter {
    func arithmetic(
        _ operation: TemplateArithmetic, _ left: TemplateExpression, _ right: TemplateExpression, line: Int
    ) throws(TemplateError) -> Value {
        let leftValue = try evaluate(left)
        let rightValue = try evaluate(right)
        self.line = line
        if leftValue.isUndefined { throw .undefined(line: line, name: left.description) }
        let formats = operation == .remainder && leftValue.text != nil
        if rightValue.isUndefined, !formats { throw .undefined(line: line, name: right.description) }
        return try calculate(operation, leftValue, rightValue)
    }

    func calculate(_ operation: TemplateArithmetic, _ left: Value, _ right: Value) throws(TemplateError) -> Value {
        if let left = left.integer, let right = right.integer { return try calculate(operation, left, right) }
        if let left = left.number, let right = right.number { return try calculate(operation, left, right) }
        switch operation {
        case .add: return try joined(left, right)
        case .multiply:
            if let count = right.integer { return try repeated(left, count) }
            if let count = left.integer { return try repeated(right, count) }
        case .remainder:
            if let format = left.text { return try formatPercent(format, right, isSafe: left.isMarkup) }
        default: break
        }
        throw invalid("'\(operation.rawValue)'", left, right)
    }

    private func calculate(_ operation: TemplateArithmetic, _ left: Int, _ right: Int) throws(TemplateError) -> Value {
        switch operation {
        case .add: return .int(try checked(left.addingReportingOverflow(right)))
        case .subtract: return .int(try checked(left.subtractingReportingOverflow(right)))
        case .multiply: return .int(try checked(left.multipliedReportingOverflow(by: right)))
        case .divide, .floorDivide, .remainder:
            guard right != 0 else { throw divisionByZero(operation) }
            if operation == .divide { return .double(Double(left) / Double(right)) }
            let quotient = try checked(left.dividedReportingOverflow(by: right))
            let remainder = left - quotient * right
            let isFloored = remainder == 0 || (remainder < 0) == (right < 0)
            if operation == .floorDivide { return .int(isFloored ? quotient : quotient - 1) }
            return .int(isFloored ? remainder : remainder + right)
        case .power:
            guard right >= 0 else { return try calculate(.power, Double(left), Double(right)) }
            return .int(try power(left, right))
        }
    }

    private func calculate(_ operation: TemplateArithmetic, _ left: Double, _ right: Double) throws(TemplateError)
        -> Value
    {
        switch operation {
        case .add: return .double(left + right)
        case .subtract: return .double(left - right)
        case .multiply: return .double(left * right)
        case .divide, .floorDivide, .remainder:
            guard right != 0 else { throw divisionByZero(operation) }
            if operation == .divide { return .double(left / right) }
            var remainder = fmod(left, right)
            if remainder != 0, (remainder < 0) != (right < 0) { remainder += right }
            if operation == .floorDivide {
                let quotient = ((left - remainder) / right).rounded()
                return .double(quotient == 0 ? copysign(0, left / right) : quotient)
            }
            return .double(remainder == 0 ? copysign(0, right) : remainder)
        case .power:
            if left == 0, right < 0 { throw divisionByZero(operation) }
            let result = pow(left, right)
            let isRepresentable = result.isFinite || !left.isFinite || !right.isFinite
            guard isRepresentable else {
                throw invalid("'**' beyond the range of numbers", .double(left), .double(right))
            }
            return .double(result)
        }
    }

    private func divisionByZero(_ operation: TemplateArithmetic) -> TemplateError {
        .invalidOperation(line: line, operation: "'\(operation.rawValue)'", operands: ["a number", "zero"])
    }

    private func checked(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> Int {
        guard !result.overflow else {
            throw .invalidOperation(
                line: line, operation: "whole-number arithmetic", operands: ["numbers beyond 64 bits"])
        }
        return result.partialValue
    }

    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Int {
        var (result, square, rest) = (1, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = try checked(result.multipliedReportingOverflow(by: square)) }
            rest >>= 1
            if rest > 0 { square = try checked(square.multipliedReportingOverflow(by: square)) }
        }
        return result
    }

    func signed(_ operand: TemplateExpression, negative: Bool) throws(TemplateError) -> Value {
        let value = try evaluate(operand)
        if value.isUndefined { throw .undefined(line: line, name: operand.description) }
        if let number = value.integer {
            return .int(negative ? try checked(0.subtractingReportingOverflow(number)) : number)
        }
        guard let number = value.number else { throw invalid(negative ? "'-'" : "'+'", value) }
        return .double(negative ? -number : number)
    }

    /// `+` of texts, lists or tuples. Text marked safe escapes what it is joined with.
    private func joined(_ left: Value, _ right: Value) throws(TemplateError) -> Value {
        if let leftText = left.text, let rightText = right.text {
            let isSafe = left.isMarkup || right.isMarkup
            var text = isSafe && !left.isMarkup ? leftText.htmlEscaped : leftText
            try append(isSafe && !right.isMarkup ? rightText.htmlEscaped : rightText, to: &text)
            return isSafe ? .runtime(.markup(text)) : .string(text)
        }
        switch (left, right) {
        case (.array(let left), .array(let right)):
            try charge(left.count + right.count)
            return .array(left + right)
        case (.tuple(let left), .tuple(let right)):
            try charge(left.count + right.count)
            return .tuple(left + right)
        default: throw invalid("'+'", left, right)
        }
    }

    /// The size of `count` copies, or a size beyond every bound.
    private func product(_ size: Int, _ count: Int) -> Int {
        let (product, overflow) = size.multipliedReportingOverflow(by: count)
        return overflow ? .max : product
    }

    /// `*` of a text, list or tuple and a number.
    private func repeated(_ value: Value, _ count: Int) throws(TemplateError) -> Value {
        let count = max(count, 0)
        if let text = value.text {
            try reserve(0, plus: product(text.utf8.count, count))
            return value.withText(String(repeating: text, count: count))
        }
        switch value {
        case .array(let elements):
            try charge(product(elements.count, count))
            return .array(Array(repeatElement(elements, count: count).joined()))
        case .tuple(let elements):
            try charge(product(elements.count, count))
            return .tuple(Array(repeatElement(elements, count: count).joined()))
        default: throw invalid("'*'", value, .int(count))
        }
    }
}

// MARK: - Comparison

extension TemplateInterpreter {
    func compare(_ left: Value, _ comparison: TemplateComparison, _ right: Value) throws(TemplateError) -> Bool {
        switch comparison {
        case .equal: try isEqual(left, right)
        case .notEqual: !(try isEqual(left, right))
        case .less: try isLess(left, right, "'<'")
        case .greater: try isLess(right, left, "'>'")
        case .lessOrEqual: try isLessOrEqual(left, right, "'<='")
        case .greaterOrEqual: try isLessOrEqual(right, left, "'>='")
        case .contained: try contains(right, left)
        case .notContained: !(try contains(right, left))
        }
    }

    private func isEqual(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
        try chargeComparison(left)
        return left == right
    }

    /// Counts the work of comparing a value with another: with what it holds, if it holds something.
    private func chargeComparison(_ value: Value) throws(TemplateError) {
        if let text = value.text { try charge(for: text) } else { try measure(value) }
    }

    /// Python's `left < right`: numbers by size, texts by code points, lists and tuples element by element.
    func isLess(_ left: Value, _ right: Value, _ operation: String = "ordering") throws(TemplateError) -> Bool {
        try chargeComparison(left)
        if let left = left.integer, let right = right.integer { return left < right }
        if let left = left.number, let right = right.number { return left < right }
        if let left = left.text, let right = right.text {
            return left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
        }
        switch (left, right) {
        case (.array(let left), .array(let right)), (.tuple(let left), .tuple(let right)):
            for (left, right) in zip(left, right) where left != right { return try isLess(left, right, operation) }
            return left.count < right.count
        default: throw invalid(operation, left, right)
        }
    }

    private func isLessOrEqual(_ left: Value, _ right: Value, _ operation: String) throws(TemplateError) -> Bool {
        // Not the negation of `<`: nothing is less than, or equal to, what is not a number.
        let isLess = try isLess(left, right, operation)
        return isLess || left == right
    }

    /// Python's `element in container`.
    func contains(_ container: Value, _ element: Value) throws(TemplateError) -> Bool {
        if let text = container.text {
            guard let part = element.text else { throw invalid("'in'", element, container) }
            try charge(for: text)
            return part.isEmpty || !TextSearch(part, in: text).starts(limit: 1).isEmpty
        }
        if case .object(let entries) = container { return entries[try key(element)] != nil }
        var iterator = try iterator(over: container)
        while let candidate = try iterator.next(self) {
            if try isEqual(candidate, element) { return true }
        }
        return false
    }
}

extension Value {
    var isMarkup: Bool {
        if case .runtime(let value) = self { value.markup != nil } else { false }
    }

    /// A text of the same kind, marked safe or not.
    func withText(_ text: String) -> Value { isMarkup ? .runtime(.markup(text)) : .string(text) }
}
