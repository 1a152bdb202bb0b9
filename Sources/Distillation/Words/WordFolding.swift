// The letters and digits of a text as words are compared by: what Basics folds, and beyond it what differs in spelling alone.
// Knows characters, not words.

import Basics
import Foundation

enum WordFolding {
    /// The text's characters with digits of all scripts as ASCII ones, and without accents that are left out as people like:
    /// Greek ones, Arabic and Hebrew vowel points. ß is ss, ё is е, the Turkish i's are i, the forms of alef, yeh and kaf one each.
    /// Latin accents stay, since they part words. Case stays too.
    static func scalars(_ text: String) -> [Unicode.Scalar] {
        guard text.utf8.contains(where: { $0 > 0x7F }) else { return Array(text.unicodeScalars) }
        var folded: [Unicode.Scalar] = []
        for scalar in text.foldedForComparison.unicodeScalars {
            if scalar.isASCII {
                folded.append(scalar)
            } else if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
                folded.append(Unicode.Scalar(UInt8(ascii: "0") + UInt8(value)))
            } else if Script.isGreek(scalar) {
                folded.append(withoutAccent(scalar))
            } else if !isVowelPoint(scalar) {
                folded += alike[scalar] ?? [scalar]
            }
        }
        return folded
    }

    private static let alike: [Unicode.Scalar: [Unicode.Scalar]] = [
        "ß": ["s", "s"], "ẞ": ["S", "S"], "İ": ["I"], "ı": ["i"],
        "ё": ["е"], "Ё": ["Е"],
        "أ": ["ا"], "إ": ["ا"], "آ": ["ا"], "ٱ": ["ا"], "ى": ["ي"], "ی": ["ي"], "ک": ["ك"],
        "٪": ["%"], "٫": ["."], "٬": [","], "׳": ["'"], "״": ["\""], "־": ["-"],
    ]

    private static func withoutAccent(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let base = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.first ?? scalar
        return base == "ς" ? "σ" : base
    }

    private static func isVowelPoint(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // A dot above i is what lower-casing makes of a Turkish capital, a Greek accent what decomposing leaves.
        case 0x307, 0x345: true
        case 0x591...0x5BD, 0x5BF, 0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7: true
        case 0x610...0x61A, 0x64B...0x65F, 0x670, 0x6D6...0x6DC, 0x6DF...0x6E4, 0x6E7, 0x6E8, 0x6EA...0x6ED: true
        default: false
        }
    }
}
