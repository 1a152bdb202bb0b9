// Python's string methods, called on a text marked safe or not. Methods of safe text give safe text and escape what
// they are given, as MarkupSafe's do.

extension TemplateInterpreter {
    func callMethod(_ name: String, ofText text: String, _ receiver: Value, _ arguments: CallArguments)
        throws(TemplateError) -> Value
    {
        if let result = try predicate(name, text, arguments) { return result }
        if let result = try transformed(name, text, arguments) { return receiver.withText(result) }
        switch name {
        case "split", "rsplit", "splitlines", "partition", "rpartition":
            return try pieces(name, text, receiver, arguments)
        case "find", "rfind", "index", "rindex", "count": return try search(name, text, arguments)
        case "join": return try join(text, receiver, arguments)
        case "replace": return try replace(text, receiver, arguments)
        case "format": return receiver.withText(try format(text, arguments, isSafe: receiver.isMarkup))
        default: return try padded(name, text, receiver, arguments)
        }
    }

    private func predicate(_ name: String, _ text: String, _ arguments: CallArguments) throws(TemplateError) -> Value? {
        let scalars = text.unicodeScalars
        let holds: Bool
        switch name {
        case "startswith", "endswith": return .boolean(try affixed(name, text, arguments))
        case "isspace": holds = !scalars.isEmpty && scalars.allSatisfy(\.isPythonSpace)
        case "isalpha": holds = !scalars.isEmpty && scalars.allSatisfy(\.isPythonAlphabetic)
        case "isalnum":
            holds = !scalars.isEmpty && scalars.allSatisfy { $0.isPythonAlphabetic || $0.properties.numericType != nil }
        case "isdecimal": holds = !scalars.isEmpty && scalars.allSatisfy { $0.properties.numericType == .decimal }
        case "isdigit":
            holds =
                !scalars.isEmpty
                && scalars.allSatisfy { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
        case "isnumeric": holds = !scalars.isEmpty && scalars.allSatisfy { $0.properties.numericType != nil }
        case "isascii": holds = scalars.allSatisfy(\.isASCII)
        case "islower": holds = text.isPythonLowercase
        case "isupper": holds = text.isPythonUppercase
        default: return nil
        }
        _ = try positional(arguments, 0...0, of: name)
        return .boolean(holds)
    }

    /// `startswith` and `endswith`, which take one text or a tuple of several.
    private func affixed(_ name: String, _ text: String, _ arguments: CallArguments) throws(TemplateError) -> Bool {
        let values = try positional(arguments, 1...3, of: name)
        let count = text.scalarCount
        let range = try bounds(values.dropFirst(), count: count, of: name)
        if values.count > 1, let start = values[1].integer, start > count { return false }
        let part =
            values.count == 1 ? text : String(text.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count))
        var affixes = [values[0]]
        if case .tuple(let several) = values[0] { affixes = several }
        for affix in affixes {
            let affix = try self.text(affix, of: name).utf8
            let matches =
                name == "startswith"
                ? part.utf8.starts(with: affix) : part.utf8.reversed().starts(with: affix.reversed())
            if matches { return true }
        }
        return false
    }

    /// The methods that give one text from another.
    private func transformed(_ name: String, _ text: String, _ arguments: CallArguments) throws(TemplateError)
        -> String?
    {
        switch name {
        case "strip", "lstrip", "rstrip":
            let values = try positional(arguments, 0...1, of: name)
            var characters: String?
            if let value = values.first, value != .null { characters = try self.text(value, of: name) }
            return text.stripped(of: characters, leading: name != "rstrip", trailing: name != "lstrip")
        case "removeprefix", "removesuffix":
            let affix = try self.text(try positional(arguments, 1...1, of: name)[0], of: name).utf8
            let isPrefix = name == "removeprefix"
            let matches = isPrefix ? text.utf8.starts(with: affix) : text.utf8.reversed().starts(with: affix.reversed())
            guard matches else { return text }
            return String(Substring(isPrefix ? text.utf8.dropFirst(affix.count) : text.utf8.dropLast(affix.count)))
        case "upper", "lower", "title", "capitalize", "swapcase":
            _ = try positional(arguments, 0...0, of: name)
        default: return nil
        }
        switch name {
        case "upper": return text.uppercased()
        case "lower": return text.pythonLowercased
        case "title": return text.pythonTitlecased
        case "capitalize": return text.pythonCapitalized
        default: return text.caseSwapped
        }
    }
}

