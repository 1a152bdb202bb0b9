// A run's configuration from YAML: the preset's defaults with the file's values laid over them. An unknown key is an error
// with a suggestion, and so is a value that cannot be. Knows names and types, not what they are for.

import Basics
import Foundation
import Yams

/// What can be wrong with a configuration, as data; the wording is here and nowhere else.
public enum ConfigurationError: Error, Sendable, Hashable {
    /// The file cannot be read.
    case unreadable(file: String, reason: String)
    /// A key that means nothing.
    case unknownKey(file: String, key: String, suggestion: String?)
    /// A value of another type than the key's.
    case wrongType(file: String, key: String, reason: String)
    /// A value that cannot be.
    case invalid(key: String, value: String, expected: String)
    /// A key without which there is no run.
    case missing(key: String)
}

extension ConfigurationError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "The configuration \(file) cannot be read: \(reason)."
        case .unknownKey(let file, let key, let suggestion):
            "\(file): there is no setting \"\(key)\"" + (suggestion.map { "; did you mean \"\($0)\"?" } ?? ".")
        case .wrongType(let file, let key, let reason):
            "\(file): the setting \"\(key)\" has an unusable value: \(reason)."
        case .invalid(let key, let value, let expected): "The setting \(key) is \(value); it must be \(expected)."
        case .missing(let key):
            "The setting \"\(key)\" is missing: give it in the configuration file"
                + (key.contains(".") ? "." : " or as --\(key).")
        }
    }
}

/// Values as a configuration file has them, before they are laid over the defaults.
public struct ConfigurationOverlay {
    private let file: String
    private let values: [String: Any]

    /// Nothing to lay over the defaults.
    public init() {
        file = "configuration"
        values = [:]
    }

    /// Values that are in no file of their own.
    /// - Parameter place: where they come from, for messages.
    init(_ settings: [String: JSONValue], of place: String) throws {
        file = place
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(settings))
        values = object as? [String: Any] ?? [:]
    }

    /// Reads a YAML file.
    public init(file: String) throws(ConfigurationError) {
        self.file = file
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .unreadable(file: file, reason: "there is no such file")
        }
        do {
            guard let loaded = try Yams.load(yaml: String(decoding: data, as: UTF8.self)) else {
                values = [:]
                return
            }
            guard let mapping = loaded as? [String: Any] else {
                throw ConfigurationError.unreadable(file: file, reason: "it is not a mapping of settings")
            }
            values = mapping
        } catch let error as ConfigurationError {
            throw error
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            // Yams's own sentence quotes the whole file.
            let names = keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            throw .unreadable(file: file, reason: "\(names) is there twice, first in line \(context.mark.line)")
        } catch {
            let reason = "\(error)".split(separator: "\n").joined(separator: " ")
            throw .unreadable(file: file, reason: reason)
        }
    }

    /// A string at the top level, for what must be known before there are defaults.
    public func text(_ key: String) -> String? { values[key] as? String }

    /// The defaults with these values laid over them. Where the file asks for Bonito's style of questions, those of the
    /// questions are Bonito's own: another preset's would not fit it.
    public func applied(to defaults: RunConfiguration) throws -> RunConfiguration {
        var defaults = defaults
        let style = (values["questions"] as? [String: Any])?["style"] as? String
        if style == QuestionSettings.Style.bonito.rawValue { defaults.questions = .bonito }
        let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(defaults))
        guard let base = encoded as? [String: Any] else { return defaults }
        let merged = try merge(values, over: base, fields: Mirror(reflecting: defaults), path: "")
        do {
            return try JSONDecoder().decode(
                RunConfiguration.self, from: JSONSerialization.data(withJSONObject: merged))
        } catch let error as DecodingError {
            throw wrongType(error)
        }
    }

    /// Field names come from a mirror and not from the encoded defaults, which leave out what is nil.
    private func merge(
        _ values: [String: Any], over base: [String: Any], fields: Mirror, path: String
    ) throws(ConfigurationError) -> [String: Any] {
        var merged = base
        let known = Dictionary(fields.children.map { ($0.label ?? "", $0.value) }) { first, _ in first }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let field = known[key] else {
                let near = Array(known.keys).nearest(to: key)
                throw .unknownKey(file: file, key: path + key, suggestion: near.map { path + $0 })
            }
            if value is NSNull {
                merged[key] = nil
            } else if let nested = value as? [String: Any] {
                merged[key] = try merge(
                    nested, over: base[key] as? [String: Any] ?? [:], fields: Mirror(reflecting: field),
                    path: "\(path)\(key).")
            } else {
                merged[key] = value
            }
        }
        return merged
    }

    private func wrongType(_ error: DecodingError) -> ConfigurationError {
        let (context, reason): (DecodingError.Context, String) =
            switch error {
            case .typeMismatch(let type, let context): (context, "it is not of type \(type)")
            case .valueNotFound(let type, let context): (context, "a value of type \(type) is needed")
            case .dataCorrupted(let context): (context, context.debugDescription)
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
            }
        let key = context.codingPath.reduce("") { path, key in
            key.intValue.map { "\(path)[\($0)]" } ?? (path.isEmpty ? "" : "\(path).") + key.stringValue
        }
        return .wrongType(file: file, key: key, reason: reason.trimmingCharacters(in: ["."]))
    }
}

extension [String] {
    /// The most similar of these words, if one is similar at all.
    func nearest(to word: String) -> String? {
        let scored = map { (word: $0, distance: $0.editDistance(to: word)) }
        guard let best = scored.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }) else { return nil }
        return best.distance <= Swift.max(2, word.count / 3) ? best.word : nil
    }
}

extension String {
    /// Levenshtein's distance, case aside.
    fileprivate func editDistance(to other: String) -> Int {
        let (a, b) = (Array(lowercased()), Array(other.lowercased()))
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                (diagonal, row[j + 1]) = (row[j + 1], x == y ? diagonal : 1 + Swift.min(diagonal, row[j], row[j + 1]))
            }
        }
        return row[b.count]
    }
}
