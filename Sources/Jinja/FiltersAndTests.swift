// The filters, which may follow `|`, and the tests, which may follow `is`.

/// The filters that the supported families' templates use, and their neighbours.
enum Filter: String, CaseIterable, Sendable {
    case `default`, first, items, join, last, length, list, lower, map, reject, rejectattr, replace, select,
        selectattr, string, tojson, trim, upper

    /// The filter of that name or short name.
    static func named(_ name: String, line: Int) throws(TemplateError) -> Filter {
        let short: [String: Filter] = ["d": .default, "count": .length]
        guard let filter = short[name] ?? Filter(rawValue: name) else {
            throw .unsupported(line: line, feature: "the filter '\(name)'", supported: allCases.map(\.rawValue))
        }
        return filter
    }
}

extension Interpreter {
    func apply(_ call: FilterCall, to value: Value) throws(TemplateError) -> Value {
        let arguments = try evaluate(call.arguments)
        line = call.line
        return try apply(call.filter, to: value, arguments)
    }

    private func apply(_ filter: Filter, to value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        if let text = value.text { try charge(for: text) }
        switch filter {
        case .default, .join, .replace, .tojson, .trim: return try argued(filter, value, arguments)
        case .map: return try mapped(value, arguments)
        case .select, .reject, .selectattr, .rejectattr: return try chosen(filter, value, arguments)
        default: _ = try bind(arguments, of: filter.rawValue)
        }
        switch filter {
        case .first: return try elements(of: value).first ?? .undefined
        case .last:
            guard let count = value.count else { throw invalid("last", value) }
            try charge(count)
            return value.elements?.last ?? .undefined
        case .items:
            if value.isUndefined { return generator([]) }
            guard case .object(let entries) = value else { throw invalid("items", value) }
            return generator(entries.map { .tuple([.string($0.key.content), $0.value]) })
        case .length:
            guard let count = value.count else { throw invalid(filter.rawValue, value) }
            return .int(count)
        case .list: return .array(try elements(of: value))
        case .lower: return .string(try text(value).mapped(\.pythonLowercased))
        case .upper: return .string(try text(value).mapped { $0.uppercased() })
        default: return .string(try text(value))
        }
    }

    /// The filters that take arguments.
    private func argued(_ filter: Filter, _ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        switch filter {
        case .default:
            let values = try bind(arguments, ["default_value", "boolean"], of: filter.rawValue)
            let isMissing = value.isUndefined || (values[1]?.isTruthy == true && !value.isTruthy)
            return isMissing ? values[0] ?? .string("") : value
        case .join:
            let separator = try text(try bind(arguments, ["d"], of: filter.rawValue)[0] ?? "")
            var joined = Text("")
            for (index, element) in try elements(of: value).enumerated() {
                if index > 0 { try append(separator, to: &joined) }
                try append(try text(element), to: &joined)
            }
            return .string(joined)
        case .replace:
            let values = try bind(arguments, ["old", "new"], required: 2, of: filter.rawValue)
            let (old, new) = (try text(values[0] ?? .undefined), try text(values[1] ?? .undefined))
            return .string(try replacing(old, in: try text(value), with: new))
        case .trim:
            let characters = try strippedCharacters(arguments, of: filter.rawValue)
            return .string(try text(value).stripped(of: characters))
        default:
            let values = try bind(arguments, ["ensure_ascii", "indent"], of: filter.rawValue)
            var indentation: String?
            if let indent = values[1], indent != .null {
                guard let width = indent.integer else { throw invalid("tojson's indent", indent) }
                try reserve(0, plus: max(width, 0))
                indentation = String(repeating: " ", count: max(width, 0))
            }
            if values[0]?.isTruthy == true {
                throw unsupported("tojson(ensure_ascii=true)", "ensure_ascii=false")
            }
            return .string(try Printer(interpreter: self, isJSON: true, indentation: indentation).text(of: value))
        }
    }
}

// MARK: - Choosing and mapping