// MARK: - Pieces and places

extension TemplateInterpreter {
    private func pieces(_ name: String, _ text: String, _ receiver: Value, _ arguments: CallArguments)
        throws(TemplateError) -> Value
    {
        var pieces: [String]
        switch name {
        case "splitlines":
            let keeps = try arguments.bound(to: ["keepends"], of: name, line: line)[0]
            pieces = text.lines(keepingEnds: keeps?.isTruthy ?? false)
        case "partition", "rpartition":
            let separator = try nonempty(try positional(arguments, 1...1, of: name)[0], of: name)
            let fromEnd = name == "rpartition"
            pieces = fromEnd ? splitFromEnd(text, separator, 1) : TextSearch(separator, in: text).split(limit: 1)
            pieces =
                pieces.count == 2 ? [pieces[0], separator, pieces[1]] : fromEnd ? ["", "", text] : [text, "", ""]
            return .tuple(pieces.map(receiver.withText))
        default:
            let values = try arguments.bound(to: ["sep", "maxsplit"], of: name, line: line)
            let given = try values[1].map { (value) throws(TemplateError) in try integer(value, of: name) } ?? -1
            let limit = given < 0 ? Int.max : given
            if let separator = values[0], separator != .null {
                let separator = try nonempty(separator, of: name)
                pieces =
                    name == "rsplit"
                    ? splitFromEnd(text, separator, limit) : TextSearch(separator, in: text).split(limit: limit)
            } else if name == "rsplit" {
                pieces = String(text.unicodeScalars.reversed()).words(limit: limit).reversed()
                    .map { String($0.unicodeScalars.reversed()) }
            } else {
                pieces = text.words(limit: limit)
            }
        }
        try charge(pieces.count)
        return .array(pieces.map(receiver.withText))
    }

    private func nonempty(_ value: Value, of method: String) throws(TemplateError) -> String {
        let separator = try text(value, of: method)
        guard !separator.isEmpty else {
            throw .invalidArgument(line: line, function: method, problem: "the separator is empty")
        }
        return separator
    }

    /// `rsplit`: separators are found from the right, which differs where they overlap.
    private func splitFromEnd(_ text: String, _ separator: String, _ limit: Int) -> [String] {
        func mirrored(_ text: String) -> String { String(text.unicodeScalars.reversed()) }
        return TextSearch(mirrored(separator), in: mirrored(text)).split(limit: limit).reversed().map(mirrored)
    }

    private func search(_ name: String, _ text: String, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try positional(arguments, 1...3, of: name)
        let needle = try self.text(values[0], of: name)
        let count = text.scalarCount
        let range = try bounds(values.dropFirst(), count: count, of: name)
        let isBeyond = values.count > 1 && (values[1].integer ?? 0) > count
        let part =
            values.count == 1 ? text : String(text.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count))
        if name == "count" {
            if needle.isEmpty { return .int(isBeyond ? 0 : range.count + 1) }
            return .int(TextSearch(needle, in: part).starts().count)
        }
        var place: Int?
        if needle.isEmpty {
            place = isBeyond ? nil : name.hasPrefix("r") ? range.upperBound : range.lowerBound
        } else if name.hasPrefix("r") {
            let pieces = splitFromEnd(part, needle, 1)
            place = pieces.count == 2 ? range.lowerBound + pieces[0].scalarCount : nil
        } else {
            let pieces = TextSearch(needle, in: part).split(limit: 1)
            place = pieces.count == 2 ? range.lowerBound + pieces[0].scalarCount : nil
        }
        if place == nil, name.hasSuffix("index") {
            throw .invalidArgument(line: line, function: name, problem: "the text does not hold '\(needle.prefix(40))'")
        }
        return .int(place ?? -1)
    }
}

