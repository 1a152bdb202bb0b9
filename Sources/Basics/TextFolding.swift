// Texts that read alike as the same characters, for whatever compares texts. What models and people read stays as its author
// wrote it. Knows no words and no case.

import Foundation

extension String {
    /// The text as a reader takes it, in NFKC (UAX #15), which makes one of ligatures, full-width forms, no-break spaces and
    /// combining marks and what they stand for; with one kind of quote, apostrophe and hyphen; and without characters that are
    /// not seen: soft hyphens, zero-width spaces and joiners, direction marks. Case, and what is ASCII, stay.
    ///
    /// NFKC alone would take 10² for 102 and 3½ for 31⁄2: these become 10^2 and 3 1/2.
    public var foldedForComparison: String {
        guard utf8.contains(where: { $0 > 0x7F }) else { return self }
        var folded = UnicodeScalarView()
        var isBehindDigit = false
        var hasFraction = false
        for scalar in unicodeScalars where !scalar.isUnseen {
            if isBehindDigit, scalar.isSuperscript { folded.append("^") }
            if isBehindDigit, scalar.isFraction { folded.append(" ") }
            hasFraction = hasFraction || scalar.isFraction
            folded.append(scalar.plainMark ?? scalar)
            isBehindDigit = scalar.properties.numericType == .decimal
        }
        // Foundation's NFKC leaves the voice marks of half-width kana apart.
        let composed = String(folded).precomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
        // NFKC writes fractions with a slash of their own.
        return hasFraction ? composed.replacing("\u{2044}", with: "/") : composed
    }
}

extension Unicode.Scalar {
    /// Whether nothing is drawn for it: what Unicode calls default ignorable, and the Arabic stroke that only widens a word.
    fileprivate var isUnseen: Bool { value > 0x7F && properties.isDefaultIgnorableCodePoint || self == "\u{0640}" }

    /// Digits and signs set as an exponent.
    fileprivate var isSuperscript: Bool {
        switch value {
        case 0xB2, 0xB3, 0xB9, 0x2070, 0x2074...0x207B: true
        default: false
        }
    }

    fileprivate var isFraction: Bool {
        switch value {
        case 0xBC...0xBE, 0x2150...0x215F, 0x2189: true
        default: false
        }
    }

    /// The ASCII mark that is typed for a typographic one; nil for what is none.
    fileprivate var plainMark: Unicode.Scalar? {
        switch self {
        case "“", "”", "„", "‟", "«", "»", "‹", "›", "″", "〝", "〞", "〟", "＂": "\""
        case "‘", "’", "‚", "‛", "′", "´", "ʼ", "＇": "'"
        case "‐", "‑", "‒", "–", "—", "―", "−", "⁻": "-"
        case "⁄", "∕": "/"
        default: nil
        }
    }
}
