// `'%s' % values` and `'{}'.format(values)`, with the fields that templates use: texts, whole numbers, decimals, and
// their widths.

import OrderedCollections

/// One field's conversion, width and precision.
private struct FormatField {
    var fill: Unicode.Scalar = " "
    var alignsLeft: Bool?
    var showsSign = false
    var width = 0
    var precision: Int?
    var conversion: Unicode.Scalar = "s"
}

private typealias Scalars = Substring.UnicodeScalarView

extension TemplateInterpreter {
    /// `format % values`.
    func formatPercent(_ format: String, _ values: Value, isSafe: Bool) throws(TemplateError) -> Value {
        var rest: [Value] = [values]
        if case .tuple(let several) = values { rest = several }
        var result = ""
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                try append(String(Character(scalar)), to: &result)
                continue
            }
            let named = try namedValue(&scalars, values, format)
            let field = try percentField(&scalars, format)
            guard field.conversion != "%" else {
                try append("%", to: &result)
                continue
            }
            guard let value = named ?? rest.first else { throw badField("too few values", format) }
            if named == nil { rest.removeFirst() }
            let text = try formatted(value, field, of: format)
            try append(isSafe && !value.isMarkup ? text.htmlEscaped : text, to: &result)
        }
        guard rest.isEmpty || values.hasElements else { throw badField("too many values", format) }
        return isSafe ? .runtime(.markup(result)) : .string(result)
    }

    /// The value that `(name)` after a percent sign asks for; nil where no name stands there.
    private func namedValue(_ scalars: inout Scalars, _ values: Value, _ format: String) throws(TemplateError) -> Value?
    {
        guard scalars.first == "(" else { return nil }
        guard case .object(let entries) = values, let end = scalars.firstIndex(of: ")"),
            let value = entries[Value.Key(String(scalars[..<end].dropFirst()))]
        else { throw badField("a name without its value", format) }
        scalars = scalars[scalars.index(after: end)...]
        return value
    }

    private func badField(_ problem: String, _ format: String) -> TemplateError {
        .invalidArgument(line: line, function: "formatting '\(format.prefix(40))'", problem: problem)
    }

    private func percentField(_ scalars: inout Scalars, _ format: String) throws(TemplateError) -> FormatField {
        var field = FormatField()
        while let flag = scalars.first, "-0+ #".unicodeScalars.contains(flag) {
            scalars.removeFirst()
            switch flag {
            case "-": field.alignsLeft = true
            case "0": field.fill = "0"
            case "+": field.showsSign = true
            default: throw badField("the flag '\(flag)' is not supported", format)
            }
        }
        if field.alignsLeft == true { field.fill = " " }
        try sizes(&scalars, &field, format)
        guard let conversion = scalars.popFirst(), "sdirfF%".unicodeScalars.contains(conversion) else {
            throw badField("supported fields are %s, %r, %d, %i, %f and %%", format)
        }
        field.conversion = conversion == "i" ? "d" : conversion == "F" ? "f" : conversion
        return field
    }

    private func sizes(_ scalars: inout Scalars, _ field: inout FormatField, _ format: String) throws(TemplateError) {
        field.width = try size(&scalars, format) ?? 0
        if scalars.first == "." {
            scalars.removeFirst()
            field.precision = try size(&scalars, format) ?? 0
        }
    }

    private func size(_ scalars: inout Scalars, _ format: String) throws(TemplateError) -> Int? {
        let digits = String(scalars.prefix(while: \.isASCIIDigit))
        scalars = scalars.dropFirst(digits.utf8.count)
        guard !digits.isEmpty else { return nil }
        guard let size = Int(digits), size <= 10_000 else { throw badField("a size of \(digits) is too large", format) }
        return size
    }

    private func formatted(_ value: Value, _ field: FormatField, of format: String) throws(TemplateError) -> String {
        var text: String
        switch field.conversion {
        case "s", "r":
            text = field.conversion == "s" ? try self.text(value) : try representation(value)
            if let precision = field.precision { text = String(text.unicodeScalars.prefix(precision)) }
        case "d":
            guard let number = value.integer ?? value.number.flatMap(Int.init(truncating:)) else {
                throw invalid("'%d'", value)
            }
            let digits = String(number.magnitude)
            let zeros = String(repeating: "0", count: max(0, (field.precision ?? 0) - digits.count))
            text = (number < 0 ? "-" : field.showsSign ? "+" : "") + zeros + digits
        default:
            guard let number = value.number else { throw invalid("'%f'", value) }
            guard number.isFinite else { throw badField("a number that is not finite", format) }
            text =
                (field.showsSign && number >= 0 ? "+" : "") + PythonNumbers.fixed(number, places: field.precision ?? 6)
        }
        return padded(text, field)
    }

    private func padded(_ text: String, _ field: FormatField) -> String {
        let padding = String(repeating: String(Character(field.fill)), count: max(0, field.width - text.scalarCount))
        let isNumber = field.conversion == "d" || field.conversion == "f"
        if field.alignsLeft ?? false { return text + padding }
        if field.fill == "0", isNumber, let sign = text.first, sign == "-" || sign == "+" {
            return String(sign) + padding + text.dropFirst()
        }
        return padding + text
    }
}

