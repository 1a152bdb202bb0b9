// The types that a setting can have, how each is read from JSON, and the ranges that it can be held to. Knows no section.

import Basics

/// What a setting can be: a number, a text, a choice, a list, a section of further settings, or nothing.
public protocol SettingValue: Hashable, Sendable {
    /// What a range is about: a list's elements, else the value itself.
    associatedtype Scalar: SettingValue = Self

    /// "a whole number"
    static var expected: String { get }
    /// The section that this is, or that a list's elements are.
    static var section: (any SettingsSection.Type)? { get }
    /// - Parameter old: what a section is laid over.
    static func read(_ json: JSONValue, over old: Self?, at place: SettingPlace) throws(ConfigurationError) -> Self
    /// nil for what is not set.
    var json: JSONValue? { get }
    var scalars: [Scalar] { get }

    // What a section does with its own settings, and a value leaves as it is.
    func validate(at path: String) throws(ConfigurationError)
    func mappingPaths(_ change: (String) -> String) -> Self
    var ofRows: Self { get }
    func rowJSON(writesDefaults: Bool) -> JSONValue?
}

extension SettingValue {
    public static var section: (any SettingsSection.Type)? { nil }
    public func validate(at path: String) throws(ConfigurationError) {}
    public func mappingPaths(_ change: (String) -> String) -> Self { self }
    public var ofRows: Self { self }
    public func rowJSON(writesDefaults: Bool) -> JSONValue? { json }

    func reading(_ json: JSONValue, at place: SettingPlace) throws(ConfigurationError) -> Self {
        try Self.read(json, over: self, at: place)
    }
}

extension SettingValue where Scalar == Self {
    public var scalars: [Self] { [self] }
}

/// Where a value stands, for messages, and what is to be made of what is not there.
public struct SettingPlace: Sendable {
    let file: String
    /// Whether all settings are there that are not nil, as where they were saved; else what is left out stays as it is.
    var isSaved = false
    /// Whether settings that do not exist are passed over.
    var allowsUnknown = false
    private(set) var path = ""

    init(file: String) { self.file = file }

    func member(_ name: String) -> SettingPlace { with(path.isEmpty ? name : "\(path).\(name)") }
    func element(_ index: Int) -> SettingPlace { with("\(path)[\(index)]") }

    func wrongType(_ json: JSONValue, _ expected: String) -> ConfigurationError {
        path.isEmpty
            ? .unreadable(file: file, reason: "it is not \(expected)")
            : .wrongType(file: file, key: path, value: json.shown, expected: expected)
    }

    private func with(_ path: String) -> SettingPlace {
        var place = self
        place.path = path
        return place
    }
}

// MARK: - Ranges

/// The values of its type that a setting can have.
public struct Allowed<Value>: Sendable {
    /// "1 or more"; nil for all.
    let text: String?
    let contains: @Sendable (Value) -> Bool

    public static var all: Allowed { Allowed(text: nil) { _ in true } }
}

extension Allowed where Value: SettingValue & Comparable & Numeric {
    /// Up to a million millions: sums and products of such numbers are still numbers.
    static func atLeast(_ bound: Value) -> Allowed {
        let most = Value(exactly: 1_000_000_000_000)
        return Allowed(text: "\(bound.shown) or more") { value in value >= bound && most.map { value <= $0 } ?? true }
    }

    static func within(_ range: ClosedRange<Value>) -> Allowed {
        Allowed(text: "from \(range.lowerBound.shown) to \(range.upperBound.shown)") { range.contains($0) }
    }
}

extension Allowed<Double> {
    static let positive = Allowed(text: "more than 0") { $0 > 0 && $0.isFinite }
}

extension SettingValue {
    /// As messages and tables have it.
    var shown: String { json?.shown ?? "nothing" }
}

extension JSONValue {
    /// As messages have it: numbers without a needless point, texts in quotes.
    var shown: String {
        switch self {
        case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
        case .array(let elements): "[\(elements.map(\.shown).joined(separator: ", "))]"
        case .string, .object, .integer, .unsigned, .bool, .null: text
        }
    }
}

