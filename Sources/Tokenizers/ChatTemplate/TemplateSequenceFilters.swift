// The filters over sequences: choosing, mapping, ordering, joining. As in Jinja, several give lazy sequences, which
// have neither length nor order until `list` makes them one.

import OrderedCollections

extension TemplateInterpreter {
    func sequence(_ filter: TemplateFilter, _ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        switch filter {
        case .first:
            _ = try bound(arguments, to: filter)
            var iterator = try iterator(over: value)
            return try iterator.next(self) ?? .undefined
        case .last:
            _ = try bound(arguments, to: filter)
            guard let elements = try storedElements(of: value) else { throw invalid("last", value) }
            guard let last = elements.last else { return .undefined }
            // Jinja2 walks backwards by index, and a safe text's characters got by index are safe.
            return value.isMarkup ? value.withText(try text(last)) : last
        case .length:
            _ = try bound(arguments, to: filter)
            if case .runtime(let runtime) = value, case .loop(let index) = runtime.kind {
                return .int(try loops[index].length(self))
            }
            guard let count = value.count else { throw invalid(filter.rawValue, value) }
            return .int(count)
        case .list:
            _ = try bound(arguments, to: filter)
            return .array(try elements(of: value))
        case .reverse: return try reversed(value, arguments)
        case .items: return try items(value, arguments)
        case .join: return try joined(value, arguments)
        case .sum: return try sum(value, arguments)
        case .map: return try mapped(value, arguments)
        case .select, .reject, .selectattr, .rejectattr: return try chosen(filter, value, arguments)
        default: return try ordered(filter, value, arguments)
        }
    }

    private func reversed(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        _ = try bound(arguments, to: .reverse)
        if let text = value.text { return value.withText(String(text.unicodeScalars.reversed())) }
        if let elements = try storedElements(of: value) { return lazySequence(of: elements.reversed()) }
        return .array(try elements(of: value).reversed())
    }

    private func items(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        _ = try bound(arguments, to: .items)
        if value.isUndefined { return lazySequence(of: []) }
        guard case .object(let entries) = value else {
            // Jinja fails when the items are gone through, not before.
            return lazySequence(over: [0]) { (interpreter, _) throws(TemplateError) in
                throw interpreter.invalid("items", value)
            }
        }
        return lazySequence(of: entries.map { .tuple([$0.key.value, $0.value]) })
    }

    private func joined(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "d", "attribute", to: .join)
        let separator = try text(values[0] ?? "")
        var joined = ""
        var iterator = try iterator(over: value)
        var isFirst = true
        while let element = try iterator.next(self) {
            if !isFirst { try append(separator, to: &joined) }
            isFirst = false
            try append(try text(try part(values[1], of: element)), to: &joined)
        }
        return .string(joined)
    }

    private func sum(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "attribute", "start", to: .sum)
        var sum = values[1] ?? .int(0)
        if sum.text != nil { throw invalid("sum", sum) }
        for element in try elements(of: value) {
            let part = try part(values[0], of: element)
            if part.isUndefined { throw invalid("sum", part) }
            sum = try calculate(.add, sum, part)
        }
        return sum
    }
}

// MARK: - Parts of elements

extension TemplateInterpreter {
    /// What `path` (as `"author.name"` or `"names.0"`) leads to in `element`: the element itself without a path.
    private func part(_ path: Value?, of element: Value, default fallback: Value? = nil) throws(TemplateError) -> Value
    {
        guard let path, path != .null else { return element }
        guard let text = path.text else { return try step(path, from: element, fallback) }
        var element = element
        for name in text.split(separator: ".", omittingEmptySubsequences: false) {
            let isIndex = !name.isEmpty && name.unicodeScalars.allSatisfy(\.isASCIIDigit)
            let index = isIndex ? Int(name).map(Value.int) : nil
            element = try step(index ?? .string(String(name)), from: element, fallback)
        }
        return element
    }

    private func step(_ index: Value, from element: Value, _ fallback: Value?) throws(TemplateError) -> Value {
        if element.isUndefined { throw .undefined(line: line, name: "an element on the way to '\(try text(index))'") }
        let next = try item(index, of: element)
        if next.isUndefined, let fallback, fallback != .null { return fallback }
        return next
    }

    private func lowered(_ value: Value, unless isCaseSensitive: Bool) -> Value {
        guard !isCaseSensitive, let text = value.text else { return value }
        return .string(text.pythonLowercased)
    }
}

// MARK: - Choosing and mapping

extension TemplateInterpreter {
    private func mapped(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let value = value.isTruthy ? value : .array([])
        if arguments.positional.isEmpty, let attribute = arguments.keyword["attribute"] {
            let fallback = arguments.keyword["default"]
            guard arguments.keyword.count == (fallback == nil ? 1 : 2) else {
                throw .invalidArgument(line: line, function: "map", problem: "it takes an attribute and a default")
            }
            return lazySequence(over: value) { (interpreter, element) throws(TemplateError) in
                try interpreter.part(attribute, of: element, default: fallback)
            }
        }
        guard let name = arguments.positional.first?.text else {
            throw .invalidArgument(line: line, function: "map", problem: "it needs a filter's name or attribute='…'")
        }
        guard let filter = TemplateFilter(name: name) else {
            throw .unsupported(
                line: line, feature: "the filter '\(name)'", supported: TemplateFilter.allCases.map(\.rawValue))
        }
        let rest = CallArguments(positional: Array(arguments.positional.dropFirst()), keyword: arguments.keyword)
        return lazySequence(over: value) { (interpreter, element) throws(TemplateError) in
            try interpreter.apply(filter, to: element, rest)
        }
    }