extension Value {
    /// What Python takes for a dictionary when it formats by `%`, none of whose entries need be used.
    fileprivate var hasElements: Bool {
        switch self {
        case .string, .tuple: false
        case .object, .undefined: true
        default: isSequence && text == nil
        }
    }
}

// MARK: - str.format

extension TemplateInterpreter {
    /// `format.format(arguments)`.
    func format(_ format: String, _ arguments: CallArguments, isSafe: Bool) throws(TemplateError) -> String {
        var result = ""
        var automatic = 0
        var scalars = format.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "{" || scalar == "}", scalars.first == scalar {
                scalars.removeFirst()
                try append(String(Character(scalar)), to: &result)
            } else if scalar == "{" {
                guard let end = scalars.firstIndex(of: "}") else { throw badField("a '{' without its '}'", format) }
                let value = try field(Substring(scalars[..<end]), arguments, &automatic, format)
                try append(isSafe && !value.isSafe ? value.text.htmlEscaped : value.text, to: &result)
                scalars = scalars[scalars.index(after: end)...]
            } else if scalar == "}" {
                throw badField("a '}' without its '{'", format)
            } else {
                try append(String(Character(scalar)), to: &result)
            }
        }
        return result
    }

    /// What `{name!conversion:specification}` gives.
    private func field(
        _ field: Substring, _ arguments: CallArguments, _ automatic: inout Int, _ format: String
    ) throws(TemplateError) -> (text: String, isSafe: Bool) {
        let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let named = parts[0].split(separator: "!", maxSplits: 1, omittingEmptySubsequences: false)
        let value = try argument(String(named[0]), arguments, &automatic, format)
        let specification = parts.count > 1 ? parts[1] : ""
        if named.count > 1 {
            guard named[1] == "s" || named[1] == "r" else { throw badField("the conversion '\(named[1])'", format) }
            let text = named[1] == "s" ? try self.text(value) : try representation(value)
            return (try specified(.string(text), specification, format), false)
        }
        return (try specified(value, specification, format), value.isMarkup)
    }

    private func argument(_ name: String, _ arguments: CallArguments, _ automatic: inout Int, _ format: String)
        throws(TemplateError) -> Value
    {
        if name.isEmpty || Int(name) != nil {
            // Python refuses to mix fields with and without numbers; after a number no automatic one may follow.
            guard name.isEmpty ? automatic >= 0 : automatic <= 0 else {
                throw badField("numbers for some fields only", format)
            }
            let index = Int(name) ?? automatic
            automatic = name.isEmpty ? automatic + 1 : -1
            guard arguments.positional.indices.contains(index) else { throw badField("too few values", format) }
            return arguments.positional[index]
        }
        guard let value = arguments.keyword[name] else { throw badField("no value named '\(name)'", format) }
        return value
    }

    private func specified(_ value: Value, _ specification: Substring, _ format: String) throws(TemplateError) -> String
    {
        if specification.isEmpty { return try text(value) }
        var rest = specification.unicodeScalars[...]
        var field = FormatField(conversion: value.text != nil ? "s" : value.integer != nil ? "d" : "f")
        if let alignment = rest.dropFirst().first, alignment == "<" || alignment == ">" {
            field.fill = rest.removeFirst()
        }
        if let alignment = rest.first, alignment == "<" || alignment == ">" {
            field.alignsLeft = rest.removeFirst() == "<"
        } else if rest.first == "0" {
            field.fill = rest.removeFirst()
        }
        try sizes(&rest, &field, format)
        if let conversion = rest.popFirst() {
            guard rest.isEmpty, "sdf".unicodeScalars.contains(conversion) else {
                throw badField("supported are {:s}, {:d} and {:f} with alignment, width and precision", format)
            }
            field.conversion = conversion
        } else if field.conversion == "f" {
            throw badField("a number that is not whole needs {:f}", format)
        }
        guard field.conversion != "s" || value.text != nil, field.conversion != "d" || value.integer != nil else {
            throw invalid("'{:\(specification)}'", value)
        }
        if field.conversion == "s", field.alignsLeft == nil { field.alignsLeft = true }
        return try formatted(value, field, of: format)
    }
}

extension Int {
    /// The whole part of `number`; nil beyond 64 bits.
    init?(truncating number: Double) {
        self.init(exactly: number.rounded(.towardZero))
    }
}