extension Interpreter {
    /// What `path` (as `"function.name"`) leads to in `element`: the element itself without a path.
    private func part(_ path: Value?, of element: Value) throws(TemplateError) -> Value {
        guard let path else { return element }
        var element = element
        for name in try text(path).string.split(separator: ".", omittingEmptySubsequences: false) {
            if element.isUndefined { throw .undefined(line: line, name: "an element on the way to '\(name)'") }
            let index = name.first?.isNumber == true ? Int(name) : nil
            element = try item(index.map(Value.int) ?? .string(Text(String(name))), of: element)
        }
        return element
    }

    private func mapped(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let elements = value.isTruthy ? try elements(of: value) : []
        if arguments.positional.isEmpty {
            let attribute = try bind(arguments, ["attribute"], required: 1, of: "map")[0]
            return generator(try elements.map { (element) throws(TemplateError) in try part(attribute, of: element) })
        }
        let filter = try Filter.named(try text(arguments.positional[0]).string, line: line)
        var rest = arguments
        rest.positional.removeFirst()
        return generator(
            try elements.map { (element) throws(TemplateError) in try apply(filter, to: element, rest) })
    }

    private func chosen(_ filter: Filter, _ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        var rest = arguments
        let byAttribute = filter == .selectattr || filter == .rejectattr
        if byAttribute, rest.positional.isEmpty {
            throw .invalidArgument(line: line, function: filter.rawValue, problem: "it needs an attribute's name")
        }
        let attribute = byAttribute ? rest.positional.removeFirst() : nil
        let name = rest.positional.isEmpty ? nil : try text(rest.positional.removeFirst()).string
        let test = try name.map { (name) throws(TemplateError) in try ValueTest.named(name, line: line) }
        let keeps = filter == .select || filter == .selectattr
        var elements: [Value] = []
        for element in value.isTruthy ? try self.elements(of: value) : [] {
            let part = try part(attribute, of: element)
            let holds = try test.map { (test) throws(TemplateError) in try self.test(part, test, rest) }
            if (holds ?? part.isTruthy) == keeps { elements.append(element) }
        }
        return generator(elements)
    }
}

// MARK: - Tests

enum ValueTest: String, CaseIterable, Sendable {
    case boolean, defined, equalto, `false`, float, integer, iterable, mapping, ne, `none`, number, sequence, string,
        `true`, undefined

    /// The test of that name, short name or symbol.
    static func named(_ name: String, line: Int) throws(TemplateError) -> ValueTest {
        let short: [String: ValueTest] = ["==": .equalto, "eq": .equalto, "!=": .ne]
        guard let test = short[name] ?? ValueTest(rawValue: name) else {
            throw .unsupported(line: line, feature: "the test '\(name)'", supported: allCases.map(\.rawValue))
        }
        return test
    }
}

extension Interpreter {
    /// `value is test(arguments)`.
    func test(_ value: Value, _ test: ValueTest, _ arguments: CallArguments) throws(TemplateError) -> Bool {
        let function = "the test '\(test.rawValue)'"
        if test == .equalto || test == .ne {
            let other = try bind(arguments, ["other"], required: 1, of: function)[0] ?? .undefined
            return try compare(value, test == .ne ? .notEqual : .equal, other)
        }
        _ = try bind(arguments, of: function)
        return switch (test, value) {
        case (.defined, _): !value.isUndefined
        case (.undefined, _): value.isUndefined
        case (.none, .null), (.boolean, .boolean), (.true, .boolean(true)), (.false, .boolean(false)): true
        case (.integer, .int), (.float, .double), (.mapping, .object), (.string, .string): true
        case (.number, _): value.number != nil
        case (.sequence, .object), (.sequence, .undefined): true
        case (.sequence, _): value.isSequence
        case (.iterable, .runtime(let runtime)): runtime.isIterable
        case (.iterable, _): value.elements != nil
        default: false
        }
    }
}

extension RuntimeValue {
    fileprivate var isIterable: Bool {
        switch kind {
        case .generator, .range, .view, .loop: true
        case .function, .method, .macro, .namespace: false
        }
    }
}
