// What can be wrong with settings, as data. Their wording is here and nowhere else.

/// Why a configuration cannot be used.
public enum ConfigurationError: Error, Sendable, Hashable {
    case unreadable(file: String, reason: String)
    case unknownKey(file: String, key: String, suggestion: String?)
    /// A value of another type than the setting's.
    case wrongType(file: String, key: String, value: String, expected: String)
    /// A value of the right type that cannot be.
    case invalid(key: String, value: String, expected: String)
    /// A setting without which there is no run.
    case missing(key: String)

    /// The same, with its key under that of a section.
    func below(_ path: String) -> ConfigurationError {
        switch self {
        case .invalid(let key, let value, let expected): .invalid(key: path + key, value: value, expected: expected)
        case .missing(let key): .missing(key: path + key)
        default: self
        }
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "The configuration \(file) cannot be read: \(reason)."
        case .unknownKey(let file, let key, let suggestion):
            "\(file): there is no setting \"\(key)\"" + (suggestion.map { "; did you mean \"\($0)\"?" } ?? ".")
        case .wrongType(let file, let key, let value, let expected):
            "\(file): the setting \(key) is \(value); it must be \(expected)."
        case .invalid(let key, let value, let expected): "The setting \(key) is \(value); it must be \(expected)."
        case .missing(let key):
            "The setting \"\(key)\" is missing: give it in the configuration file"
                + (key.contains(".") ? "." : " or as --\(key).")
        }
    }
}
