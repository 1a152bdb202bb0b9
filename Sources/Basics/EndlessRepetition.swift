// Whether a text ends by saying one thing over and over. A reply that was cut at its limit in the middle of that would have gone
// on for ever; one that ended by itself may have a refrain. Knows text, not models.

import Foundation

extension String {
    /// Whether the end of the text repeats a unit of any length: four times and over 24 characters or more, or three times where
    /// the unit is long. The last repetition may be cut. What is between the units may be white space of any kind, and items of
    /// a list may differ in their numbers.
    public var endsInRepetition: Bool {
        let end = unicodeScalars.suffix(Self.longestTail)
        var plain = String.UnicodeScalarView(end)
        // The first bytes of a character that was cut.
        while plain.last == "\u{FFFD}" { plain.removeLast() }
        if Self.repeats(Array(plain), letters: 0) { return true }
        let spaced = String(plain).replacing(/\s+/, with: " ")
        if Self.repeats(Array(spaced.unicodeScalars), letters: 1) { return true }
        let unnumbered = spaced.replacing(/(^| )\(?[0-9]{1,3}[.):](?= )/, with: " #")
        return unnumbered != spaced && Self.repeats(Array(unnumbered.unicodeScalars), letters: 4)
    }

    /// As many characters as are looked at: a loop is seen in fewer.
    private static let longestTail = 8192
    private static let shortest = 24
    private static let longUnit = 30

    /// Whether the end has a period, by the Z function of the reversed text (Gusfield 1997, section 1.4).
    /// - Parameter letters: the fewest letters and digits of a unit. Signs alone count where there are many: a rule or a leader
    ///   has some.
    private static func repeats(_ text: [Unicode.Scalar], letters: Int) -> Bool {
        let reversed = Array(text.reversed())
        let count = reversed.count
        var matches = [Int](repeating: 0, count: count)
        var (left, right) = (0, 0)
        for place in 1..<Swift.max(1, count) {
            var length = place < right ? Swift.min(right - place, matches[place - left]) : 0
            while place + length < count, reversed[length] == reversed[place + length] { length += 1 }
            matches[place] = length
            if place + length > right { (left, right) = (place, place + length) }
            let covered = place + length
            guard covered >= shortest, covered >= (place >= longUnit ? 3 : 4) * place else { continue }
            let telling = reversed[..<place].count { $0.properties.isAlphabetic || $0.properties.numericType != nil }
            if telling >= Swift.max(1, letters) || letters == 0 && covered >= 2 * shortest { return true }
        }
        return false
    }
}
