// The filters: their names, and those that work on one text or number. Those over sequences are in a file of their own.

import Foundation
import OrderedCollections

/// The filters of Jinja that chat templates use.
enum TemplateFilter: String, CaseIterable, Sendable {
    case abs, capitalize, `default`, dictsort, escape, first, float, format, indent, int, items, join, last, length,
        list
    case lower, map, max, min, reject, rejectattr, replace, reverse, round, safe, select, selectattr, sort, string, sum
    case title, tojson, trim, unique, upper

    /// The filter of that name or short name.
    init?(name: String) {
        switch name {
        case "d": self = .default
        case "e": self = .escape
        case "count": self = .length
        default: self.init(rawValue: name)
        }
    }

    /// Jinja's other filters, refused when a template is parsed.
    static let leftOut: Set<String> = [
        "attr", "batch", "center", "filesizeformat", "forceescape", "groupby", "pprint", "random", "slice", "striptags",
        "truncate", "urlencode", "urlize", "wordcount", "wordwrap", "xmlattr",
    ]
}

extension TemplateInterpreter {
    func apply(_ calls: [TemplateFilterCall], to value: Value) throws(TemplateError) -> Value {
        var value = value
        for call in calls { value = try apply(call, to: value) }
        return value
    }

    func apply(_ call: TemplateFilterCall, to value: Value) throws(TemplateError) -> Value {
        let arguments = try evaluate(call.arguments)
        line = call.line
        guard let filter = call.filter else {
            throw .unsupported(
                line: line, feature: "the filter '\(call.name)'", supported: TemplateFilter.allCases.map(\.rawValue))
        }
        return try apply(filter, to: value, arguments)
    }

    func apply(_ filter: TemplateFilter, to value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        if let text = value.text { try charge(for: text) }
        switch filter {
        case .abs, .float, .int, .round: return try number(filter, value, arguments)
        case .capitalize, .lower, .title, .upper, .string, .safe, .escape: return try restyled(filter, value, arguments)
        case .default:
            let values = try bound(arguments, "default_value", "boolean", to: filter)
            let isMissing = value.isUndefined || (values[1]?.isTruthy == true && !value.isTruthy)
            return isMissing ? values[0] ?? .string("") : value
        case .format: return try formatted(value, arguments)
        case .indent: return try indented(value, arguments)
        case .replace: return try replaced(value, arguments)
        case .tojson: return try json(value, arguments)
        case .trim:
            let characters = try bound(arguments, "chars", to: filter)[0]
            let set = try characters.flatMap { (value) throws(TemplateError) in
                value == .null ? nil : try self.text(value, of: filter.rawValue)
            }
            return value.withText(try text(value).stripped(of: set))
        default: return try sequence(filter, value, arguments)
        }
    }

    func bound(
        _ arguments: CallArguments, _ names: String..., to filter: TemplateFilter, required: Int = 0
    ) throws(TemplateError) -> [Value?] {
        try arguments.bound(to: names, required: required, of: filter.rawValue, line: line)
    }
}

// MARK: - Text

extension TemplateInterpreter {
    private func restyled(_ filter: TemplateFilter, _ value: Value, _ arguments: CallArguments) throws(TemplateError)
        -> Value
    {
        _ = try bound(arguments, to: filter)
        let text = try text(value)
        switch filter {
        case .capitalize: return value.withText(text.pythonCapitalized)
        case .lower: return value.withText(text.pythonLowercased)
        case .title: return value.withText(text.templateTitlecased)
        case .upper: return value.withText(text.uppercased())
        case .safe: return .runtime(.markup(text))
        case .escape: return .runtime(.markup(value.isMarkup ? text : text.htmlEscaped))
        default: return value.withText(text)
        }
    }

    private func formatted(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        guard arguments.keyword.isEmpty || arguments.positional.isEmpty else {
            throw .invalidArgument(
                line: line, function: "format", problem: "values are given by name or without, not both")
        }
        let named = Value.object(
            OrderedDictionary(uniqueKeysWithValues: arguments.keyword.map { (Value.Key($0), $1) }))
        let values = arguments.keyword.isEmpty ? .tuple(arguments.positional) : named
        return try formatPercent(try text(value), values, isSafe: value.isMarkup)
    }

