// Going through values: what can be iterated, Python's lazy sequences (they end once gone through), and `for`.

import OrderedCollections

/// A Python generator: gives its elements one by one, once.
struct TemplateSequence {
    /// The next element, nil at the end.
    let next: (TemplateInterpreter) throws(TemplateError) -> Value?
}

/// A position in something that is being gone through.
struct TemplateIterator {
    private enum Source {
        case elements([Value])
        case sequence(Int)
    }

    private let source: Source
    private var position = 0
    /// Number of elements in all; nil for a lazy sequence.
    let count: Int?

    init(_ elements: [Value]) {
        source = .elements(elements)
        count = elements.count
    }

    init(sequence: Int) {
        source = .sequence(sequence)
        count = nil
    }

    mutating func next(_ interpreter: TemplateInterpreter) throws(TemplateError) -> Value? {
        try interpreter.charge(1)
        switch source {
        case .elements(let elements):
            guard position < elements.count else { return nil }
            position += 1
            return elements[position - 1]
        case .sequence(let index):
            let sequence = interpreter.sequences[index]
            return try interpreter.deeper { () throws(TemplateError) in try sequence.next(interpreter) }
        }
    }
}

extension TemplateInterpreter {
    /// Goes through `value`, which must be iterable.
    func iterator(over value: Value) throws(TemplateError) -> TemplateIterator {
        if let elements = try storedElements(of: value) { return TemplateIterator(elements) }
        guard case .runtime(let runtime) = value, case .sequence(let index) = runtime.kind else {
            throw invalid("going through the elements", value)
        }
        return TemplateIterator(sequence: index)
    }

    /// The elements of an iterable that has them at hand.
    func storedElements(of value: Value) throws(TemplateError) -> [Value]? {
        switch value {
        case .array, .tuple: break
        default: try charge(value.text?.utf8.count ?? value.count ?? 0)
        }
        return value.storedElements
    }

    /// All elements of an iterable.
    func elements(of value: Value) throws(TemplateError) -> [Value] {
        if let elements = try storedElements(of: value) { return elements }
        var iterator = try iterator(over: value)
        var elements: [Value] = []
        while let element = try iterator.next(self) { elements.append(element) }
        return elements
    }

    /// A lazy sequence over `value` that keeps what `transform` gives for its elements and skips nil.
    func lazySequence(
        over value: Value, _ transform: @escaping (TemplateInterpreter, Value) throws(TemplateError) -> Value?
    ) -> Value {
        var iterator: TemplateIterator?
        return lazySequence { (interpreter) throws(TemplateError) in
            if iterator == nil { iterator = try interpreter.iterator(over: value) }
            while let element = try iterator?.next(interpreter) {
                if let result = try transform(interpreter, element) { return result }
            }
            return nil
        }
    }

    /// A lazy sequence of elements already there.
    func lazySequence(of elements: [Value]) -> Value {
        var iterator = TemplateIterator(elements)
        return lazySequence { (interpreter) throws(TemplateError) in try iterator.next(interpreter) }
    }

    private func lazySequence(_ next: @escaping (TemplateInterpreter) throws(TemplateError) -> Value?) -> Value {
        sequences.append(TemplateSequence(next: next))
        return .runtime(.sequence(sequences.count - 1))
    }
}

extension Value {
    /// The elements of an iterable that has them at hand: of a dictionary its keys, of a string its characters.
    var storedElements: [Value]? {
        if let text { return text.unicodeScalars.map { .string(String(Character($0))) } }
        switch self {
        case .undefined: return []
        case .array(let elements), .tuple(let elements): return elements
        case .object(let entries): return entries.keys.map(\.value)
        case .runtime(let runtime):
            switch runtime.kind {
            case .range(let range): return range.elements
            case .view(.keys, let entries): return entries.keys.map(\.value)
            case .view(.values, let entries): return Array(entries.values)
            case .view(.items, let entries): return entries.map { .tuple([$0.key.value, $0.value]) }
            default: return nil
            }
        default: return nil
        }
    }

    /// Python's `len(value)`; nil where it has none.
    var count: Int? {
        if let text { return text.scalarCount }
        switch self {
        case .undefined: return 0
        case .array(let elements), .tuple(let elements): return elements.count
        case .object(let entries): return entries.count
        case .runtime(let runtime):
            switch runtime.kind {
            case .range(let range): return range.count
            case .view(_, let entries): return entries.count
            default: return nil
            }
        default: return nil
        }
    }
}

// MARK: - Loops

