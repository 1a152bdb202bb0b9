// A run's configuration from YAML or JSON: the preset's defaults with the file's values laid over them by the settings'
// declarations. Knows files, not settings.

import Basics
import Foundation
import Yams

/// Values as a configuration file has them, before they are laid over the defaults.
public struct ConfigurationOverlay {
    private let values: [String: JSONValue]
    private let place: SettingPlace

    /// Nothing to lay over the defaults.
    public init() { self.init([:], of: "configuration") }

    /// Values that are in no file of their own.
    /// - Parameter place: where they come from, for messages.
    init(_ settings: [String: JSONValue], of place: String) {
        (values, self.place) = (settings, SettingPlace(file: place))
    }

    /// Reads a YAML file.
    public init(file: String) throws(ConfigurationError) {
        let text = String(decoding: try Self.contents(of: file), as: UTF8.self)
        place = SettingPlace(file: file)
        do {
            // Numbers beyond Int would be texts, and dates that a label or a path may be would be dates.
            var scalars = Constructor.defaultScalarMap
            scalars[.int] = { Int.construct(from: $0) ?? UInt64.construct(from: $0) }
            try Self.checkNames(in: Yams.compose(yaml: text), of: file)
            let loaded = try Yams.load(yaml: text, .default.removing(.timestamp), Constructor(scalars))
            values = try Self.members(loaded.map { JSONValue(yaml: $0) } ?? .object([:]), of: file)
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

    /// Reads a configuration that was saved.
    fileprivate init(saved file: String) throws(ConfigurationError) {
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: Self.contents(of: file)) else {
            throw .unreadable(file: file, reason: "it is not JSON")
        }
        values = try Self.members(json, of: file)
        var place = SettingPlace(file: file)
        place.isSaved = true
        self.place = place
    }

    /// A string at the top level, for what must be known before there are defaults.
    public func text(_ key: String) -> String? {
        if case .string(let text)? = values[key] { text } else { nil }
    }

    /// The preset that the other settings start from.
    public func preset() throws(ConfigurationError) -> RunConfiguration.Preset {
        guard let name = values["preset"], name != .null else { return .auto }
        return try .read(name, over: nil, at: place.member("preset"))
    }

    /// The defaults with these values laid over them. Where the file asks for Bonito's style of questions, those of the
    /// questions are Bonito's own: another preset's would not fit it. Where an endpoint writes, top_k and min_p are its own
    /// unless the file has them: not every endpoint takes them, and those that do have defaults for their model.
    public func applied(to defaults: RunConfiguration) throws(ConfigurationError) -> RunConfiguration {
        var defaults = defaults
        if case .object(let questions)? = values["questions"],
            questions["style"] == QuestionSettings.Style.bonito.json
        {
            defaults.questions = .bonito
        }
        if case .object(let expert)? = values["expert"], case .string(let address)? = expert["baseURL"],
            !address.isEmpty
        {
            for sampling in [\RunConfiguration.questions.sampling, \.answers.sampling] {
                (defaults[keyPath: sampling].topK, defaults[keyPath: sampling].minP) = (nil, nil)
            }
        }
        return try RunConfiguration.read(.object(values), over: defaults, at: place)
    }

    private static func contents(of file: String) throws(ConfigurationError) -> Data {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .unreadable(file: file, reason: "there is no such file")
        }
        return data
    }

    /// Yams ends the process over a list or a mapping as a key, such as a place left open in a template gives.
    private static func checkNames(in node: Node?, of file: String) throws(ConfigurationError) {
        switch node {
        case .mapping(let mapping)?:
            for (key, value) in mapping {
                guard key.scalar != nil else {
                    let line = key.mark.map { " in line \($0.line)" } ?? ""
                    throw .unreadable(file: file, reason: "a list or a mapping\(line) stands where a name should")
                }
                try checkNames(in: value, of: file)
            }
        case .sequence(let elements)?:
            for element in elements { try checkNames(in: element, of: file) }
        default: break
        }
    }

    private static func members(_ json: JSONValue, of file: String) throws(ConfigurationError) -> [String: JSONValue] {
        guard case .object(let members) = json else {
            throw .unreadable(file: file, reason: "it is not a mapping of settings")
        }
        return members
    }
}

extension RunConfiguration {
    /// A run's configuration as it was saved. One from an earlier version lacks the settings that have come since: its
    /// preset's defaults stand in for them.
    public init(saved file: String) throws(ConfigurationError) {
        let saved = try ConfigurationOverlay(saved: file)
        self = try saved.applied(to: saved.preset() == .small ? .small : .paper)
    }

    /// Makes the paths of a file mean the same in every folder, those in the settings of its methods too.
    /// - Parameter resolved: an absolute path for one that may be relative to the file.
    public mutating func resolvePaths(_ resolved: (String) -> String) {
        for index in comparison.methods.indices {
            // What cannot be read is refused, with its place, where the methods are compared.
            guard let settings = comparison.methods[index].settings,
                let method = try? ConfigurationOverlay(settings, of: "").applied(to: self)
            else { continue }
            let absolute = JSONValue.object(settings).withTexts(of: method.mappingPaths(resolved).json)
            if case .object(let settings) = absolute { comparison.methods[index].settings = settings }
        }
        self = mappingPaths(resolved)
    }
}

extension JSONValue {
    /// A value as Yams has it.
    fileprivate init(yaml: Any) {
        self =
            switch yaml {
            case let value as Bool: .bool(value)
            case let value as Int: .integer(value)
            case let value as UInt64: .unsigned(value)
            case let value as Double: .number(value)
            case let value as String: .string(value)
            case let elements as [Any]: .array(elements.map { JSONValue(yaml: $0) })
            case let members as [String: Any]: .object(members.mapValues { JSONValue(yaml: $0) })
            default: .null
            }
    }

    /// This with its texts taken from another value of the same form, where that has one.
    fileprivate func withTexts(of other: JSONValue?) -> JSONValue {
        switch (self, other) {
        case (.object(let members), .object(let others)?):
            .object(members.reduce(into: [:]) { $0[$1.key] = $1.value.withTexts(of: others[$1.key]) })
        case (.string, .string(let text)?): .string(text)
        default: self
        }
    }
}

extension [String] {
    /// The most similar of these words, if one is similar at all.
    public func nearest(to word: String) -> String? {
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
