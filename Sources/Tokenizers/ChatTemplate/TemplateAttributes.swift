// `value.name`, `value[index]` and slices, as Jinja's immutable sandbox resolves them: attributes first for the dot,
// items first for the bracket, undefined where neither exists, and nothing that would change a value.

import OrderedCollections

extension TemplateInterpreter {
    /// `value.name`.
    func attribute(_ name: String, of value: Value) throws(TemplateError) -> Value {
        if Self.isForbidden(name, on: value) { return .undefined }
        if let attribute = try ownAttribute(name, of: value) { return attribute }
        if case .object(let entries) = value { return entries[Value.Key(name)] ?? .undefined }
        return .undefined
    }

    /// `value[index]`.
    func item(_ index: Value, of value: Value) throws(TemplateError) -> Value {
        if let item = try storedItem(index, of: value) { return item }
        guard let name = index.text, !Self.isForbidden(name, on: value) else { return .undefined }
        return try ownAttribute(name, of: value) ?? .undefined
    }

    /// What Python's `value[index]` gives; nil where it raises.
    private func storedItem(_ index: Value, of value: Value) throws(TemplateError) -> Value? {
        if case .object(let entries) = value { return Value.Key(index).flatMap { entries[$0] } }
        guard let position = index.integer, value.isSequence, let count = value.count else { return nil }
        let place = position < 0 ? position + count : position
        guard place >= 0, place < count else { return nil }
        if let text = value.text {
            try charge(for: text)
            let scalars = text.unicodeScalars
            return value.withText(String(Character(scalars[scalars.index(scalars.startIndex, offsetBy: place)])))
        }
        switch value {
        case .array(let elements), .tuple(let elements): return elements[place]
        case .runtime(let runtime):
            guard let range = runtime.range else { return nil }
            return .int(range.start + place * range.step)
        default: return nil
        }
    }

    /// The attributes that Python's objects have of themselves; nil where there is none of that name.
    private func ownAttribute(_ name: String, of value: Value) throws(TemplateError) -> Value? {
        if case .runtime(let runtime) = value {
            switch runtime.kind {
            case .namespace(let index): return namespaces[index][Value.Key(name)]
            case .loop(let index):
                if let attribute = try attribute(name, of: loops[index]) { return attribute }
                return ["cycle", "changed"].contains(name) ? .runtime(.method(receiver: value, name: name)) : nil
            case .macro(let index) where name == "name": return closures[index].macro.name.map(Value.string) ?? .null
            default: break
            }
        }
        return TemplateMethod.exists(name, on: value) ? .runtime(.method(receiver: value, name: name)) : nil
    }

    /// Python's internals, and the methods that change their object.
    static func isForbidden(_ name: String, on value: Value) -> Bool {
        if name.hasPrefix("__") { return true }
        switch value {
        case .object: return TemplateMethod.changingDictionaries.contains(name)
        case .array: return TemplateMethod.changingLists.contains(name)
        default: return false
        }
    }
}

extension Value {
    /// Whether Python can index the value by position.
    var isSequence: Bool {
        if text != nil { return true }
        switch self {
        case .array, .tuple: return true
        case .runtime(let runtime): return runtime.range != nil
        default: return false
        }
    }
}

// MARK: - Slices

extension TemplateInterpreter {
    func slice(_ value: Value, _ slice: TemplateSlice) throws(TemplateError) -> Value {
        let start = try bound(slice.start)
        let stop = try bound(slice.stop)
        let step = try bound(slice.step) ?? 1
        guard value.isSequence, let count = value.count else { throw invalid("a slice", value) }
        guard step != 0 else {
            throw .invalidArgument(line: line, function: "a slice", problem: "its step must not be zero")
        }
        let range = Self.range(start, stop, step, count: count)
        try charge(range.count)
        if let text = value.text {
            try charge(for: text)
            return value.withText(Self.slice(text, range, count: count))
        }
        switch value {
        case .array(let elements): return .array(range.indices.map { elements[$0] })
        case .tuple(let elements): return .tuple(range.indices.map { elements[$0] })
        case .runtime(let runtime):
            guard let whole = runtime.range else { throw invalid("a slice", value) }
            return .runtime(
                .range(
                    TemplateRange(
                        start: whole.start + range.start * whole.step, stop: whole.start + range.stop * whole.step,
                        step: whole.step * range.step)))
        default: throw invalid("a slice", value)
        }
    }

    private func bound(_ expression: TemplateExpression?) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .null = value { return nil }
        guard let bound = value.integer else { throw invalid("a slice's bound", value) }
        return bound
    }

    /// The positions that `[start:stop:step]` selects of `count` elements.
    private static func range(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) -> TemplateRange {
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? count : count - 1
        func place(_ bound: Int?, else whole: Int) -> Int {
            guard let bound else { return whole }
            return min(max(bound < 0 ? bound + count : bound, lowest), highest)
        }
        // No step beyond the ends makes a difference; this one keeps sums within bounds.
        let step = min(max(step, -count - 1), count + 1)
        let first = place(start, else: step > 0 ? lowest : highest)
        return TemplateRange(start: first, stop: place(stop, else: step > 0 ? highest : lowest), step: step)
    }

    private static func slice(_ text: String, _ range: TemplateRange, count: Int) -> String {
        if range.step == 1 {
            return String(text.unicodeScalars.dropFirst(range.start).prefix(range.count))
        }
        let scalars = Array(text.unicodeScalars)
        return String(range.indices.map { scalars[$0] })
    }
}

extension TemplateRange {
    /// The elements as positions.
    var indices: [Int] { (0..<count).map { start + $0 * step } }
}
