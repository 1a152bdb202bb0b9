// The values that templates compute with: Python's, as far as chat templates can see them, and Python's equality.
// Knows nothing about syntax or rendering.

import OrderedCollections

/// A value in a template's context or made while rendering.
///
/// Equality is Python's: `1`, `1.0` and `True` are equal, strings compare by code points (not by canonical
/// equivalence), a list never equals a tuple.
public enum Value: Sendable {
    /// Python's `None`.
    case null
    /// What a name or attribute without a value gives: prints as nothing, is false, iterates as empty.
    case undefined
    /// `True` or `False`; also the numbers 1 and 0.
    case boolean(Bool)
    /// Python's have no bound; here going beyond 64 bits is an error.
    case int(Int)
    case double(Double)
    /// Length and indices count code points.
    case string(Text)
    case array([Value])
    case tuple([Value])
    /// A dictionary, in insertion order.
    case object(OrderedDictionary<Key, Value>)
    /// Something that only a running template makes, of no use outside the rendering that made it.
    case runtime(RuntimeValue)

    /// A dictionary's key: a text, equal to another by code points.
    public struct Key: Hashable, Sendable, ExpressibleByStringLiteral {
        /// The text and whose it is.
        public let content: Text
        public var text: String { content.string }

        /// A key of the template's own.
        public init(_ text: String) { content = Text(text) }

        /// A key of a user, a document or a setting.
        public init(given text: String) { content = Text(given: text) }

        init(_ content: Text) { self.content = content }

        /// A key written as a literal.
        public init(stringLiteral text: String) { self.init(text) }

        /// Equality by code points.
        public static func == (left: Key, right: Key) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        /// Consistent with `==`.
        public func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}

/// A value that only a running template makes. Those with state are handles into the interpreter's tables, so that values
/// stay plain data and nothing keeps itself alive.
public struct RuntimeValue: Equatable, Sendable {
    indirect enum Kind: Equatable, Sendable {
        case function(Function)
        case method(Method, of: Value)
        case macro(Int)
        case namespace(Int)
        case loop(Int)
        /// What Python's generators give: elements to go through once, always true, without a length.
        case generator(Int)
        case range([Value])
        /// `keys()`, `values()` or `items()` of a dictionary.
        case view([Value])
    }

    let kind: Kind
}

extension Value {
    static func runtime(_ kind: RuntimeValue.Kind) -> Value { .runtime(RuntimeValue(kind: kind)) }

    var text: Text? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value as a whole number where Python would accept one (booleans count).
    var integer: Int? {
        switch self {
        case .int(let number): number
        case .boolean(let flag): flag ? 1 : 0
        default: nil
        }
    }

    /// Any number as floating point.
    var number: Double? {
        if case .double(let number) = self { return number }
        return integer.map(Double.init)
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// Whether Python can index the value by position.
    var isSequence: Bool {
        switch self {
        case .string, .array, .tuple: return true
        case .runtime(let runtime):
            if case .range = runtime.kind { return true }
            return false
        default: return false
        }
    }

    /// Python's `bool(value)`.
    var isTruthy: Bool {
        switch self {
        case .null, .undefined: return false
        case .boolean(let flag): return flag
        case .int(let number): return number != 0
        case .double(let number): return number != 0
        default: return count != 0
        }
    }

    /// Python's `len(value)`; nil where it has none.
    var count: Int? {
        switch self {
        case .string(let text): text.unicodeScalars.count
        case .object(let entries): entries.count
        default: elements?.count
        }
    }

    /// The elements of an iterable that has them at hand: of a dictionary its keys, of a string its characters.
    var elements: [Value]? {
        switch self {
        case .undefined: return []
        case .string(let text):
            let offsets = text.scalarOffsets
            return zip(offsets, offsets.dropFirst()).map { .string(text[$0..<$1]) }
        case .array(let elements), .tuple(let elements): return elements
        case .object(let entries): return entries.keys.map { .string($0.content) }
        case .runtime(let runtime):
            switch runtime.kind {
            case .range(let elements), .view(let elements): return elements
            default: return nil
            }
        default: return nil
        }
    }

    /// The name of the value's type, as error messages use it.
    var typeName: String {
        switch self {
        case .null: "none"
        case .undefined: "an undefined value"
        case .boolean: "a boolean"
        case .int: "an integer"
        case .double: "a float"
        case .string: "a string"
        case .array: "a list"
        case .tuple: "a tuple"
        case .object: "a dictionary"
        case .runtime(let value):
            switch value.kind {
            case .function, .method: "a function"
            case .macro: "a macro"
            case .namespace: "a namespace"
            case .loop: "the loop variable"
            case .generator: "a filter's elements without '|list'"
            case .range: "a range"
            case .view: "a dictionary's keys, values or items without '|list'"
            }
        }
    }
}

extension Value: Equatable {
    /// Python's `==`.
    public static func == (left: Value, right: Value) -> Bool {
        if let left = left.integer, let right = right.integer { return left == right }
        if let left = left.number, let right = right.number { return left == right }
        switch (left, right) {
        case (.null, .null), (.undefined, .undefined): return true
        case (.string(let left), .string(let right)): return left == right
        case (.array(let left), .array(let right)), (.tuple(let left), .tuple(let right)): return left == right
        case (.object(let left), .object(let right)):
            return left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
        case (.runtime(let left), .runtime(let right)): return left == right
        default: return false
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(Text(value)) }
    public init(integerLiteral value: Int) { self = .int(value) }
    /// `True` or `False`.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    /// A dictionary; of entries with the same key the last one stays.
    public init(dictionaryLiteral elements: (Key, Value)...) {
        self = .object(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
    }
}
