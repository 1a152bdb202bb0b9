// What BERT's tokenizers do to a text before they look its words up: cleaning, spaces around ideographs, accents, case, and
// cutting at spaces and punctuation. Knows no vocabulary.
//
// Follows Hugging Face `tokenizers` (BertNormalizer, BertPreTokenizer), whose categories of code points are those of
// Unicode 8 and whose decompositions are those of Unicode 9: to them, what was assigned later is a plain letter.

/// The normalizer's switches, as tokenizer.json names them.
struct BertNormalizer: Sendable, Hashable {
    /// Control characters go, and white space becomes a space.
    var cleansText = true
    /// Each ideograph is a word.
    var separatesIdeographs = true
    var stripsAccents = true
    var lowercases = true

    /// The words of a text and its punctuation marks, each a word of its own.
    func words(_ text: String) -> [[Unicode.Scalar]] {
        var words: [[Unicode.Scalar]] = []
        var word: [Unicode.Scalar] = []
        func end() {
            if !word.isEmpty { words.append(word) }
            word = []
        }
        for scalar in normalized(text) {
            if scalar.properties.isWhitespace {
                end()
            } else if scalar.isBertPunctuation {
                end()
                words.append([scalar])
            } else {
                word.append(scalar)
            }
        }
        end()
        return words
    }

    /// The text in its normal form, in the order of steps that the reference has.
    func normalized(_ text: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if cleansText, scalar.isBertControl { continue }
            if separatesIdeographs, scalar.isBertIdeograph {
                scalars += [" ", scalar, " "]
            } else {
                scalars.append(cleansText && scalar.properties.isWhitespace ? " " : scalar)
            }
        }
        // No accent stands in ASCII, and no code point of it comes apart.
        if stripsAccents, !scalars.allSatisfy(\.isASCII) {
            scalars = CanonicalComposition.decompose(scalars).parts.filter { !$0.isBertAccent }
        }
        return lowercases ? lowercased(scalars) : scalars
    }

    /// One code point at a time: to the reference, a sigma that ends a word is like any other.
    private func lowercased(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var lower: [Unicode.Scalar] = []
        lower.reserveCapacity(scalars.count)
        for scalar in scalars {
            if scalar.isASCII {
                let isUpper = ("A"..."Z").contains(scalar)
                lower.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar)
            } else {
                lower += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return lower
    }
}

extension Unicode.Scalar {
    /// Whether Unicode 8 knows it.
    private var isOfUnicode8: Bool {
        guard let age = properties.age else { return false }
        return age <= (8, 0)
    }

    /// Whether cleaning drops it.
    fileprivate var isBertControl: Bool {
        if (0x20..<0x7F).contains(value) { return false }
        if value == 0xFFFD { return true }
        switch properties.generalCategory {
        case .control: return !["\t", "\n", "\r"].contains(self)
        case .privateUse: return true
        case .format: return isOfUnicode8
        default: return false
        }
    }

    /// Whether it is an ideograph to BERT. One block of Unicode, from U+2B820 on, is lacking its beginning there.
    fileprivate var isBertIdeograph: Bool {
        switch value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
            0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    /// Whether it is a mark without a width of its own. Six have changed their category since Unicode 8.
    fileprivate var isBertAccent: Bool {
        switch value {
        case 0x1734, 0x1171E: true
        case 0x1885, 0x1886, 0xA9BD, 0x111C9: false
        default: properties.generalCategory == .nonspacingMark && isOfUnicode8
        }
    }

    /// Whether it is punctuation, to which in ASCII all other signs belong. Two have changed their category.
    fileprivate var isBertPunctuation: Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
        case 0x166D, 0x111C9: return true
        case 0..<0x80: return false
        default:
            switch properties.generalCategory {
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation:
                return isOfUnicode8
            default: return false
            }
        }
    }
}
