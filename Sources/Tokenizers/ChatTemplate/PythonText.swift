// Python's string operations on Swift strings, by code points: what `str` calls white space, a line, upper case.
// Pure functions of text; they know nothing of values or templates.

extension Unicode.Scalar {
    /// Python's `str.isspace` for one character.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
        case 0..<0x100: false
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Where Python's `str.splitlines` ends a line.
    var isPythonLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Python's `str.isprintable` for one character: what `repr` does not escape.
    var isPythonPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }

    var isPythonAlphabetic: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}

extension String {
    /// Number of code points.
    var scalarCount: Int { unicodeScalars.count }

    /// `str.strip`, `lstrip` or `rstrip`; without `characters` it is white space that goes.
    func stripped(of characters: String?, leading: Bool = true, trailing: Bool = true) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
        var rest = unicodeScalars[...]
        if leading { rest = rest.drop(while: goes) }
        if trailing { while let last = rest.last, goes(last) { rest.removeLast() } }
        return String(rest)
    }

    /// `str.splitlines`.
    func lines(keepingEnds: Bool = false) -> [String] {
        var lines: [String] = []
        var rest = unicodeScalars[...]
        while let end = rest.firstIndex(where: \.isPythonLineBreak) {
            var next = rest.index(after: end)
            if rest[end] == "\r", next < rest.endIndex, rest[next] == "\n" { next = rest.index(after: next) }
            lines.append(String(rest[..<(keepingEnds ? next : end)]))
            rest = rest[next...]
        }
        if !rest.isEmpty { lines.append(String(rest)) }
        return lines
    }

    /// `str.split(None, limit)`: the words between white space, the rest in one piece after `limit` splits.
    func words(limit: Int) -> [String] {
        var words: [String] = []
        var rest = unicodeScalars.drop(while: \.isPythonSpace)
        while !rest.isEmpty {
            if words.count == limit {
                words.append(String(rest).stripped(of: nil, leading: false))
                break
            }
            let end = rest.firstIndex(where: \.isPythonSpace) ?? rest.endIndex
            words.append(String(rest[..<end]))
            rest = rest[end...].drop(while: \.isPythonSpace)
        }
        return words
    }

    /// `str.lower`. Swift maps each character alone, Python knows the sigma that ends a word.
    var pythonLowercased: String {
        guard unicodeScalars.contains(Self.sigma) else { return lowercased() }
        let scalars = Array(unicodeScalars)
        return scalars.indices.reduce(into: "") { $0 += Self.lowercase(scalars, at: $1) }
    }

    private static let sigma: Unicode.Scalar = "\u{3A3}"

    private static func lowercase(_ scalars: [Unicode.Scalar], at index: Int) -> String {
        guard scalars[index] == sigma else { return scalars[index].properties.lowercaseMapping }
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        let endsWord = before?.properties.isCased == true && after?.properties.isCased != true
        return endsWord ? "\u{3C2}" : "\u{3C3}"
    }

    /// `str.capitalize`.
    var pythonCapitalized: String {
        let scalars = Array(unicodeScalars)
        return scalars.indices.reduce(into: "") {
            $0 += $1 == 0 ? scalars[0].properties.titlecaseMapping : Self.lowercase(scalars, at: $1)
        }
    }

    /// `str.title`: every run of cased characters capitalized.
    var pythonTitlecased: String {
        let scalars = Array(unicodeScalars)
        return scalars.indices.reduce(into: "") {
            let followsCased = $1 > 0 && scalars[$1 - 1].properties.isCased
            $0 += followsCased ? Self.lowercase(scalars, at: $1) : scalars[$1].properties.titlecaseMapping
        }
    }

    /// `str.swapcase`.
    var caseSwapped: String {
        let scalars = Array(unicodeScalars)
        return scalars.indices.reduce(into: "") {
            let properties = scalars[$1].properties
            $0 += properties.isUppercase ? Self.lowercase(scalars, at: $1) : properties.uppercaseMapping
        }
    }

    /// Jinja's `title` filter: words begin after white space, hyphens and opening brackets.
    var templateTitlecased: String {
        var title = ""
        var word = String.UnicodeScalarView()
        func closeWord() {
            guard let first = word.first else { return }
            title += String(Character(first)).uppercased() + String(word.dropFirst()).pythonLowercased
            word = String.UnicodeScalarView()
        }
        for scalar in unicodeScalars {
            if scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar) {
                closeWord()
                title.unicodeScalars.append(scalar)
            } else {
                word.append(scalar)
            }
        }
        closeWord()
        return title
    }

    /// HTML's special characters as entities, as MarkupSafe writes them.
    var htmlEscaped: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "'": text += "&#39;"
            case "\"": text += "&#34;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}

/// Finds a text's occurrences in another in linear time, whatever the two are (Knuth, Morris and Pratt), bytewise:
/// in UTF-8 a code point never matches inside another.
struct TextSearch {
    private let text: [UInt8]
    private let needle: [UInt8]

    init(_ needle: String, in text: String) {
        self.text = Array(text.utf8)
        self.needle = Array(needle.utf8)
    }

    /// The bytes at which the non-empty needle starts, from the left and without overlaps, at most `limit` of them.
    func starts(limit: Int = .max) -> [Int] {
        guard !needle.isEmpty, limit > 0 else { return [] }
        let fallback = borders()
        var starts: [Int] = []
        var matched = 0
        for (index, byte) in text.enumerated() {
            while matched > 0, byte != needle[matched] { matched = fallback[matched - 1] }
            if byte == needle[matched] { matched += 1 }
            guard matched == needle.count else { continue }
            starts.append(index + 1 - matched)
            if starts.count == limit { break }
            matched = 0
        }
        return starts
    }

    /// The pieces between the occurrences.
    func split(limit: Int = .max) -> [String] {
        var pieces: [String] = []
        var begin = 0
        for start in starts(limit: limit) {
            pieces.append(String(decoding: text[begin..<start], as: UTF8.self))
            begin = start + needle.count
        }
        pieces.append(String(decoding: text[begin...], as: UTF8.self))
        return pieces
    }

    /// For each prefix of the needle, the length of its longest proper border.
    private func borders() -> [Int] {
        var borders = Array(repeating: 0, count: needle.count)
        var length = 0
        for index in needle.indices.dropFirst() {
            while length > 0, needle[index] != needle[length] { length = borders[length - 1] }
            if needle[index] == needle[length] { length += 1 }
            borders[index] = length
        }
        return borders
    }
}
