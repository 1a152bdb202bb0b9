// Going through values, and `for`.

extension Interpreter {
    /// All elements of an iterable. Those of a generator are there once.
    func elements(of value: Value) throws(TemplateError) -> [Value] {
        try charge(value.text?.utf8.count ?? 1)
        if let elements = value.elements {
            try charge(elements.count)
            return elements
        }
        guard case .runtime(let runtime) = value, case .generator(let index) = runtime.kind else {
            throw invalid("going through the elements", value)
        }
        guard let elements = generators[index] else {
            throw unsupported("going through a filter's elements twice", "elements kept by '|list'")
        }
        generators[index] = nil
        return elements
    }

    func generator(_ elements: [Value]) -> Value {
        generators.append(elements)
        return .runtime(.generator(generators.count - 1))
    }
}

/// What the name `loop` gives inside a loop.
final class LoopState {
    private var rest: ArraySlice<Value>
    /// The loop's condition, tried when an element's turn comes, as what it depends on may change on the way.
    private let holds: (Interpreter, Value) throws(TemplateError) -> Bool
    /// The element looked at before its turn, because the template asked for the last one or the next.
    private var ahead: Value?
    private(set) var index0 = -1
    private(set) var previous = Value.undefined
    private var current = Value.undefined

    init(_ elements: [Value], holds: @escaping (Interpreter, Value) throws(TemplateError) -> Bool) {
        rest = elements[...]
        self.holds = holds
    }

    /// Moves on to the next element, which it returns; nil at the end.
    func advance(_ interpreter: Interpreter) throws(TemplateError) -> Value? {
        guard let next = try peek(interpreter) else { return nil }
        ahead = nil
        index0 += 1
        previous = current
        current = next
        return next
    }

    /// The element after the current one.
    func peek(_ interpreter: Interpreter) throws(TemplateError) -> Value? {
        while ahead == nil, let element = rest.popFirst() {
            try interpreter.charge(1)
            if try holds(interpreter, element) { ahead = element }
        }
        return ahead
    }
}

extension Interpreter {
    func execute(_ loop: Loop) throws(TemplateError) -> Flow {
        let elements = try elements(of: try evaluate(loop.iterable))
        let outer = scope
        let state = LoopState(elements) { (interpreter, element) throws(TemplateError) in
            guard let condition = loop.condition else { return true }
            return try interpreter.scoped(in: outer) { () throws(TemplateError) in
                try interpreter.assign(element, to: loop.target)
                return try interpreter.evaluate(condition).isTruthy
            }
        }
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

    /// `loop.name`.
    func attribute(_ name: String, of state: LoopState) throws(TemplateError) -> Value {
        switch name {
        case "index0": .int(state.index0)
        case "index": .int(state.index0 + 1)
        case "first": .boolean(state.index0 == 0)
        case "last": .boolean(try state.peek(self) == nil)
        case "previtem": state.previous
        case "nextitem": try state.peek(self) ?? .undefined
        default:
            throw unsupported("'loop.\(name)'", "index", "index0", "first", "last", "previtem", "nextitem")
        }
    }
}
