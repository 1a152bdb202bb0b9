// What scripts differ in that matters to words: whether they part words by spaces, and whether they have capitals. Knows
// characters, not words.

enum Script {
    /// Whether words of the scalar's script follow each other without a space: Chinese, Japanese, Thai, Lao, Khmer, Burmese and
    /// their kin.
    static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0xE00: false
        case 0xE00...0xEFF, 0x1000...0x109F, 0x1780...0x17FF, 0x1950...0x19FF, 0x1A20...0x1AAF: true
        case 0x2E80...0x2FDF, 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x312F, 0x31A0...0x31FF: true
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA9E0...0xA9FF, 0xAA60...0xAA7F: true
        case 0xF900...0xFAFF, 0xFF66...0xFF9D, 0x1B000...0x1B16F, 0x20000...0x3FFFF: true
        default: false
        }
    }

    /// Thai and Lao, which put a space between sentences and no mark.
    static func endsSentencesWithSpaces(_ scalar: Unicode.Scalar) -> Bool { (0xE00...0xEFF).contains(scalar.value) }

    static func isHangul(_ scalar: Unicode.Scalar) -> Bool {
        (0xAC00...0xD7A3).contains(scalar.value) || (0x1100...0x11FF).contains(scalar.value)
    }

    static func isGreek(_ scalar: Unicode.Scalar) -> Bool {
        (0x370...0x3FF).contains(scalar.value) || (0x1F00...0x1FFF).contains(scalar.value)
    }

    /// Whether the scalar is a letter, and no Latin one.
    static func isOtherThanLatin(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x250, 0x1E00..<0x1F00, 0x2C60..<0x2C80, 0xA720..<0xA800, 0xAB30..<0xAB70: false
        default: scalar.properties.isAlphabetic
        }
    }

    /// Whether a small letter stands for a word that has no capital. Georgian has capitals for whole headings alone, so its
    /// letters count as small ones in Unicode and say nothing.
    static func isSmall(_ character: Character) -> Bool {
        character.isLowercase && !(character.unicodeScalars.first.map(isGeorgian) ?? false)
    }

    /// Whether the scalar is a letter of a script in which names have capitals.
    static func hasCapitals(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isCased && !isGeorgian(scalar)
    }

    private static func isGeorgian(_ scalar: Unicode.Scalar) -> Bool {
        (0x10D0...0x10FF).contains(scalar.value) || (0x1C90...0x1CBF).contains(scalar.value)
    }
}