// MARK: - Types

/// A value that is as JSON has it.
public protocol PlainSetting: SettingValue where Scalar == Self {
    /// nil for another type's.
    static func value(_ json: JSONValue) -> Self?
}

extension PlainSetting {
    public static func read(
        _ json: JSONValue, over old: Self?, at place: SettingPlace
    ) throws(ConfigurationError) -> Self {
        guard let value = value(json) else { throw place.wrongType(json, expected) }
        return value
    }
}

/// A setting that is one of a few names.
public protocol SettingChoice: PlainSetting, Codable, RawRepresentable, CaseIterable where RawValue == String {}

extension SettingChoice {
    public static var expected: String {
        let names = allCases.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + (names.count > 1 ? " or " : "") + (names.last ?? "")
    }
    public static func value(_ json: JSONValue) -> Self? { String.value(json).flatMap(Self.init) }
    public var json: JSONValue? { .string(rawValue) }
}

extension String: PlainSetting {
    public static let expected = "text"
    public static func value(_ json: JSONValue) -> String? { if case .string(let value) = json { value } else { nil } }
    public var json: JSONValue? { .string(self) }
}

extension Bool: PlainSetting {
    public static let expected = "true or false"
    public static func value(_ json: JSONValue) -> Bool? { if case .bool(let value) = json { value } else { nil } }
    public var json: JSONValue? { .bool(self) }
}

extension Int: PlainSetting {
    public static let expected = "a whole number"
    public static func value(_ json: JSONValue) -> Int? {
        switch json {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }
    public var json: JSONValue? { .integer(self) }
}

extension UInt64: PlainSetting {
    public static let expected = "a whole number, 0 or more"
    public static func value(_ json: JSONValue) -> UInt64? {
        if case .unsigned(let value) = json { value } else { Int.value(json).flatMap(UInt64.init(exactly:)) }
    }
    public var json: JSONValue? { Int(exactly: self).map { .integer($0) } ?? .unsigned(self) }
}

extension Double: PlainSetting {
    public static let expected = "a number"
    public static func value(_ json: JSONValue) -> Double? {
        switch json {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .number(let value): value.isFinite ? value : nil
        default: nil
        }
    }
    public var json: JSONValue? { .number(self) }
}

/// Settings of any section, as a configuration file has them.
extension [String: JSONValue]: SettingValue, PlainSetting {
    public static let expected = "a mapping of settings"
    public static func value(_ json: JSONValue) -> Self? {
        if case .object(let members) = json { members } else { nil }
    }
    public var json: JSONValue? { .object(self) }
}

extension Optional: SettingValue where Wrapped: SettingValue {
    public static var expected: String { Wrapped.expected }
    public static var section: (any SettingsSection.Type)? { Wrapped.section }

    public static func read(
        _ json: JSONValue, over old: Wrapped??, at place: SettingPlace
    ) throws(ConfigurationError) -> Wrapped? {
        try Wrapped.read(json, over: old ?? nil, at: place)
    }

    public var json: JSONValue? { self?.json }
    public var scalars: [Wrapped.Scalar] { self?.scalars ?? [] }
}

extension Array: SettingValue where Element: SettingValue {
    public static var expected: String { "a list, each \(Element.expected)" }
    public static var section: (any SettingsSection.Type)? { Element.section }

    public static func read(
        _ json: JSONValue, over old: [Element]?, at place: SettingPlace
    ) throws(ConfigurationError) -> [Element] {
        guard case .array(let elements) = json else { throw place.wrongType(json, expected) }
        var values: [Element] = []
        for (index, element) in elements.enumerated() {
            values.append(try Element.read(element, over: nil, at: place.element(index)))
        }
        return values
    }

    public var json: JSONValue? { .array(compactMap(\.json)) }
    public var scalars: [Element.Scalar] { flatMap(\.scalars) }

    public func validate(at path: String) throws(ConfigurationError) {
        for (index, element) in enumerated() { try element.validate(at: "\(path)[\(index)]") }
    }
}