// MARK: - Building text

extension TemplateInterpreter {
    private func join(_ separator: String, _ receiver: Value, _ arguments: CallArguments) throws(TemplateError) -> Value
    {
        var joined = ""
        for (index, element) in try elements(of: try positional(arguments, 1...1, of: "join")[0]).enumerated() {
            if index > 0 { try append(separator, to: &joined) }
            let piece = receiver.isMarkup ? try text(element) : try text(element, of: "join")
            try append(receiver.isMarkup && !element.isMarkup ? piece.htmlEscaped : piece, to: &joined)
        }
        return receiver.withText(joined)
    }

    private func replace(_ text: String, _ receiver: Value, _ arguments: CallArguments) throws(TemplateError) -> Value {
        let values = try positional(arguments, 2...3, of: "replace")
        let limit = values.count > 2 ? try integer(values[2], of: "replace") : -1
        let old = try self.text(values[0], of: "replace")
        let new = try self.text(values[1], of: "replace")
        let escapes = receiver.isMarkup && !values[1].isMarkup
        return receiver.withText(try replacing(old, in: text, with: escapes ? new.htmlEscaped : new, limit: limit))
    }

    /// `text` with at most `limit` occurrences replaced, all of them if it is negative. Nothing stands before every
    /// character and at the end.
    func replacing(_ old: String, in text: String, with new: String, limit: Int) throws(TemplateError) -> String {
        let limit = limit < 0 ? Int.max : limit
        var result = ""
        if old.isEmpty {
            var count = 0
            for scalar in text.unicodeScalars {
                if count < limit { try append(new, to: &result) }
                count += 1
                result.unicodeScalars.append(scalar)
            }
            if count < limit { try append(new, to: &result) }
            return result
        }
        for (index, piece) in TextSearch(old, in: text).split(limit: limit).enumerated() {
            if index > 0 { try append(new, to: &result) }
            try append(piece, to: &result)
        }
        return result
    }

    private func padded(_ name: String, _ text: String, _ receiver: Value, _ arguments: CallArguments)
        throws(TemplateError) -> Value
    {
        let values = try positional(arguments, name == "zfill" ? 1...1 : 1...2, of: name)
        let missing = max(
            0, try integer(values[0], of: name).subtractingReportingOverflow(text.scalarCount).partialValue)
        try reserve(text.utf8.count, plus: missing)
        let fill = values.count > 1 ? try self.text(values[1], of: name) : " "
        guard fill.scalarCount == 1 else {
            throw .invalidArgument(line: line, function: name, problem: "the fill must be one character")
        }
        func filling(_ count: Int) -> String { String(repeating: fill, count: count) }
        switch name {
        case "ljust": return receiver.withText(text + filling(missing))
        case "rjust": return receiver.withText(filling(missing) + text)
        case "zfill":
            let sign = text.first.map { $0 == "-" || $0 == "+" } == true ? 1 : 0
            let zeros = String(repeating: "0", count: missing)
            return receiver.withText(text.prefix(sign) + zeros + text.dropFirst(sign))
        default:
            // An odd space left over goes to the left when the width is odd, as CPython has it.
            let left = missing / 2 + (missing & (text.scalarCount + missing) & 1)
            return receiver.withText(filling(left) + text + filling(missing - left))
        }
    }
}

extension String {
    var isPythonLowercase: Bool {
        unicodeScalars.contains(where: \.properties.isLowercase)
            && !unicodeScalars.contains {
                $0.properties.isUppercase || $0.properties.generalCategory == .titlecaseLetter
            }
    }

    var isPythonUppercase: Bool {
        unicodeScalars.contains(where: \.properties.isUppercase)
            && !unicodeScalars.contains {
                $0.properties.isLowercase || $0.properties.generalCategory == .titlecaseLetter
            }
    }
}
