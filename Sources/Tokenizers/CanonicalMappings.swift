// What canonical composition needs to know of single code points: how each comes apart, which two come together, and in
// what order marks stand. Knows no texts. Source: Unicode Standard Annex 15, as of Unicode 9.

import Foundation

/// The canonical mappings of Unicode 9: to them, a code point assigned later combines with nothing.
struct CanonicalMappings: Sendable {
    /// The mappings; made when the first text needs them.
    static let shared = CanonicalMappings()
    /// The same, but code points come apart into those that they are compatible with as well.
    static let compatible: CanonicalMappings = {
        var mappings = shared
        for scalar in (0xA0..<0x3_0000 as Range<UInt32>).compactMap(Unicode.Scalar.init) where isAssigned(scalar) {
            let parts = Array(String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars)
            if parts != [scalar] { mappings.decompositions[scalar.value] = parts }
        }
        return mappings
    }()

    private static let version = (major: 9, minor: 0)
    /// All that comes apart, Hangul aside, lies in these blocks.
    private static let blocks: [Range<UInt32>] = [
        0xC0..<0x3100, 0xF900..<0xFB50, 0x1_1000..<0x1_1600, 0x1_D100..<0x1_D200, 0x2_F800..<0x2_FA20,
    ]

    private var decompositions: [UInt32: [Unicode.Scalar]] = [:]
    private var compositions: [UInt64: Unicode.Scalar] = [:]

    private init() {
        var excluded: [UInt32] = []
        for scalar in Self.blocks.joined().compactMap(Unicode.Scalar.init) where Self.isAssigned(scalar) {
            let parts = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
            if parts == [scalar] { continue }
            decompositions[scalar.value] = parts
            if scalar.properties.isFullCompositionExclusion { excluded.append(scalar.value) }
        }
        let byParts = Dictionary(
            decompositions.filter { !excluded.contains($0.key) }.map { ($0.value, $0.key) }, uniquingKeysWith: min)
        for (parts, composite) in byParts {
            // What three parts make is made of what the first two make and the third.
            let first = parts.count == 2 ? parts[0].value : byParts[Array(parts.dropLast())]
            guard let first, let last = parts.last else { continue }
            compositions[Self.pair(first, last.value)] = Unicode.Scalar(composite)
        }
    }

    /// The code points that `scalar` is made of, or nil if it does not come apart.
    func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        Hangul.decomposition(of: scalar) ?? decompositions[scalar.value]
    }

    /// The code point that `first` and `second` make together, if there is one.
    func composition(of first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        Hangul.composition(of: first, second) ?? compositions[Self.pair(first.value, second.value)]
    }

    /// Where a mark stands among others; 0 for what is no mark.
    static func combiningClass(of scalar: Unicode.Scalar) -> UInt8 {
        let combiningClass = scalar.properties.canonicalCombiningClass.rawValue
        return combiningClass == 0 || isAssigned(scalar) ? combiningClass : 0
    }

    private static func isAssigned(_ scalar: Unicode.Scalar) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return age <= version
    }

    private static func pair(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 32 | UInt64(second) }
}

/// Hangul syllables, which are composed by arithmetic (the Unicode Standard, section 3.12).
private enum Hangul {
    private static let syllables: UInt32 = 0xAC00
    private static let leading: UInt32 = 0x1100
    private static let vowels: UInt32 = 0x1161
    /// One before the first trailing consonant: 0 stands for none.
    private static let trailing: UInt32 = 0x11A7
    private static let leadingCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    private static let trailingCount: UInt32 = 28

    static func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        let count = leadingCount * vowelCount * trailingCount
        guard (syllables..<syllables + count).contains(scalar.value) else { return nil }
        let index = scalar.value - syllables
        let (pair, last) = index.quotientAndRemainder(dividingBy: trailingCount)
        let parts = [leading + pair / vowelCount, vowels + pair % vowelCount, trailing + last]
        return parts.prefix(last == 0 ? 2 : 3).compactMap(Unicode.Scalar.init)
    }

    static func composition(of first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        let (first, second) = (first.value, second.value)
        if (leading..<leading + leadingCount).contains(first), (vowels..<vowels + vowelCount).contains(second) {
            return Unicode.Scalar(syllables + ((first - leading) * vowelCount + second - vowels) * trailingCount)
        }
        let isOpen =
            first >= syllables && (first - syllables).isMultiple(of: trailingCount)
            && first < syllables + leadingCount * vowelCount * trailingCount
        guard isOpen, (trailing + 1..<trailing + trailingCount).contains(second) else { return nil }
        return Unicode.Scalar(first + second - trailing)
    }
}