    private func chosen(_ filter: TemplateFilter, _ value: Value, _ arguments: CallArguments) throws(TemplateError)
        -> Value
    {
        var rest = arguments
        let byAttribute = filter == .selectattr || filter == .rejectattr
        if byAttribute, rest.positional.isEmpty {
            throw .invalidArgument(line: line, function: filter.rawValue, problem: "it needs an attribute's name")
        }
        let attribute = byAttribute ? rest.positional.removeFirst() : nil
        let keeps = filter == .select || filter == .selectattr
        let test = try chosenTest(&rest)
        return lazySequence(over: value.isTruthy ? value : .array([])) { (interpreter, element) throws(TemplateError) in
            let part = try interpreter.part(attribute, of: element)
            let holds = try test.map { (test) throws(TemplateError) in try interpreter.test(part, test, rest) }
            return (holds ?? part.isTruthy) == keeps ? element : nil
        }
    }

    private func chosenTest(_ arguments: inout CallArguments) throws(TemplateError) -> TemplateTest? {
        guard !arguments.positional.isEmpty else { return nil }
        let name = try text(arguments.positional.removeFirst())
        guard let test = TemplateTest(name: name) else {
            throw .unsupported(
                line: line, feature: "the test '\(name)'", supported: TemplateTest.allCases.map(\.rawValue))
        }
        return test
    }
}

// MARK: - Ordering

extension TemplateInterpreter {
    private func ordered(_ filter: TemplateFilter, _ value: Value, _ arguments: CallArguments) throws(TemplateError)
        -> Value
    {
        switch filter {
        case .sort: return try sorted(value, arguments)
        case .dictsort: return try sortedEntries(value, arguments)
        case .unique: return try unique(value, arguments)
        default:
            let values = try bound(arguments, "case_sensitive", "attribute", to: filter)
            let isCaseSensitive = values[0]?.isTruthy ?? false
            var best: (element: Value, key: Value)?
            for element in try elements(of: value) {
                let key = lowered(try part(values[1], of: element), unless: isCaseSensitive)
                guard let current = best else {
                    best = (element, key)
                    continue
                }
                let isBetter = filter == .min ? try isLess(key, current.key) : try isLess(current.key, key)
                if isBetter { best = (element, key) }
            }
            return best?.element ?? .undefined
        }
    }

    private func sorted(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "reverse", "case_sensitive", "attribute", to: .sort)
        let isCaseSensitive = values[1]?.isTruthy ?? false
        // An attribute may name several, separated by commas.
        var paths: [Value?] = [values[2]]
        if let text = values[2]?.text {
            paths = text.split(separator: ",", omittingEmptySubsequences: false).map { .string(String($0)) }
        }
        var keyed: [(key: Value, element: Value)] = []
        for element in try elements(of: value) {
            var keys: [Value] = []
            for path in paths { keys.append(lowered(try part(path, of: element), unless: isCaseSensitive)) }
            keyed.append((.array(keys), element))
        }
        let sorted = try sorted(keyed, reversed: values[0]?.isTruthy ?? false) { (left, right) throws(TemplateError) in
            try isLess(left.key, right.key)
        }
        return .array(sorted.map(\.element))
    }

    private func sortedEntries(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "case_sensitive", "by", "reverse", to: .dictsort)
        guard case .object(let entries) = value else { throw invalid("dictsort", value) }
        let by = try text(values[1] ?? "key", of: "dictsort")
        guard by == "key" || by == "value" else {
            throw .invalidArgument(line: line, function: "dictsort", problem: "it sorts by 'key' or 'value'")
        }
        let isCaseSensitive = values[0]?.isTruthy ?? false
        let keyed = entries.map { key, value in
            (lowered(by == "key" ? key.value : value, unless: isCaseSensitive), Value.tuple([key.value, value]))
        }
        let sorted = try sorted(keyed, reversed: values[2]?.isTruthy ?? false) { (left, right) throws(TemplateError) in
            try isLess(left.0, right.0)
        }
        return .array(sorted.map(\.1))
    }

    private func unique(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "case_sensitive", "attribute", to: .unique)
        let isCaseSensitive = values[0]?.isTruthy ?? false
        var seen: Set<Value.Key> = []
        return lazySequence(over: value) { (interpreter, element) throws(TemplateError) in
            let part = interpreter.lowered(try interpreter.part(values[1], of: element), unless: isCaseSensitive)
            return seen.insert(try interpreter.key(part)).inserted ? element : nil
        }
    }

    /// A stable sort whose comparison may fail. Reversed, equal elements keep their order, as in Python.
    func sorted<Element>(
        _ elements: [Element], reversed: Bool = false, by isLess: (Element, Element) throws(TemplateError) -> Bool
    ) throws(TemplateError) -> [Element] {
        guard elements.count > 1 else { return elements }
        try charge(elements.count)
        let left = try sorted(Array(elements[..<(elements.count / 2)]), reversed: reversed, by: isLess)
        let right = try sorted(Array(elements[(elements.count / 2)...]), reversed: reversed, by: isLess)
        var merged: [Element] = []
        merged.reserveCapacity(elements.count)
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            let takesRight = reversed ? try isLess(left[i], right[j]) : try isLess(right[j], left[i])
            if takesRight {
                merged.append(right[j])
                j += 1
            } else {
                merged.append(left[i])
                i += 1
            }
        }
        return merged + left[i...] + right[j...]
    }
}
