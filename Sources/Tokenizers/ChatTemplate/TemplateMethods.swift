// The methods of strings, lists, tuples and dictionaries that the sandbox lets templates call.
// Methods that change their object are unknown here, as the sandbox hides them.

import OrderedCollections

enum TemplateMethod {
    /// What Jinja's immutable sandbox hides.
    static let changingLists: Set<String> = [
        "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove",
    ]
    static let changingDictionaries: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]

    private static let ofStrings: Set<String> = [
        "capitalize", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha",
        "isascii", "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper", "join", "ljust", "lower",
        "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition",
        "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
    ]
    private static let ofSequences: Set<String> = ["count", "index"]
    private static let ofDictionaries: Set<String> = ["copy", "get", "items", "keys", "values"]

    static func exists(_ name: String, on value: Value) -> Bool {
        if value.text != nil { return ofStrings.contains(name) }
        switch value {
        case .array: return name == "copy" || ofSequences.contains(name)
        case .tuple: return ofSequences.contains(name)
        case .object: return ofDictionaries.contains(name)
        case .runtime(let runtime): return runtime.range != nil && ofSequences.contains(name)
        default: return false
        }
    }
}

extension TemplateInterpreter {
    func callMethod(_ name: String, of receiver: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        if let text = receiver.text {
            try charge(for: text)
            return try callMethod(name, ofText: text, receiver, arguments)
        }
        switch receiver {
        case .array(let elements):
            if name == "copy" { return receiver }
            return try callMethod(name, ofSequence: elements, arguments)
        case .tuple(let elements): return try callMethod(name, ofSequence: elements, arguments)
        case .object(let entries): return try callMethod(name, ofDictionary: entries, arguments)
        case .runtime(let runtime):
            if let range = runtime.range { return try callMethod(name, ofSequence: range.elements, arguments) }
            guard case .loop(let index) = runtime.kind, let result = try callMethod(name, of: loops[index], arguments)
            else { throw invalid("the method '\(name)'", receiver) }
            return result
        default: throw invalid("the method '\(name)'", receiver)
        }
    }

    private func callMethod(
        _ name: String, ofDictionary entries: OrderedDictionary<Value.Key, Value>, _ arguments: CallArguments
    ) throws(TemplateError) -> Value {
        if name == "get" {
            let values = try positional(arguments, 1...2, of: name)
            return entries[try key(values[0])] ?? (values.count > 1 ? values[1] : .null)
        }
        _ = try positional(arguments, 0...0, of: name)
        if let view = RuntimeValue.View(rawValue: name) { return .runtime(.view(view, entries)) }
        return .object(entries)
    }

    private func callMethod(_ name: String, ofSequence elements: [Value], _ arguments: CallArguments)
        throws(TemplateError) -> Value
    {
        try charge(elements.count)
        if name == "count" {
            let element = try positional(arguments, 1...1, of: name)[0]
            return .int(elements.count { $0 == element })
        }
        let values = try positional(arguments, 1...3, of: name)
        let range = try bounds(values.dropFirst(), count: elements.count, of: name)
        guard let index = elements[range].firstIndex(of: values[0]) else {
            throw .invalidArgument(line: line, function: name, problem: "the list does not hold the value")
        }
        return .int(index)
    }

    /// The arguments of a method that takes so many and none by name.
    func positional(_ arguments: CallArguments, _ count: ClosedRange<Int>, of method: String) throws(TemplateError)
        -> [Value]
    {
        guard arguments.keyword.isEmpty, count.contains(arguments.positional.count) else {
            let number =
                count.lowerBound == count.upperBound
                ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
            throw .invalidArgument(line: line, function: method, problem: "it takes \(number) arguments, none by name")
        }
        return arguments.positional
    }

    /// The optional arguments `start, stop` as positions among `count`, with Python's meaning of negative ones.
    func bounds(_ values: ArraySlice<Value>, count: Int, of method: String) throws(TemplateError) -> Range<Int> {
        var bounds = [0, count]
        for (index, value) in values.enumerated() where value != .null {
            guard let bound = value.integer else { throw invalid("the method '\(method)'", value) }
            bounds[index] = min(max(bound < 0 ? bound + count : bound, 0), count)
        }
        return bounds[0]..<max(bounds[0], bounds[1])
    }

    func text(_ value: Value, of method: String) throws(TemplateError) -> String {
        guard let text = value.text else { throw invalid("the method '\(method)'", value) }
        return text
    }

    func integer(_ value: Value, of method: String) throws(TemplateError) -> Int {
        guard let integer = value.integer else { throw invalid("the method '\(method)'", value) }
        return integer
    }
}