    private func indented(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "width", "first", "blank", to: .indent)
        let text = try text(value, of: "indent")
        let indentation: String
        if let given = values[0]?.text {
            indentation = given
        } else {
            let width = try integer(values[0] ?? 4, of: "indent")
            try reserve(0, plus: max(width, 0))
            indentation = String(repeating: " ", count: max(width, 0))
        }
        let indentsBlank = values[2]?.isTruthy ?? false
        var result = values[1]?.isTruthy == true ? indentation : ""
        for (index, line) in (text + "\n").lines().enumerated() {
            if index > 0 { try append("\n", to: &result) }
            if index > 0, indentsBlank || !line.isEmpty { try append(indentation, to: &result) }
            try append(line, to: &result)
        }
        return value.withText(result)
    }

    private func replaced(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "old", "new", "count", to: .replace, required: 2)
        let limit = try values[2].map { (value) throws(TemplateError) in
            value == .null ? -1 : try integer(value, of: "replace")
        }
        let old = try text(values[0] ?? .undefined)
        let new = try text(values[1] ?? .undefined)
        return .string(try replacing(old, in: try text(value), with: new, limit: limit ?? -1))
    }

    private func json(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "ensure_ascii", "indent", "separators", "sort_keys", to: .tojson)
        var indentation = values[1]?.text
        if let width = values[1]?.integer {
            try reserve(0, plus: max(width, 0))
            indentation = String(repeating: " ", count: max(width, 0))
        } else if let indent = values[1], indent != .null, indentation == nil {
            throw invalid("tojson's indent", indent)
        }
        var separators = [indentation == nil ? ", " : ",", ": "]
        if let given = values[2], given != .null {
            let parts = try elements(of: given)
            guard parts.count == 2 else { throw invalid("tojson's separators", given) }
            separators = [try text(parts[0], of: "tojson"), try text(parts[1], of: "tojson")]
        }
        let json = TemplateJSON(
            interpreter: self, escapesNonASCII: values[0]?.isTruthy ?? false, indentation: indentation,
            itemSeparator: separators[0], keySeparator: separators[1], sortsKeys: values[3]?.isTruthy ?? false)
        return .string(try json.text(of: value))
    }
}

// MARK: - Numbers

extension TemplateInterpreter {
    private func number(_ filter: TemplateFilter, _ value: Value, _ arguments: CallArguments) throws(TemplateError)
        -> Value
    {
        switch filter {
        case .abs:
            _ = try bound(arguments, to: filter)
            if let number = value.integer, number != .min { return .int(Swift.abs(number)) }
            guard let number = value.number else { throw invalid("abs", value) }
            return .double(number.magnitude)
        case .float:
            let fallback = try bound(arguments, "default", to: filter)[0] ?? .double(0)
            if value.isUndefined { throw invalid("float", value) }
            return (value.number ?? value.text.flatMap(PythonNumbers.float)).map(Value.double) ?? fallback
        case .int: return try integer(value, arguments)
        default: return try rounded(value, arguments)
        }
    }

    private func integer(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "default", "base", to: .int)
        if value.isUndefined { throw invalid("int", value) }
        if let number = value.integer { return .int(number) }
        if let text = value.text,
            let number = PythonNumbers.integer(text, base: try integer(values[1] ?? 10, of: "int"))
        {
            return .int(number)
        }
        // "42.23"|int gives 42.
        guard let number = value.number ?? value.text.flatMap(PythonNumbers.float) else { return values[0] ?? 0 }
        if let whole = Int(truncating: number) { return .int(whole) }
        if value.text != nil, !number.isFinite { return values[0] ?? 0 }
        if number.isNaN { return values[0] ?? 0 }
        throw invalid("int", value)
    }

    private func rounded(_ value: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try bound(arguments, "precision", "method", to: .round)
        let places = try integer(values[0] ?? 0, of: "round")
        let method = try text(values[1] ?? "common", of: "round")
        guard let number = value.number else { throw invalid("round", value) }
        switch method {
        case "common":
            if let integer = value.integer, places >= 0 { return .int(integer) }
            let result = PythonNumbers.rounded(number, places: places)
            return value.integer == nil ? .double(result) : .int(Int(truncating: result) ?? 0)
        case "ceil", "floor":
            let unit = pow(10, Double(places))
            let scaled = number * unit
            guard scaled.isFinite else { throw invalid("round", value) }
            // Python rounds to a whole number, and among these no zero is negative.
            return .double(((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) + 0) / unit)
        default:
            throw .invalidArgument(line: line, function: "round", problem: "the method is 'common', 'ceil' or 'floor'")
        }
    }
}
