// Values as text: Python's `str` and `repr`, and `json.dumps` as transformers' `tojson` filter calls it.

import OrderedCollections

// MARK: - str and repr

extension TemplateInterpreter {
    /// `str(value)`.
    func text(_ value: Value) throws(TemplateError) -> String {
        if let text = value.text { return text }
        if value.isUndefined { return "" }
        return try representation(value)
    }

    /// `repr(value)`.
    func representation(_ value: Value) throws(TemplateError) -> String {
        var text = ""
        try appendRepresentation(of: value, to: &text)
        return text
    }

    private func appendRepresentation(of value: Value, to text: inout String) throws(TemplateError) {
        try charge(1)
        switch value {
        case .null: try append("None", to: &text)
        case .undefined: try append("Undefined", to: &text)
        case .boolean(let flag): try append(flag ? "True" : "False", to: &text)
        case .int(let number): try append(String(number), to: &text)
        case .double(let number): try append(PythonNumbers.text(number), to: &text)
        case .string(let string): try append(Self.quoted(string), to: &text)
        case .array(let elements): try appendList(elements, "[", "]", to: &text)
        case .tuple(let elements): try appendList(elements, "(", elements.count == 1 ? ",)" : ")", to: &text)
        case .object(let entries): try appendDictionary(entries, to: &text)
        case .runtime(let runtime): try appendRepresentation(of: runtime, to: &text)
        }
    }

    private func appendList(_ elements: [Value], _ open: String, _ close: String, to text: inout String)
        throws(TemplateError)
    {
        try append(open, to: &text)
        for (index, element) in elements.enumerated() {
            if index > 0 { try append(", ", to: &text) }
            try deeper { () throws(TemplateError) in try appendRepresentation(of: element, to: &text) }
        }
        try append(close, to: &text)
    }

    private func appendDictionary(_ entries: OrderedDictionary<Value.Key, Value>, to text: inout String)
        throws(TemplateError)
    {
        try append("{", to: &text)
        for (index, entry) in entries.enumerated() {
            if index > 0 { try append(", ", to: &text) }
            try appendRepresentation(of: entry.key.value, to: &text)
            try append(": ", to: &text)
            try deeper { () throws(TemplateError) in try appendRepresentation(of: entry.value, to: &text) }
        }
        try append("}", to: &text)
    }

    private func appendRepresentation(of runtime: RuntimeValue, to text: inout String) throws(TemplateError) {
        switch runtime.kind {
        case .markup(let string): try append("Markup(\(Self.quoted(string)))", to: &text)
        case .range(let range):
            try append("range(\(range.start), \(range.stop)\(range.step == 1 ? "" : ", \(range.step)"))", to: &text)
        case .view(let view, _):
            try append("dict_\(view.rawValue)(", to: &text)
            try appendList(Value.runtime(runtime).storedElements ?? [], "[", "])", to: &text)
        case .namespace(let index):
            try append("<Namespace ", to: &text)
            try deeper { () throws(TemplateError) in try appendDictionary(namespaces[index], to: &text) }
            try append(">", to: &text)
        case .macro(let index):
            try append("<Macro \(closures[index].macro.name.map(Self.quoted) ?? "anonymous")>", to: &text)
        case .loop(let index):
            try append("<LoopContext \(loops[index].index0 + 1)/\(try loops[index].length(self))>", to: &text)
        case .function, .method, .sequence: try append("<\(runtime.typeName)>", to: &text)
        }
    }

    /// `repr` of a text: in single quotes unless it holds some and no double ones, unprintable characters escaped.
    static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar =
            text.utf8.contains(UInt8(ascii: "'")) && !text.utf8.contains(UInt8(ascii: "\"")) ? "\"" : "'"
        var quoted = String.UnicodeScalarView([quote])
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": quoted.append(contentsOf: ["\\", scalar])
            case "\n": quoted.append(contentsOf: "\\n".unicodeScalars)
            case "\r": quoted.append(contentsOf: "\\r".unicodeScalars)
            case "\t": quoted.append(contentsOf: "\\t".unicodeScalars)
            case _ where scalar.isPythonPrintable: quoted.append(scalar)
            default: quoted.append(contentsOf: escape(scalar).unicodeScalars)
            }
        }
        quoted.append(quote)
        return String(quoted)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0..<0x100: "\\x" + hex(scalar.value, digits: 2)
        case 0..<0x10000: "\\u" + hex(scalar.value, digits: 4)
        default: "\\U" + hex(scalar.value, digits: 8)
        }
    }

    static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

