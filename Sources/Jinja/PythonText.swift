// Python's string operations on Swift strings, by code points, and numbers the way Python prints them.
// Pure functions; they know nothing of values or templates.

extension Unicode.Scalar {
    /// Python's `str.isspace` for one character.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
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
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }

    /// `str.lower`. Swift maps each character alone, Python knows the sigma that ends a word.
    var pythonLowercased: String {
        let scalars = Array(unicodeScalars)
        guard scalars.contains("\u{3A3}") else { return lowercased() }
        return scalars.indices.reduce(into: "") { text, index in
            guard scalars[index] == "\u{3A3}" else {
                text += scalars[index].properties.lowercaseMapping
                return
            }
            let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
            let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
            let endsWord = before?.properties.isCased == true && after?.properties.isCased != true
            text += endsWord ? "\u{3C2}" : "\u{3C3}"
        }
    }
}

extension Double {
    /// `repr(float)`. Swift turns to exponents at 2 to the power of 53, Python at 10 to that of 16.
    var pythonText: String { (0x1p53..<1e16).contains(magnitude) ? "\(Int(self)).0" : description }

    var jsonText: String {
        if isNaN { return "NaN" }
        return isInfinite ? (self < 0 ? "-Infinity" : "Infinity") : pythonText
    }
}