/// What the name `loop` gives inside a loop.
final class TemplateLoopState {
    private var iterator: TemplateIterator
    /// Elements looked at before their turn, because the template asked for the last one, the next or the length.
    private var ahead: [Value] = []
    private var knownLength: Int?
    private(set) var index0 = -1
    private(set) var previous: Value?
    private(set) var current: Value?
    /// The arguments of the last `loop.changed(…)`.
    var lastChanged: [Value]?

    init(_ iterator: TemplateIterator) {
        self.iterator = iterator
        knownLength = iterator.count
    }

    /// Moves on to the next element, which it returns; nil at the end.
    func advance(_ interpreter: TemplateInterpreter) throws(TemplateError) -> Value? {
        let next = ahead.isEmpty ? try iterator.next(interpreter) : ahead.removeFirst()
        guard let next else { return nil }
        index0 += 1
        previous = current
        current = next
        return next
    }

    /// The element after the current one.
    func peek(_ interpreter: TemplateInterpreter) throws(TemplateError) -> Value? {
        if ahead.isEmpty, let next = try iterator.next(interpreter) { ahead.append(next) }
        return ahead.first
    }

    /// Number of elements in all. A lazy sequence is gone through for it.
    func length(_ interpreter: TemplateInterpreter) throws(TemplateError) -> Int {
        if let knownLength { return knownLength }
        while let next = try iterator.next(interpreter) { ahead.append(next) }
        knownLength = index0 + 1 + ahead.count
        return index0 + 1 + ahead.count
    }
}

extension TemplateInterpreter {
    func execute(_ loop: TemplateLoop) throws(TemplateError) -> Flow {
        let state = TemplateLoopState(try iterator(over: try filtered(try evaluate(loop.iterable), for: loop)))
        loops.append(state)
        let variable = Value.runtime(.loop(loops.count - 1))
        var hasCompleted = false
        iterations: while let element = try state.advance(self) {
            let flow = try scoped { () throws(TemplateError) in
                scope.variables["loop"] = variable
                try assign(element, to: loop.target)
                return try execute(loop.body)
            }
            switch flow {
            case .normal: hasCompleted = true
            case .breakLoop: break iterations
            case .continueLoop: continue iterations
            }
        }
        // As in Jinja, `else` runs unless an iteration came to its end, so also when all were cut short.
        if hasCompleted { return .normal }
        return try scoped { () throws(TemplateError) in try execute(loop.otherwise) }
    }

    /// The elements for which the loop's condition holds, each tried when its turn comes.
    private func filtered(_ iterable: Value, for loop: TemplateLoop) throws(TemplateError) -> Value {
        guard let condition = loop.condition else { return iterable }
        let outer = scope
        _ = try iterator(over: iterable)
        return lazySequence(over: iterable) { (interpreter, element) throws(TemplateError) in
            let holds = try interpreter.scoped(in: outer) { () throws(TemplateError) in
                try interpreter.assign(element, to: loop.target)
                return try interpreter.evaluate(condition).isTruthy
            }
            return holds ? element : nil
        }
    }

    /// `loop.name`; nil where the loop has no such attribute.
    func attribute(_ name: String, of state: TemplateLoopState) throws(TemplateError) -> Value? {
        switch name {
        case "index0": .int(state.index0)
        case "index": .int(state.index0 + 1)
        case "first": .boolean(state.index0 == 0)
        case "last": .boolean(try state.peek(self) == nil)
        case "length": .int(try state.length(self))
        case "revindex": .int(try state.length(self) - state.index0)
        case "revindex0": .int(try state.length(self) - state.index0 - 1)
        case "previtem": state.index0 == 0 ? .undefined : state.previous ?? .undefined
        case "nextitem": try state.peek(self) ?? .undefined
        case "depth": .int(1)
        case "depth0": .int(0)
        default: nil
        }
    }

    /// `loop.cycle(…)` and `loop.changed(…)`; nil for any other name.
    func callMethod(_ name: String, of state: TemplateLoopState, _ arguments: CallArguments) throws(TemplateError)
        -> Value?
    {
        switch name {
        case "cycle":
            guard !arguments.positional.isEmpty else {
                throw .invalidArgument(line: line, function: "loop.cycle", problem: "it needs values to cycle through")
            }
            return arguments.positional[state.index0 % arguments.positional.count]
        case "changed":
            defer { state.lastChanged = arguments.positional }
            return .boolean(state.lastChanged != arguments.positional)
        default:
            return nil
        }
    }
}
