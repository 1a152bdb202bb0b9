// Fields of a row by any of several names, as data from many places has them: of a JSON object, or of a line of a table.
// Every text in them is cleaned. Knows nothing of what they mean.

import Basics
import Foundation
import Yams

/// A row of which some fields are read.
package struct JSONFields: Decodable {
    private let members: [String: JSONValue]

    package init(from decoder: any Decoder) throws {
        members = try decoder.singleValueContainer().decode([String: JSONValue].self)
    }

    private init(_ members: [String: JSONValue]) { self.members = members }

    private init?(_ value: JSONValue) {
        guard case .object(let members) = value else { return nil }
        self.init(members)
    }

    /// A line of a table. A cell that is written as a list or an object, in JSON or as pandas writes such columns, is one,
    /// unless its column is of texts.
    init(columns: [String], cells: [String]) {
        let pairs = zip(columns, cells).map { column, cell -> (String, JSONValue) in
            if HeldOutReader.goldFields.contains(column) { return (column, JSONFields.value(ofGold: cell)) }
            return (column, JSONFields.textColumns.contains(column) ? .string(cell) : JSONFields.value(ofCell: cell))
        }
        members = Dictionary(pairs) { first, _ in first }
    }

    private static let textColumns =
        ["question", "document", "title", "id"] + DocumentReader.textFields + SQuAD.contextFields

    /// Whether there is a field of one of these names.
    package func has(_ names: String...) -> Bool { has(names) }
    func has(_ names: [String]) -> Bool { names.contains { members[$0] != nil } }

    /// The first of these fields that holds a text, or a number as one.
    package func string(_ names: [String]) -> String? { names.lazy.compactMap { members[$0]?.asText }.first }

    /// The first of these fields that holds texts, a text, or an object or objects with a text, as texts.
    package func strings(_ names: [String]) -> [String] {
        names.lazy.map { members[$0]?.texts(alsoYes: false) ?? [] }.first { !$0.isEmpty } ?? []
    }

    /// The first of these fields that holds answers: as `strings` has it, and true as "true" or "yes". Throws what a field
    /// holds that is nothing of the kind.
    func golds(_ names: [String]) throws(SkipReason) -> [String] {
        for name in names {
            guard let value = members[name] else { continue }
            guard let golds = value.texts(alsoYes: true) else {
                throw SkipReason(.wrongType(field: name, value.typeName))
            }
            if !golds.isEmpty { return golds }
        }
        return []
    }

    /// Whether a field is true.
    func isTrue(_ name: String) -> Bool { members[name] == .bool(true) || string([name])?.lowercased() == "true" }

    /// What a field holds, its texts as they are written.
    package subscript(name: String) -> JSONValue? { members[name] }

    /// The object in a field.
    package func object(_ name: String) -> JSONFields? { members[name].flatMap(JSONFields.init) }

    /// The objects in a list, if there is nothing else in it.
    func objects(_ name: String) -> [JSONFields]? {
        guard let elements = elements(name) else { return nil }
        let objects = elements.compactMap(JSONFields.init)
        return objects.count == elements.count ? objects : nil
    }

    /// The elements of a list.
    func elements(_ name: String) -> [JSONValue]? {
        if case .array(let elements) = members[name] { elements } else { nil }
    }

    /// Why there is no text in any of these fields: one holds something else, or there is none.
    func reasonForNoText(in names: [String]) -> SkippedDocument.Reason {
        for name in names {
            if let value = members[name], value != .null, value.asText == nil {
                return .wrongType(field: name, value.typeName)
            }
        }
        return .missingField(names)
    }

    // MARK: - Cells

    /// YAML has JSON in it, and Python's lists of texts. What it has beside these and could be used to end the process is left
    /// out: aliases, which grow, and depth.
    private static func value(ofCell cell: String) -> JSONValue {
        guard cell.first == "[" || cell.first == "{", !cell.contains(/[\[{,:]\s*\*/),
            cell.count(where: { $0 == "[" || $0 == "{" }) <= 1000
        else { return .string(cell) }
        let plain = cell.replacing(/array\((\[.*?\])(, dtype=[a-z0-9]+)?\)/.dotMatchesNewlines()) { $0.output.1 }
        return (try? Yams.compose(yaml: plain)).map(value) ?? .string(cell)
    }

    /// A cell of answers, in which pandas writes a column of numbers with a gap as 12.0, and true as Python does.
    private static func value(ofGold cell: String) -> JSONValue {
        switch cell.trimmingCharacters(in: .whitespaces) {
        case "True", "true", "TRUE": .bool(true)
        case "False", "false", "FALSE": .bool(false)
        case let text: text.wholeMatch(of: /(-?[0-9]+)\.0/).map { .string(String($0.output.1)) } ?? value(ofCell: text)
        }
    }

    /// All that is neither a list nor an object is text: a cell has no types. Python's None and nan are nothing.
    private static func value(_ node: Node) -> JSONValue {
        switch node {
        case .sequence(let elements): .array(elements.map(value))
        case .mapping(let members):
            .object(Dictionary(members.map { ($0.string ?? "", value($1)) }) { first, _ in first })
        case .scalar(let scalar):
            scalar.style == .plain && ["None", "nan", "null"].contains(scalar.string) ? .null : .string(scalar.string)
        case .alias: .null
        }
    }
}

extension JSONValue {
    /// A text, or a number as one.
    var asText: String? {
        switch self {
        case .string(let text): text.cleaned
        case .integer, .unsigned, .number: text
        case .bool, .null, .array, .object: nil
        }
    }

    /// A list of texts.
    var asTexts: [String]? {
        guard case .array(let elements) = self else { return nil }
        let texts = elements.compactMap(\.asText)
        return texts.count == elements.count ? texts : nil
    }

    /// The texts in a value, however they are wrapped; nil where there is something else in it than texts and numbers.
    /// - Parameter alsoYes: whether true is "yes" as well.
    fileprivate func texts(alsoYes: Bool) -> [String]? {
        switch self {
        case .string, .integer, .unsigned, .number: return asText.map { [$0] }
        case .bool(let value): return ["\(value)"] + (alsoYes ? [value ? "yes" : "no"] : [])
        case .null: return []
        case .array(let elements):
            let texts = elements.map { $0.texts(alsoYes: alsoYes) }
            return texts.contains(nil) ? nil : texts.compactMap(\.self).flatMap(\.self)
        case .object(let members):
            // SQuAD's and Natural Questions' text, TriviaQA's value and aliases, DROP's spans.
            let wrapped = ["text", "value", "aliases", "spans"].compactMap { members[$0] }
            return wrapped.isEmpty ? nil : JSONValue.array(wrapped).texts(alsoYes: alsoYes)
        }
    }

    /// What people call it.
    fileprivate var typeName: String {
        switch self {
        case .string: "a text"
        case .integer, .unsigned, .number: "a number"
        case .bool: "true or false"
        case .null: "nothing"
        case .array:
            asTexts != nil ? "a list" : "a list with more than texts in it"
        case .object(let members): "an object of \(members.keys.sorted().joined(separator: ", "))"
        }
    }
}
