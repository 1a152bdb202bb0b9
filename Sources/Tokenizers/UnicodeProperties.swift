// Which code points are letters, numbers, marks and so on, for patterns: Unicode 16, whatever the installed Oniguruma
// knows, because the engine inside Hugging Face `tokenizers` (Oniguruma 6.9.10) knows Unicode 16 and Debian's (6.9.8)
// only Unicode 14. Without this, newly assigned letters would be cut differently. Knows no tokens.

import COniguruma

/// The general categories that tokenizers' patterns name.
enum UnicodeProperties {
    /// The version that patterns see.
    private static let version = (major: 16, minor: 0)

    /// Names in patterns and the categories that they stand for.
    private static let categories: [(name: String, members: Set<Unicode.GeneralCategory>)] = {
        let letters: [(String, Set<Unicode.GeneralCategory>)] = [
            ("Lu", [.uppercaseLetter]), ("Ll", [.lowercaseLetter]), ("Lt", [.titlecaseLetter]),
            ("Lm", [.modifierLetter]), ("Lo", [.otherLetter]),
        ]
        let marks: Set<Unicode.GeneralCategory> = [.nonspacingMark, .spacingMark, .enclosingMark]
        let punctuation: Set<Unicode.GeneralCategory> = [
            .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation,
        ]
        return letters + [
            ("L", letters.reduce(into: []) { $0.formUnion($1.1) }),
            ("M", marks),
            ("Nd", [.decimalNumber]),
            ("N", [.decimalNumber, .letterNumber, .otherNumber]),
            ("P", punctuation),
            ("S", [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol]),
        ]
    }()

    /// Readies the engine and installs the categories, once in a process; nil, or why it could not be done.
    static let installation: String? = {
        guard instill_onig_initialize() == ONIG_NORMAL else { return "Oniguruma does not start" }
        for (name, ranges) in ranges() {
            guard onig_unicode_define_user_property(name, leaked(ranges)) == ONIG_NORMAL else {
                return "Oniguruma refuses the property \(name)"
            }
        }
        return nil
    }()

    /// For each name, the code points of the category as first and last of each range.
    private static func ranges() -> [(name: String, ranges: [ClosedRange<UInt32>])] {
        var result = categories.map { (name: $0.name, ranges: [ClosedRange<UInt32>]()) }
        // Beyond these planes there is nothing but unassigned and private code points.
        for value in UInt32(0)..<0x4_0000 {
            guard let properties = Unicode.Scalar(value)?.properties, let age = properties.age,
                age <= version
            else { continue }
            let category = properties.generalCategory
            for index in categories.indices where categories[index].members.contains(category) {
                if let last = result[index].ranges.last, last.upperBound + 1 == value {
                    result[index].ranges[result[index].ranges.count - 1] = last.lowerBound...value
                } else {
                    result[index].ranges.append(value...value)
                }
            }
        }
        // Variation selectors, the only marks beyond plane 3.
        for index in categories.indices where categories[index].members.contains(.nonspacingMark) {
            result[index].ranges.append(0xE0100...0xE01EF)
        }
        return result
    }

    /// Ranges as Oniguruma reads them: their number, then first and last of each. It keeps the pointer for good.
    private static func leaked(_ ranges: [ClosedRange<UInt32>]) -> UnsafeMutablePointer<OnigCodePoint> {
        let words = [OnigCodePoint(ranges.count)] + ranges.flatMap { [$0.lowerBound, $0.upperBound] }
        let copy = UnsafeMutablePointer<OnigCodePoint>.allocate(capacity: words.count)
        copy.initialize(from: words, count: words.count)
        return copy
    }
}
