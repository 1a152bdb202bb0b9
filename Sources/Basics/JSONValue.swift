// A JSON value of any shape, for settings that are compared or laid over each other. Knows nothing of what they mean.

import Foundation

/// A parsed JSON value.
public enum JSONValue: Codable, Hashable, Sendable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    case integer(Int)
    case unsigned(UInt64)
    case number(Double)
    case bool(Bool)
    case null

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Texts first, which data are full of: a type that does not fit costs a thrown error.
        if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// The value as it was.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .object(let members): try container.encode(members)
        case .array(let elements): try container.encode(elements)
        case .string(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsigned(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        case .null: try container.encodeNil()
        }
    }

    /// This value with another laid over it: members of objects by name, anything else as a whole.
    public func overlaid(with other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let others) = other else { return other }
        return .object(own.merging(others) { $0.overlaid(with: $1) })
    }

    /// The value as JSON text.
    public var text: String {
        (try? canonicalJSON()).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }

    /// "a.b" → value as JSON text, for everything that is not an object; an empty object is a leaf too.
    public func leaves(prefix: String) -> [String: String] {
        guard case .object(let members) = self, !members.isEmpty else { return [prefix: text] }
        return members.reduce(into: [:]) { leaves, member in
            let path = prefix.isEmpty ? member.key : "\(prefix).\(member.key)"
            leaves.merge(member.value.leaves(prefix: path)) { first, _ in first }
        }
    }
}
