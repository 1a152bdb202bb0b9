// Text as every reader of files takes it in, whatever format it stood in: line ends as line feeds, and nothing in it that
// only a printer or a decoder needs. Knows no formats.

extension String {
    /// The text with line feeds for the line ends of all systems and of Unicode (a page that ends is a line that ends), and
    /// without NUL, byte-order marks, zero-width spaces, word joiners and soft hyphens, which are no part of what is written;
    /// a word that a soft hyphen divides at the end of a line is one word. Joiners, which belong to the spelling of Persian
    /// and Indic words and of emoji, and all else stay.
    public var cleaned: String {
        // The first bytes of what may have to change; most texts have none of them.
        let suspects: Set<UInt8> = [0, 0x0B, 0x0C, 0x0D, 0xC2, 0xE2, 0xEF]
        guard utf8.contains(where: suspects.contains) else { return self }
        var cleaned = UnicodeScalarView()
        var last: Unicode.Scalar?
        for scalar in unicodeScalars {
            switch scalar {
            case "\0", "\u{FEFF}", "\u{200B}", "\u{2060}", "\u{AD}": break
            case "\n" where last == "\r", "\u{0C}" where cleaned.last == "\n": break
            case "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}": if last != "\u{AD}" { cleaned.append("\n") }
            case "\u{2029}": cleaned.append(contentsOf: "\n\n".unicodeScalars)
            default: cleaned.append(scalar)
            }
            last = scalar
        }
        return String(cleaned)
    }
}
