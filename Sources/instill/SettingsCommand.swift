// Lists what a configuration file can say, from the settings' own declarations.

import ArgumentParser
import Basics
import Foundation
import Lineage

struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Lists the settings of a configuration file: defaults, the presets' values, ranges and meaning.",
        discussion: """
            Example:
              instill settings training
              instill settings questions.sampling
              instill settings --json | jq -r .name
            """)

    @Argument(help: "A section, or the path of a setting; all of them where left out.")
    var section: String?

    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "All of them as docs/settings.md has them.")
    var markdown = false

    func run() throws {
        if markdown { return Console.out(SettingsTable.markdown) }
        let tables = try SettingsTable.of(section)
        guard json else {
            return Console.out(tables.map { $0.text(columns: min(100, Console.columns)) }.joined(separator: "\n\n"))
        }
        for row in tables.flatMap(\.rows) { Console.out(String(decoding: try row.canonicalJSON(), as: UTF8.self)) }
    }
}

extension SettingsTable {
    /// One line a setting, and below it what it means.
    func text(columns: Int) -> String {
        let presets = [("small", \SettingRow.small), ("paper", \.paper)].filter { preset in
            rows.contains { $0[keyPath: preset.1] != nil }
        }
        let header = ["setting", "default"] + presets.map(\.0)
        let cells = rows.map { row -> [String] in
            guard row.values != nil else { return [name(row)] + header.dropFirst().map { _ in "" } }
            return [name(row), Self.short(row.default)]
                + presets.map { row[keyPath: $0.1].map { value in Self.short(value) } ?? "" }
        }
        let lines = ([header] + cells).aligned()
        let described = zip(rows, lines.dropFirst()).flatMap { row, line in
            [line] + meaning(row).wrapped(to: columns - 6).map { "      \($0)" }
        }
        let title = section.isEmpty ? help : "\(section): \(help)"
        return (title.wrapped(to: columns) + [""] + lines.prefix(1) + described).joined(separator: "\n")
    }

    private func name(_ row: SettingRow) -> String {
        section.isEmpty ? row.name : String(row.name.dropFirst(section.count + 1))
    }

    private func meaning(_ row: SettingRow) -> String {
        let whole = SettingRow.cell(row.default)
        return [row.help, row.values.map { "[\($0)]" }, Self.short(row.default) == whole ? nil : "Default: \(whole)."]
            .compactMap { $0 }.joined(separator: " ")
    }

    /// A value that leaves room for others beside it.
    private static func short(_ value: JSONValue?) -> String {
        let cell = SettingRow.cell(value)
        return cell.count <= 28 ? cell : "(below)"
    }
}

extension String {
    /// Lines of whole words.
    fileprivate func wrapped(to columns: Int) -> [String] {
        split(separator: " ").reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.columnCount + 1 + String(word).columnCount <= columns {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
