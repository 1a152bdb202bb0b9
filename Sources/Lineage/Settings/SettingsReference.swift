// All settings with their defaults, their presets' values and what they mean, for people: the tables of `instill settings` and
// docs/settings.md. Follows from the settings' declarations.

import Basics

/// A setting as a table has it.
public struct SettingRow: Encodable, Sendable {
    /// "training.rank"
    public let name: String
    public let help: String
    /// "a whole number, 1 or more"; nil for a section.
    public let values: String?
    /// nil where it is not set.
    public let `default`: JSONValue?
    /// The presets' values, where they are others.
    public let small: JSONValue?
    public let paper: JSONValue?

    /// A value in a cell.
    public static func cell(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null, .string(""), .array([]): "–"
        case .string(let text): text
        case .array(let elements): elements.map { cell($0) }.joined(separator: ", ")
        case let value?: value.shown
        }
    }
}

/// The settings of a section of the configuration, those of the sections in it among them.
public struct SettingsTable: Sendable {
    /// Empty for the settings that are in no section.
    public let section: String
    public let help: String
    public let rows: [SettingRow]

    public static let all: [SettingsTable] = {
        let rows = RunConfiguration.rows(below: "")
        let sections = RunConfiguration.settings.filter { $0.section != nil }
        let names = sections.map(\.name)
        let general = rows.filter { row in !names.contains { row.name == $0 || row.name.hasPrefix("\($0).") } }
        return [SettingsTable(section: "", help: "Settings of the whole run.", rows: general)]
            + sections.map { section in
                let own = rows.filter { $0.name.hasPrefix("\(section.name).") }
                return SettingsTable(section: section.name, help: section.help, rows: own)
            }
    }()

    /// The tables of a section, or the rows of one setting; all of them for nil.
    public static func of(_ path: String?) throws(ConfigurationError) -> [SettingsTable] {
        guard let path else { return all }
        let found = all.compactMap { table -> SettingsTable? in
            let rows = table.rows.filter { "\($0.name).".hasPrefix("\(path).") }
            return rows.isEmpty ? nil : SettingsTable(section: table.section, help: table.help, rows: rows)
        }
        guard found.isEmpty else { return found }
        let known = all.map(\.section) + all.flatMap { $0.rows.map(\.name) }
        // "rank" is near to training.rank too.
        let lastNames = Dictionary(known.map { ("\($0.split(separator: ".").last ?? "")", $0) }) { first, _ in first }
        let near = known.nearest(to: path) ?? Array(lastNames.keys).nearest(to: path).flatMap { lastNames[$0] }
        throw .unknownKey(file: "instill settings", key: path, suggestion: near)
    }

    /// docs/settings.md.
    public static var markdown: String {
        """
        # Settings

        Every setting of a configuration file. The file names what differs from the defaults, or from those of the preset
        `small`, which is for models under a billion parameters; paths are relative to the file. `instill settings` prints
        these tables, and `instill settings --markdown` writes this page from the declarations in Sources/Lineage/Settings.

        """ + all.map(\.markdown).joined()
    }

    private var markdown: String {
        let title = section.isEmpty ? "The whole run" : section
        let lines = rows.map { row in
            var value = Self.code(row.default)
            if let small = row.small { value += "; `small`: \(Self.code(small))" }
            if let paper = row.paper { value += "; `paper`: \(Self.code(paper))" }
            let name = row.name.dropFirst(section.isEmpty ? 0 : section.count + 1)
            return "| `\(name)` | \(row.values == nil ? "" : value) | \(row.values ?? "") | \(row.help) |\n"
        }
        return """

            ## \(title)

            \(help)

            | Setting | Default | Values | Meaning |
            | --- | --- | --- | --- |

            """ + lines.joined()
    }

    private static func code(_ value: JSONValue?) -> String {
        let cell = SettingRow.cell(value)
        return cell == "–" ? cell : "`\(cell)`"
    }
}

extension SettingsSection {
    /// - Parameter path: the section's own, with a point behind it.
    fileprivate static func rows(below path: String) -> [SettingRow] {
        settings.flatMap { setting -> [SettingRow] in
            let name = path + setting.name
            func value(_ configuration: RunConfiguration) -> JSONValue? { configuration.json?.member(name) }
            let usual = value(RunConfiguration())
            let (small, paper) = (value(.small), value(.paper))
            let isSection = setting.get(Self()) is any SettingsSection
            let row = SettingRow(
                name: name, help: setting.help, values: isSection ? nil : setting.expected,
                default: isSection ? nil : usual, small: isSection || small == usual ? nil : small ?? .null,
                paper: isSection || paper == usual ? nil : paper ?? .null)
            return [row] + (setting.section?.rows(below: "\(name)\(isSection ? "" : "[]").") ?? [])
        }
    }
}

extension JSONValue {
    /// The value at a path: "training.rank".
    fileprivate func member(_ path: String) -> JSONValue? {
        path.split(separator: ".").reduce(Optional(self)) { value, name in
            if case .object(let members)? = value { members[String(name)] } else { nil }
        }
    }
}
