// The tests: what may follow `is`, and what `select` and `reject` take by name.

enum TemplateTest: String, CaseIterable, Sendable {
    case boolean, callable, defined, divisibleby, equalto, even, `false`, filter, float, greaterOrEqual = "ge",
        greaterthan
    case `in`, integer, iterable, lessOrEqual = "le", lessthan, lower, mapping, `none`, notEqual = "ne", number, odd
    case sequence, string, test, `true`, undefined, upper

    /// The test of that name, short name or symbol.
    init?(name: String) {
        switch name {
        case "==", "eq": self = .equalto
        case "!=": self = .notEqual
        case ">", "gt": self = .greaterthan
        case ">=": self = .greaterOrEqual
        case "<", "lt": self = .lessthan
        case "<=": self = .lessOrEqual
        default: self.init(rawValue: name)
        }
    }

    /// The operator that the test stands for; nil where it is none.
    var comparison: TemplateComparison? {
        switch self {
        case .equalto: .equal
        case .notEqual: .notEqual
        case .greaterthan: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .lessthan: .less
        case .lessOrEqual: .lessOrEqual
        case .in: .contained
        default: nil
        }
    }
}

extension TemplateInterpreter {
    /// `value is test(arguments)`.
    func test(_ value: Value, _ test: TemplateTest, _ arguments: CallArguments) throws(TemplateError) -> Bool {
        if let comparison = test.comparison {
            let operand = try argument(arguments, of: test)
            if [.less, .lessOrEqual, .greater, .greaterOrEqual].contains(comparison),
                value.isUndefined || operand.isUndefined
            {
                throw invalid("the test '\(test.rawValue)'", value, operand)
            }
            return try compare(value, comparison, operand)
        }
        if test == .divisibleby { return try remainder(of: value, by: try argument(arguments, of: test)) == 0 }
        _ = try positional(arguments, 0...0, of: "the test '\(test.rawValue)'")
        switch test {
        case .odd: return try remainder(of: value, by: 2) == 1
        case .even: return try remainder(of: value, by: 2) == 0
        case .lower: return try text(value).isPythonLowercase
        case .upper: return try text(value).isPythonUppercase
        case .filter: return TemplateFilter(name: value.text ?? "") != nil
        case .test: return TemplateTest(name: value.text ?? "") != nil
        default: return Self.isKind(value, test)
        }
    }

    private func argument(_ arguments: CallArguments, of test: TemplateTest) throws(TemplateError) -> Value {
        try positional(arguments, 1...1, of: "the test '\(test.rawValue)'")[0]
    }

    private func remainder(of value: Value, by divisor: Value) throws(TemplateError) -> Value {
        guard value.number != nil, divisor.number != nil else { throw invalid("'%'", value, divisor) }
        return try calculate(.remainder, value, divisor)
    }

    /// The tests for a value's type.
    private static func isKind(_ value: Value, _ test: TemplateTest) -> Bool {
        switch (test, value) {
        case (.defined, _): !value.isUndefined
        case (.undefined, _): value.isUndefined
        case (.none, .null), (.boolean, .boolean), (.true, .boolean(true)), (.false, .boolean(false)): true
        case (.integer, .int), (.float, .double), (.mapping, .object): true
        case (.number, _): value.number != nil
        case (.string, _): value.text != nil
        case (.sequence, .object), (.sequence, .undefined): true
        case (.sequence, _): value.isSequence
        case (.iterable, .runtime(let runtime)): runtime.isIterable
        case (.iterable, _): value.storedElements != nil
        case (.callable, .undefined): true
        case (.callable, .runtime(let runtime)): runtime.isCallable
        default: false
        }
    }
}

extension RuntimeValue {
    fileprivate var isIterable: Bool {
        switch kind {
        case .sequence, .range, .view, .markup, .loop: true
        case .function, .method, .macro, .namespace: false
        }
    }

    fileprivate var isCallable: Bool {
        switch kind {
        case .function, .method, .macro, .loop: true
        case .sequence, .range, .view, .markup, .namespace: false
        }
    }
}
