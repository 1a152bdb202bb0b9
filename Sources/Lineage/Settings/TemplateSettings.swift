// What chat templates are told besides the conversation.

import Basics

/// What the chat templates of models on this machine are told. Rows depend on it where a template looks at it: see
/// ``ModelIdentity``.
public struct TemplateSettings: SettingsSection {
    public var thinks = false
    public var variables = TemplateVariables()
    public var date = ""

    public static let settings: [Setting<Self>] = [
        Setting(
            \.thinks,
            """
            Whether models that can think before they reply do so. Their thoughts are taken off every reply; allow more tokens \
            for them.
            """, rows: .never),
        Setting(
            \.variables,
            "Variables of the chat template, as {enable_thinking: true, tools: []}, before those of Instill.",
            rows: .never),
        Setting(
            \.date,
            "The day that templates tell where they tell one, as 2026-01-31; the one on which the run began where empty.",
            rows: .never),
    ]

    public init() {}

    public func check() throws(ConfigurationError) {
        guard date.isEmpty || CalendarDay(date) != nil else { throw invalid(\.date, "a day, as 2026-01-31") }
    }
}

/// Variables of a template by their names, of any shape.
public struct TemplateVariables: PlainSetting, Codable {
    public let values: [String: JSONValue]

    public init(_ values: [String: JSONValue] = [:]) { self.values = values }

    public static let expected = "a mapping of names to values"
    public static func value(_ json: JSONValue) -> TemplateVariables? {
        if case .object(let values) = json { TemplateVariables(values) } else { nil }
    }
    public var json: JSONValue? { .object(values) }
}
