// A value of a GGUF file's metadata. Knows nothing of what the keys mean.

/// A metadata value. All of GGUF's integer types become one case, and so do its two float types.
public enum GGUFValue: Sendable, Hashable {
    /// Any integer up to 2^63 - 1.
    case integer(Int)
    /// A UINT64 above 2^63 - 1.
    case largeInteger(UInt64)
    /// A FLOAT32, widened, or a FLOAT64.
    case number(Double)
    case boolean(Bool)
    case text(String)
    /// An ARRAY; its elements are all of one type.
    case array([GGUFValue])

    /// The integer, if it is one.
    public var int: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number; integers count as numbers.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .largeInteger(let value): Double(value)
        case .number(let value): value
        case .boolean, .text, .array: nil
        }
    }

    /// The truth value, if it is one.
    public var bool: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The text, if it is text.
    public var string: String? {
        if case .text(let value) = self { value } else { nil }
    }

    /// The elements, if it is an array.
    public var array: [GGUFValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The elements, if it is an array of integers.
    public var ints: [Int]? { elements(\.int) }

    /// The elements, if it is an array of numbers.
    public var doubles: [Double]? { elements(\.double) }

    /// The elements, if it is an array of strings, such as a vocabulary.
    public var strings: [String]? { elements(\.string) }

    private func elements<T>(_ element: (GGUFValue) -> T?) -> [T]? {
        guard case .array(let values) = self else { return nil }
        var elements: [T] = []
        elements.reserveCapacity(values.count)
        for value in values {
            guard let value = element(value) else { return nil }
            elements.append(value)
        }
        return elements
    }
}