// MARK: - JSON

/// `json.dumps` with the options that transformers' `tojson` filter offers.
struct TemplateJSON {
    let interpreter: TemplateInterpreter
    let escapesNonASCII: Bool
    /// What one level is indented by; nil for everything on one line.
    let indentation: String?
    let itemSeparator: String
    let keySeparator: String
    let sortsKeys: Bool

    func text(of value: Value) throws(TemplateError) -> String {
        var text = ""
        try append(value, to: &text, level: 0)
        return text
    }

    private func append(_ value: Value, to text: inout String, level: Int) throws(TemplateError) {
        try interpreter.charge(1)
        if let string = value.text { return try interpreter.append(quoted(string), to: &text) }
        switch value {
        case .null: try interpreter.append("null", to: &text)
        case .boolean(let flag): try interpreter.append(flag ? "true" : "false", to: &text)
        case .int(let number): try interpreter.append(String(number), to: &text)
        case .double(let number): try interpreter.append(numeral(number), to: &text)
        case .array(let elements), .tuple(let elements):
            try appendItems(elements, "[", "]", to: &text, level: level) { (element, text) throws(TemplateError) in
                try append(element, to: &text, level: level + 1)
            }
        case .object(let entries):
            try appendItems(try keyed(entries), "{", "}", to: &text, level: level) {
                (entry, text) throws(TemplateError) in
                try interpreter.append(quoted(entry.key) + keySeparator, to: &text)
                try append(entry.value, to: &text, level: level + 1)
            }
        default: throw interpreter.invalid("tojson", value)
        }
    }

    private func appendItems<Item>(
        _ items: [Item], _ open: String, _ close: String, to text: inout String, level: Int,
        _ appendItem: (Item, inout String) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        try interpreter.append(open, to: &text)
        try interpreter.deeper { () throws(TemplateError) in
            for (index, item) in items.enumerated() {
                if index > 0 { try interpreter.append(itemSeparator, to: &text) }
                try breakLine(&text, level: level + 1)
                try appendItem(item, &text)
            }
        }
        if !items.isEmpty { try breakLine(&text, level: level) }
        try interpreter.append(close, to: &text)
    }

    private func breakLine(_ text: inout String, level: Int) throws(TemplateError) {
        guard let indentation else { return }
        try interpreter.append("\n" + String(repeating: indentation, count: level), to: &text)
    }

    /// A dictionary's entries under the names that JSON gives to keys that are no strings.
    private func keyed(_ entries: OrderedDictionary<Value.Key, Value>) throws(TemplateError)
        -> [(key: String, value: Value)]
    {
        var order = entries.map { (key: $0.key.value, value: $0.value) }
        if sortsKeys {
            order = try interpreter.sorted(order) { (left, right) throws(TemplateError) in
                try interpreter.isLess(left.key, right.key)
            }
        }
        var keyed: [(String, Value)] = []
        for (key, value) in order {
            switch key {
            case .null: keyed.append(("null", value))
            case .boolean(let flag): keyed.append((flag ? "true" : "false", value))
            case .int(let number): keyed.append((String(number), value))
            case .double(let number): keyed.append((numeral(number), value))
            default:
                guard let text = key.text else { throw interpreter.invalid("tojson of a dictionary with a key", key) }
                keyed.append((text, value))
            }
        }
        return keyed
    }

    private func numeral(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return PythonNumbers.text(number)
    }

    private func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{08}": quoted += "\\b"
            case "\u{0C}": quoted += "\\f"
            case _ where scalar.value < 0x20 || (escapesNonASCII && scalar.value > 0x7E):
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    quoted += "\\u" + TemplateInterpreter.hex(UInt32(unit), digits: 4)
                }
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
