// Values as text: Python's `str` and `repr`, and `json.dumps` as transformers' `tojson` filter calls it.

extension Interpreter {
    /// `str(value)`.
    func text(_ value: Value) throws(TemplateError) -> Text {
        if let text = value.text { return text }
        if value.isUndefined { return "" }
        return try Printer(interpreter: self, isJSON: false, indentation: nil).text(of: value)
    }
}

/// Writes values as Python's `repr` does, or as JSON.
struct Printer {
    let interpreter: Interpreter
    let isJSON: Bool
    /// What one level is indented by; nil for everything on one line.
    let indentation: String?

    func text(of value: Value) throws(TemplateError) -> Text {
        var text = Text("")
        try append(value, to: &text, level: 0)
        return text
    }

    private func append(_ value: Value, to text: inout Text, level: Int) throws(TemplateError) {
        try interpreter.charge(1)
        switch value {
        case .null: try interpreter.append(isJSON ? "null" : "None", to: &text)
        case .undefined where !isJSON: try interpreter.append("Undefined", to: &text)
        case .boolean(let flag):
            let name = flag ? "True" : "False"
            try interpreter.append(Text(isJSON ? name.lowercased() : name), to: &text)
        case .int(let number): try interpreter.append("\(number)", to: &text)
        case .double(let number): try interpreter.append(Text(isJSON ? number.jsonText : number.pythonText), to: &text)
        case .string(let string): try interpreter.append(quoted(string), to: &text)
        case .tuple(let elements) where !isJSON:
            try append(elements.map { (nil, $0) }, "(", elements.count == 1 ? ",)" : ")", to: &text, level: level)
        case .array(let elements), .tuple(let elements):
            try append(elements.map { (nil, $0) }, "[", "]", to: &text, level: level)
        case .object(let entries):
            try append(entries.map { ($0.key.content, $0.value) }, "{", "}", to: &text, level: level)
        case .undefined: throw interpreter.invalid("tojson", value)
        case .runtime:
            throw .unsupported(
                line: interpreter.line, feature: "printing \(value.typeName)", supported: ["texts, numbers, lists"])
        }
    }

    private func append(
        _ items: [(key: Text?, value: Value)], _ open: Text, _ close: Text, to text: inout Text, level: Int
    ) throws(TemplateError) {
        try interpreter.append(open, to: &text)
        try interpreter.deeper { () throws(TemplateError) in
            for (index, item) in items.enumerated() {
                if index > 0 { try interpreter.append(indentation == nil ? ", " : ",", to: &text) }
                try breakLine(&text, level: level + 1)
                if let key = item.key {
                    try interpreter.append(quoted(key), to: &text)
                    try interpreter.append(": ", to: &text)
                }
                try append(item.value, to: &text, level: level + 1)
            }
        }
        if !items.isEmpty { try breakLine(&text, level: level) }
        try interpreter.append(close, to: &text)
    }

    private func breakLine(_ text: inout Text, level: Int) throws(TemplateError) {
        guard let indentation else { return }
        try interpreter.append(Text("\n" + String(repeating: indentation, count: level)), to: &text)
    }

    /// Python quotes in single quotes unless the text holds some and no double ones, and escapes what is unprintable.
    private func quoted(_ text: Text) -> Text {
        let prefersDouble = text.utf8.contains(UInt8(ascii: "'")) && !text.utf8.contains(UInt8(ascii: "\""))
        let quote: Unicode.Scalar = isJSON || prefersDouble ? "\"" : "'"
        let mark = Text(String(quote))
        var result = mark
        result.append(text.mapped { escaped($0, quote: quote) })
        result.append(mark)
        return result
    }

    private func escaped(_ text: String, quote: Unicode.Scalar) -> String {
        var quoted = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{08}" where isJSON: quoted += "\\b"
            case "\u{0C}" where isJSON: quoted += "\\f"
            case _ where isJSON ? scalar.value >= 0x20 : scalar.isPythonPrintable: quoted.unicodeScalars.append(scalar)
            default: quoted += escape(scalar.value)
            }
        }
        return quoted
    }

    private func escape(_ value: UInt32) -> String {
        let (letter, count) = value > 0xFFFF ? ("U", 8) : value > 0xFF || isJSON ? ("u", 4) : ("x", 2)
        let digits = String(value, radix: 16)
        return "\\" + letter + String(repeating: "0", count: count - digits.count) + digits
    }
}
