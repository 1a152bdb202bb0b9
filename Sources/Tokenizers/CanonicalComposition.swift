// Unicode canonical composition (NFC), with compatibility mappings too (NFKC), and the decomposition that it begins with, as
// Hugging Face `tokenizers` does them, with the tables of Unicode 9. Knows text only.
//
// Not Foundation's, because it differs: its tables are newer, it takes the three Tibetan vowel signs that decompose
// into two marks for boundaries, and it composes a code point beyond U+FFFF as if it were its lower sixteen bits.
// Source: Unicode Standard Annex 15, section 1.3; the Unicode Standard, section 3.11.

enum CanonicalComposition {
    /// `text` composed (NFC, with `compatibility` NFKC), or nil if one quick pass shows that it is composed already.
    static func normalize(_ text: UnsafeBufferPointer<UInt8>, compatibility: Bool = false) -> [UInt8]? {
        let isPlain = compatibility ? \.isASCII : isPlain
        // Below U+0300, whose first byte is 0xCC, every code point is composed and none combines.
        if text.allSatisfy({ $0 < (compatibility ? 0x80 : 0xCC) }) { return nil }
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        if scalars.allSatisfy(isPlain) { return nil }

        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        // Everything up to the next plain code point, which combines with nothing before it.
        var stretch: [Unicode.Scalar] = []
        func write() {
            if stretch.count > 1 || !(stretch.first.map(isPlain) ?? true) {
                compose(&stretch, compatibility ? .compatible : .shared)
            }
            for scalar in stretch { output.append(contentsOf: scalar.utf8) }
            stretch.removeAll(keepingCapacity: true)
        }
        for scalar in scalars {
            if isPlain(scalar) { write() }
            stretch.append(scalar)
        }
        write()
        return output
    }

    /// Whether a code point is composed and never combines with one before it: those of the commonest blocks.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Latin; Cyrillic letters; punctuation; kana without the voicing marks; ideographs; Hangul syllables;
        // full-width forms; pictographs.
        case 0..<0x300, 0x400...0x482, 0x2010...0x2027, 0x3001...0x3029, 0x3041...0x3096, 0x309D...0x30FF,
            0x4E00...0x9FCC, 0xAC00...0xD7A3, 0xFF01...0xFFEE, 0x1F300...0x1F64F:
            true
        default: false
        }
    }

    private static func compose(_ scalars: inout [Unicode.Scalar], _ mappings: CanonicalMappings) {
        let (parts, classes) = decompose(scalars, mappings)
        scalars.removeAll(keepingCapacity: true)

        var starter: Int?
        // The class of the last mark kept behind the starter: it hides it from marks of the same class or a lower one.
        var lastClass: UInt8 = 0
        for (scalar, combiningClass) in zip(parts, classes) {
            let isAdjacent = starter.map { $0 == scalars.count - 1 } ?? false
            if let starter, isAdjacent || lastClass < combiningClass,
                let composite = mappings.composition(of: scalars[starter], scalar)
            {
                scalars[starter] = composite
                continue
            }
            scalars.append(scalar)
            if combiningClass == 0 { starter = scalars.count - 1 }
            lastClass = combiningClass
        }
    }

    /// Code points taken apart (NFD), and their classes.
    static func decompose(
        _ scalars: [Unicode.Scalar], _ mappings: CanonicalMappings = .shared
    ) -> (parts: [Unicode.Scalar], classes: [UInt8]) {
        var parts = scalars.flatMap { mappings.decomposition(of: $0) ?? [$0] }
        let classes = sortMarks(&parts)
        return (parts, classes)
    }

    /// Puts each run of marks into the order of their classes, equal ones staying as they stand; returns all classes.
    private static func sortMarks(_ scalars: inout [Unicode.Scalar]) -> [UInt8] {
        var classes = scalars.map(CanonicalMappings.combiningClass)
        var start = 0
        while start < scalars.count {
            var end = start
            while end < scalars.count, classes[end] != 0 { end += 1 }
            if end - start > 1 {
                // The places are compared too: Swift does not promise that sorting is stable.
                let order = (start..<end).sorted { (classes[$0], $0) < (classes[$1], $1) }
                (scalars[start..<end], classes[start..<end]) = (
                    ArraySlice(order.map { scalars[$0] }), ArraySlice(order.map { classes[$0] })
                )
            }
            start = end + 1
        }
        return classes
    }
}
