// Whether a text ends by saying one thing over and over. A reply that was cut at its limit in the middle of that would have gone
// on for ever; one that ended by itself may have a refrain. Knows text, not models.

import Foundation

extension String {
    /// Whether the end of the text repeats a unit of any length: four times and over 24 characters or more, or three times where
    /// the unit is long. The last repetition may be cut. What is between the units may be white space of any kind, items of a
    /// list may differ in their numbers, and other numbers may count on: "In 1900. In 1901." Those are more often meant, so
    /// that there have to be six, or four where the unit is long.
    public var endsInRepetition: Bool {
        let end = unicodeScalars.suffix(Self.longestTail)
        var plain = String.UnicodeScalarView(end)
        // The first bytes of a character that was cut.
        while plain.last == "\u{FFFD}" { plain.removeLast() }
        if Self.repeats(Array(plain), letters: 0) { return true }
        let spaced = String(plain).replacing(/\s+/, with: " ")
        if Self.repeats(Array(spaced.unicodeScalars), letters: 1) { return true }
        let unnumbered = spaced.replacing(/(^| )\(?[0-9]{1,3}[.):](?= )/, with: " #")
        if unnumbered != spaced, Self.repeats(Array(unnumbered.unicodeScalars), letters: 4) { return true }
        return spaced.countsOn
    }

    /// Whether the end repeats a unit but for capitals, marks of a list, and numbers that go on in equal steps.
    private var countsOn: Bool {
        let unmarked = lowercased().replacing(/(^| )\(?([a-z]|[ivxlc]+)[.):](?= )/, with: " #")
        let plain = Array(unmarked.replacing(/[0-9]+/, with: "#").unicodeScalars)
        var numbers = unmarked.matches(of: /[0-9]+|#/).map { $0.output == "#" ? 0 : Int($0.output) }
        // A number at the end may be cut.
        let isCut = plain.last == "#"
        if isCut { numbers.removeLast() }
        return Self.repeats(plain, letters: 2, least: (6, 4)) { period, covered in
            let size = plain.suffix(period).count { $0 == "#" }
            let tail = numbers.suffix(plain.suffix(covered).count { $0 == "#" } - (isCut ? 1 : 0))
            let steps = zip(tail, tail.dropFirst(size)).map { first, second in
                second.flatMap { second in first.map { second.subtractingReportingOverflow($0).partialValue } }
            }
            return zip(steps, steps.dropFirst(size)).allSatisfy { $0 == $1 && $0 != nil }
        }
    }

    /// As many characters as are looked at: a loop is seen in fewer.
    private static let longestTail = 8192
    private static let shortest = 24
    private static let longUnit = 30

    /// Whether the end has a period, by the Z function of the reversed text (Gusfield 1997, section 1.4).
    /// - Parameters:
    ///   - letters: the fewest letters and digits of a unit; an emoji is one. Signs alone count where there are many: a rule or
    ///     a leader has some.
    ///   - least: the fewest repetitions of a short unit and of a long one.
    ///   - holds: what else is to hold of a period and of the length that it covers.
    private static func repeats(
        _ text: [Unicode.Scalar], letters: Int, least: (short: Int, long: Int) = (4, 3),
        where holds: (_ period: Int, _ covered: Int) -> Bool = { _, _ in true }
    ) -> Bool {
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
            guard covered >= shortest, covered >= (place >= longUnit ? least.long : least.short) * place else {
                continue
            }
            let telling = reversed[..<place].count {
                $0.properties.isAlphabetic || $0.properties.numericType != nil || $0.properties.isEmoji && !$0.isASCII
            }
            guard telling >= Swift.max(1, letters) || letters == 0 && covered >= 2 * shortest else { continue }
            if holds(place, covered) { return true }
        }
        return false
    }
}
