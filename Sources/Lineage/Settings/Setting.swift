// A setting declares itself in the file of its field: what it means, which values it can have, and whether rows depend on it.
// Reading, checking, writing and the tables of docs/settings.md follow from the declarations. Knows no section.

import Basics

/// Settings that belong together: a section of the configuration.
public protocol SettingsSection: SettingValue, Codable where Scalar == Self {
    init()
    /// All of the section's fields, in their order.
    static var settings: [Setting<Self>] { get }
    /// Throws for settings that do not go together; of each by itself, its declaration says what it can be.
    func check() throws(ConfigurationError)
}

/// Whether a stage's rows depend on a setting, and so the key that names them.
public enum RowDependence: Sendable {
    case never
    /// The key holds it where it is not as it is by default, so that rows from before there was such a setting keep their key.
    case whenChanged
    /// The key has held it from the first version on, whatever it is.
    case always
}

/// The declaration of one setting.
public struct Setting<Section: SettingsSection>: Sendable {
    public let name: String
    public let help: String
    /// "a whole number, 1 or more"
    private(set) var expected: String
    let rows: RowDependence
    let isOptional: Bool
    let section: (any SettingsSection.Type)?
    /// Whether the value is the path of a file, which may be relative to that of the configuration.
    let isPath: @Sendable (Section) -> Bool
    /// Whether it means anything beside the section's other settings.
    let isUsed: @Sendable (Section) -> Bool
    let isAllowed: @Sendable (Section) -> Bool
    let get: @Sendable (Section) -> any SettingValue
    let set: @Sendable (inout Section, any SettingValue) -> Void

    init<Value: SettingValue>(
        _ field: WritableKeyPath<Section, Value> & Sendable, _ help: String, _ allowed: Allowed<Value.Scalar> = .all,
        rows: RowDependence = .whenChanged, isPath: @escaping @Sendable (Section) -> Bool = { _ in false },
        isUsed: @escaping @Sendable (Section) -> Bool = { _ in true }
    ) {
        name = Section.name(of: field)
        (self.help, self.rows, self.isPath, self.isUsed) = (help, rows, isPath, isUsed)
        expected = [Value.expected, allowed.text].compactMap { $0 }.joined(separator: ", ")
        isOptional = Value.self is any OptionalSetting.Type
        section = Value.section
        isAllowed = { $0[keyPath: field].scalars.allSatisfy(allowed.contains) }
        get = { $0[keyPath: field] }
        set = { section, value in
            if let value = value as? Value { section[keyPath: field] = value }
        }
    }

    /// The path of a file or folder.
    static func path(
        _ field: WritableKeyPath<Section, String> & Sendable, _ help: String, rows: RowDependence = .whenChanged
    ) -> Setting {
        var setting = Setting(field, help, rows: rows, isPath: { _ in true })
        setting.expected = "a path"
        return setting
    }

    func reset(_ section: inout Section) { set(&section, get(Section())) }

    /// Whether the key of rows depends on its value.
    func isOfRows(_ section: Section) -> Bool {
        switch rows {
        case .never: false
        case .whenChanged: isUsed(section)
        case .always: true
        }
    }
}

private protocol OptionalSetting {}
extension Optional: OptionalSetting {}

// MARK: - What follows from the declarations

extension SettingsSection {
    public static var expected: String { "a mapping of settings" }
    public static var section: (any SettingsSection.Type)? { Self.self }
    public func check() throws(ConfigurationError) {}

    /// The path of a field as files and messages have it: "questions.style".
    public static func name(of field: PartialKeyPath<Self>) -> String {
        // "\RunConfiguration.questions.style"
        String(String(describing: field).drop { $0 != "." }.dropFirst())
    }

    func invalid<Value: SettingValue>(_ field: KeyPath<Self, Value>, _ expected: String) -> ConfigurationError {
        .invalid(key: Self.name(of: field), value: self[keyPath: field].shown, expected: expected)
    }

    func missing(_ field: PartialKeyPath<Self>) -> ConfigurationError { .missing(key: Self.name(of: field)) }

    /// The values laid over `old`, or over the defaults; null is the default.
    public static func read(
        _ json: JSONValue, over old: Self?, at place: SettingPlace
    ) throws(ConfigurationError) -> Self {
        guard case .object(let members) = json else { throw place.wrongType(json, expected) }
        let names = settings.map(\.name)
        if !place.allowsUnknown, let unknown = members.keys.filter({ !names.contains($0) }).min() {
            throw .unknownKey(
                file: place.file, key: place.member(unknown).path,
                suggestion: names.nearest(to: unknown).map { place.member($0).path })
        }
        var section = old ?? Self()
        for setting in settings {
            switch members[setting.name] {
            case nil: if place.isSaved, setting.isOptional { setting.reset(&section) }
            case .null: setting.reset(&section)
            case let value?:
                setting.set(&section, try setting.get(section).reading(value, at: place.member(setting.name)))
            }
        }
        return section
    }

    public var json: JSONValue? {
        let members = Self.settings.compactMap { setting in setting.get(self).json.map { (setting.name, $0) } }
        return .object(Dictionary(uniqueKeysWithValues: members))
    }

    /// Throws for the first setting that cannot be as it is, by its path, with what it is and what it must be.
    public func validate() throws(ConfigurationError) { try validate(at: "") }

    public func validate(at path: String) throws(ConfigurationError) {
        let prefix = path.isEmpty ? "" : "\(path)."
        for setting in Self.settings {
            let value = setting.get(self)
            guard setting.isAllowed(self) else {
                throw .invalid(key: prefix + setting.name, value: value.shown, expected: setting.expected)
            }
            try value.validate(at: prefix + setting.name)
        }
        do {
            try check()
        } catch {
            throw error.below(prefix)
        }
    }

    public func mappingPaths(_ change: (String) -> String) -> Self {
        var mapped = self
        for setting in Self.settings {
            let value = setting.get(self)
            if setting.isPath(self), let path = value as? String {
                setting.set(&mapped, change(path))
            } else {
                setting.set(&mapped, value.mappingPaths(change))
            }
        }
        return mapped
    }

    /// What rows do not depend on is as it is by default.
    public var ofRows: Self {
        var section = self
        for setting in Self.settings {
            if setting.isOfRows(self) {
                setting.set(&section, setting.get(self).ofRows)
            } else {
                setting.reset(&section)
            }
        }
        return section
    }

    public func rowJSON(writesDefaults: Bool) -> JSONValue? {
        let usual = Self()
        let members = Self.settings.compactMap { setting -> (String, JSONValue)? in
            let value = setting.get(self)
            let isWritten = setting.rows == .always || writesDefaults || value.json != setting.get(usual).json
            guard setting.isOfRows(self), isWritten else { return nil }
            return value.rowJSON(writesDefaults: writesDefaults).map { (setting.name, $0) }
        }
        return .object(Dictionary(uniqueKeysWithValues: members))
    }

    /// Reads what was saved, by this version or by another one.
    public init(from decoder: any Decoder) throws {
        var place = SettingPlace(file: "the saved settings")
        (place.isSaved, place.allowsUnknown) = (true, true)
        self = try Self.read(JSONValue(from: decoder), over: nil, at: place)
    }

    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
