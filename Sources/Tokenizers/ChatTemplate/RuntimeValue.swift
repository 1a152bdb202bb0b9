// Values that exist only while a template is rendered. Those with state (namespaces, loops, macros, lazy sequences)
// are handles into the interpreter's tables, so that values stay plain data and nothing keeps itself alive.

import OrderedCollections

/// A value that only a running template makes. It has no use outside the rendering that made it.
public struct RuntimeValue: Hashable, Sendable {
    /// What the value is; integers index the interpreter's tables.
    indirect enum Kind: Hashable, Sendable {
        case function(TemplateFunction)
        case method(receiver: Value, name: String)
        case macro(Int)
        case namespace(Int)
        case loop(Int)
        case sequence(Int)
        case range(TemplateRange)
        case view(View, OrderedDictionary<Value.Key, Value>)
        case markup(String)
    }

    /// The three views that a Python dictionary gives of itself.
    enum View: String, Sendable { case keys, values, items }

    let kind: Kind

    var markup: String? {
        if case .markup(let text) = kind { text } else { nil }
    }

    var range: TemplateRange? {
        if case .range(let range) = kind { range } else { nil }
    }

    var isHashable: Bool {
        switch kind {
        case .view(.keys, _), .view(.items, _): false
        default: true
        }
    }

    var isTruthy: Bool {
        switch kind {
        case .markup(let text): !text.isEmpty
        case .range(let range): range.count > 0
        case .view(_, let entries): !entries.isEmpty
        default: true
        }
    }

    var typeName: String {
        switch kind {
        case .function, .method: "a function"
        case .macro: "a macro"
        case .namespace: "a namespace"
        case .loop: "the loop variable"
        case .sequence: "a lazy sequence"
        case .range: "a range"
        case .view: "a dictionary view"
        case .markup: "a string"
        }
    }
}

extension RuntimeValue {
    static func markup(_ text: String) -> Self { Self(kind: .markup(text)) }
    static func range(_ range: TemplateRange) -> Self { Self(kind: .range(range)) }
    static func view(_ view: View, _ entries: OrderedDictionary<Value.Key, Value>) -> Self {
        Self(kind: .view(view, entries))
    }
    static func function(_ function: TemplateFunction) -> Self { Self(kind: .function(function)) }
    static func method(receiver: Value, name: String) -> Self { Self(kind: .method(receiver: receiver, name: name)) }
    static func macro(_ index: Int) -> Self { Self(kind: .macro(index)) }
    static func namespace(_ index: Int) -> Self { Self(kind: .namespace(index)) }
    static func loop(_ index: Int) -> Self { Self(kind: .loop(index)) }
    static func sequence(_ index: Int) -> Self { Self(kind: .sequence(index)) }
}

/// Python's `range(start, stop, step)`; `step` is never zero.
struct TemplateRange: Hashable, Sendable {
    let start: Int
    let stop: Int
    let step: Int

    /// Number of elements.
    var count: Int {
        let span = step > 0 ? stop - start : start - stop
        return span > 0 ? (span - 1) / abs(step) + 1 : 0
    }

    var elements: [Value] { (0..<count).map { .int(start + $0 * step) } }
}
