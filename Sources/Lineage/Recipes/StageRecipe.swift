// What a stage's rows depend on, as data: the one key that names them follows from it. Knows what recipes have in common; each
// stage's own is in the files beside this one.

import Basics
import Foundation

/// What made the rows of a stage. Its canonical JSON names them, so it holds all that they depend on and nothing else; what is
/// nil is not written, and a property that is added later leaves the keys of earlier rows as they are where it is nil.
public protocol StageRecipe: Codable, Sendable {
    /// The section of the configuration that `settings` is, and that changes are told of under.
    static var section: String { get }
    /// Properties that are sections of the configuration of their own.
    static var sections: Set<String> { get }
    /// Properties whose changes have been told of already: the keys of other stages' rows.
    static var inputs: Set<String> { get }
    /// Properties that are settings of the whole run.
    static var ofRun: Set<String> { get }
    /// The recipes whose rows these rest on.
    var parents: [ParentRole: ContentKey] { get }
}

/// What a recipe's parent is to it.
public enum ParentRole: String, Sendable, Hashable, CaseIterable {
    case questions, answers, instructions, training
}

extension StageRecipe {
    public static var sections: Set<String> { [] }
    public static var inputs: Set<String> { [] }
    public static var ofRun: Set<String> { ["model", "teacher", "precision", "systemMessage", "seed"] }
    public var parents: [ParentRole: ContentKey] { [:] }

    /// What differs from an earlier recipe of the stage, by the settings' names in the configuration.
    public func changes(since earlier: Self) throws -> [SettingChange] {
        let (before, after) = try (earlier.leaves(), leaves())
        return Set(before.keys).union(after.keys).sorted().compactMap { path in
            guard before[path] != after[path], let name = Self.settingName(path) else { return nil }
            return SettingChange(name: name, old: before[path], new: after[path])
        }
    }

    /// "settings.rank" → the value as JSON, defaults included.
    private func leaves() throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.userInfo[.writesDefaults] = true
        return try JSONDecoder().decode(JSONValue.self, from: encoder.encode(self)).leaves(prefix: "")
    }

    private static func settingName(_ path: String) -> String? {
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        guard !inputs.contains(parts[0]), !inputs.contains(path) else { return nil }
        if sections.contains(parts[0]) || ofRun.contains(path) { return path }
        return parts[0] == "settings" && parts.count == 2 ? "\(section).\(parts[1])" : "\(section).\(path)"
    }
}

extension CodingUserInfoKey {
    /// Whether settings are written that are as they are by default: for people, not for keys.
    public static let writesDefaults: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "writesDefaults") else { preconditionFailure("any text is a key") }
        return key
    }()
}

/// A setting that differs from the last use of a stage.
public struct SettingChange: Equatable, Sendable, CustomStringConvertible {
    /// The path in the configuration, say "questions.sampling.temperature".
    public let name: String
    /// The value then, as JSON; nil where there was none.
    public let old: String?
    public let new: String?

    public init(name: String, old: String?, new: String?) { (self.name, self.old, self.new) = (name, old, new) }

    /// Whether the model's weights are the same and it is told of elsewhere what has changed about it.
    public var isOfReadingAlone: Bool {
        guard let old, let new else { return false }
        return ModelIdentity.areSameWeights(old.filter { $0 != "\"" }, new.filter { $0 != "\"" })
    }

    /// "questions.temperature was 1, is 0.7".
    public var description: String { "\(name) was \(old ?? "not set"), is \(new ?? "not set")" }
}
