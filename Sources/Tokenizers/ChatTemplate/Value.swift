// The values that templates compute with: Python's, as far as chat templates can see them.
// Equality and hashing are Python's. Knows nothing about syntax or rendering.

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
    /// A whole number. Python's have no bound; here going beyond 64 bits is an error.
    case int(Int)
    /// A floating-point number.
    case double(Double)
    /// Text. Length and indices count code points.
    case string(String)
    /// A list.
    case array([Value])
    /// A tuple.
    case tuple([Value])
    /// A dictionary, in insertion order.
    case object(OrderedDictionary<Key, Value>)
    /// Something that only a running template makes: functions, namespaces, ranges, lazy sequences.
    case runtime(RuntimeValue)
}

extension Value {
    /// A dictionary key: any hashable value, most often a string.
    public struct Key: Hashable, Sendable, ExpressibleByStringLiteral {
        /// The key as a value.
        public let value: Value

        /// A string key.
        public init(_ string: String) { value = .string(string) }

        /// A string key.
        public init(stringLiteral string: String) { value = .string(string) }

        /// Any hashable value as a key; nil for lists, dictionaries and what contains them.
        public init?(_ value: Value) {
            guard value.isHashable else { return nil }
            self.value = value
        }
    }

    /// Whether Python would accept the value as a dictionary key.
    var isHashable: Bool {
        switch self {
        case .array, .object: false
        case .tuple(let elements): elements.allSatisfy(\.isHashable)
        case .runtime(let runtime): runtime.isHashable
        default: true
        }
    }

    /// The text of a string, marked safe or not.
    var text: String? {
        switch self {
        case .string(let text): text
        case .runtime(let value): value.markup
        default: nil
        }
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

    /// Python's `bool(value)`.
    var isTruthy: Bool {
        switch self {
        case .null, .undefined: false
        case .boolean(let flag): flag
        case .int(let number): number != 0
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .array(let elements), .tuple(let elements): !elements.isEmpty
        case .object(let entries): !entries.isEmpty
        case .runtime(let value): value.isTruthy
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
        case .runtime(let value): value.typeName
        }
    }
}

extension Value: Hashable {
    /// Python's `==`.
    public static func == (left: Value, right: Value) -> Bool {
        if let left = left.text, let right = right.text { return left.utf8.elementsEqual(right.utf8) }
        if let left = left.integer, let right = right.integer { return left == right }
        if let left = left.number, let right = right.number { return left == right }
        switch (left, right) {
        case (.null, .null), (.undefined, .undefined): return true
        case (.array(let left), .array(let right)), (.tuple(let left), .tuple(let right)): return left == right
        case (.object(let left), .object(let right)):
            return left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
        case (.runtime(let left), .runtime(let right)): return left == right
        default: return false
        }
    }

    /// Consistent with `==`: equal numbers hash alike whatever their type.
    public func hash(into hasher: inout Hasher) {
        if let text {
            for byte in text.utf8 { hasher.combine(byte) }
        } else if let number {
            hasher.combine(number)
        } else {
            switch self {
            case .array(let elements), .tuple(let elements): hasher.combine(elements)
            case .object(let entries): hasher.combine(entries.count)
            case .runtime(let value): hasher.combine(value)
            default: hasher.combine(isUndefined)
            }
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// `True` or `False`.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A list.
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    /// A dictionary; of entries with the same key the last one stays.
    public init(dictionaryLiteral elements: (Key, Value)...) {
        self = .object(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
    }
}
