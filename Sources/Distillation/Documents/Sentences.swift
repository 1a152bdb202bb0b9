// Sentences of a text, so that each can be asked about. By rules on punctuation, in the way of Mikheev, "Periods,
// Capitalized Words, etc." (2002), for any language that ends sentences with marks. Knows nothing of what they say.

import Foundation

/// One sentence of a text.
public struct Sentence: Equatable, Sendable {
    /// What it says, on one line.
    public let text: String
    /// Where it stands in the text it was taken from.
    public let range: Range<String.Index>
}

/// Splits texts into sentences.
public enum Sentences {
    /// The sentences of a text, plain or in Markdown, in order.
    ///
    /// A paragraph, an item of a list and a row of a table each end a sentence. Headings, code and rules are none. A
    /// line end within a paragraph is a space, unless the line was plainly broken on purpose.
    /// - Parameter isPlain: whether nothing in it is code or a heading, whatever it looks like.
    public static func split(_ text: String, isPlain: Bool = false) -> [Sentence] {
        TextBlock.split(text, isPlain: isPlain).filter { $0.kind == .prose }.flatMap { block in
            ranges(in: text, block.range).compactMap { range in
                guard text[range].contains(where: { $0.isLetter || $0.isNumber }) else { return nil }
                let words = text[range].split(whereSeparator: \.isWhitespace)
                return Sentence(text: words.joined(separator: " "), range: range)
            }
        }
    }

    /// The sentences within one block of running text.
    static func ranges(in text: String, _ block: Range<String.Index>) -> [Range<String.Index>] {
        var ranges: [Range<String.Index>] = []
        var start = block.lowerBound
        var index = start
        while index < block.upperBound {
            // By scalars: most of the time goes by here.
            let scalar = text.unicodeScalars[index]
            guard Marks.ends(scalar) else {
                if scalar == " ", index > start,
                    isThaiBorder(in: text, sentence: start, space: index, end: block.upperBound)
                {
                    ranges.append((start..<index).trimmed(in: text))
                    start = text.unicodeScalars.index(after: index)
                }
                text.unicodeScalars.formIndex(after: &index)
                continue
            }
            let mark = index
            index = endOfMarks(in: text, from: mark, to: block.upperBound)
            if isBorder(in: text, sentence: start, mark: mark, after: index, end: block.upperBound) {
                ranges.append((start..<index).trimmed(in: text))
                start = text[index..<block.upperBound].firstIndex { !$0.isWhitespace } ?? block.upperBound
                index = start
            }
        }
        if start < block.upperBound { ranges.append((start..<block.upperBound).trimmed(in: text)) }
        return ranges
    }

    /// Behind a run of marks that end a sentence, the quotes and brackets that close after it, and references like [3].
    private static func endOfMarks(in text: String, from mark: String.Index, to end: String.Index) -> String.Index {
        var index = mark
        while index < end {
            if Marks.ends(text.unicodeScalars[index]) || Marks.closers.contains(text[index]) {
                index = text.index(after: index)
            } else if text[index] == "[", let close = text[index..<end].firstIndex(of: "]"),
                text[index..<close].dropFirst().allSatisfy(\.isNumber)
            {
                index = text.index(after: close)
            } else {
                break
            }
        }
        return index
    }

    private static func isBorder(
        in text: String, sentence: String.Index, mark: String.Index, after: String.Index, end: String.Index
    ) -> Bool {
        guard after < end else { return true }
        // The Ethiopic full stop, typed as two of the marks that part words.
        if text[mark] == "፡" { return text[mark..<after].hasPrefix("፡፡") }
        if Marks.endAlways(text.unicodeScalars[mark]) { return !goesOn(in: text, mark: mark, after: text[after..<end]) }
        if text[mark] == ";", !isGreek(text[..<mark].last) { return false }
        guard text[after].isWhitespace else { return isMissingSpace(in: text, mark: mark, after: text[after..<end]) }
        let rest = text[after..<end].drop { $0.isWhitespace || Marks.openers.contains($0) }
        guard let next = rest.first else { return true }
        // What goes on in lower case is the same sentence: "Stop!" he said.
        if Script.isSmall(next) { return false }
        guard text[mark] == "." else { return true }
        // Only a lone full stop may belong to an abbreviation.
        guard text.index(after: mark) == after else { return true }
        let word = text[sentence..<mark].suffix { !$0.isWhitespace && !Marks.openers.contains($0) }
        let before = text[sentence..<word.startIndex].split(whereSeparator: \.isWhitespace).last ?? ""
        return !Abbreviations.continues(
            word: word, isFirst: word.startIndex == sentence, next: nextWord(rest), before: before)
    }

    /// Whether a mark that needs no space behind it does not end its sentence: in a number, or at the end of what somebody says
    /// with the Japanese "と" behind it.
    private static func goesOn(in text: String, mark: String.Index, after rest: Substring) -> Bool {
        if text[mark] == "．" { return text[..<mark].last?.isNumber == true && rest.first?.isNumber == true }
        let isQuoted = text[mark..<rest.startIndex].last.map { "」』”".contains($0) } == true
        return isQuoted && ["と", "って", "、", "，", "の"].contains { rest.hasPrefix($0) }
    }

    private static func isGreek(_ character: Character?) -> Bool {
        character?.unicodeScalars.first.map(Script.isGreek) == true
    }

    /// Whether a space ends a sentence: in Thai and Lao, which end it with nothing else, where it is long enough for one.
    private static func isThaiBorder(in text: String, sentence: String.Index, space: String.Index, end: String.Index)
        -> Bool
    {
        guard let before = text.unicodeScalars[..<space].last, Script.endsSentencesWithSpaces(before),
            before.isOfLetters,
            let next = text.unicodeScalars[space..<end].first(where: { !$0.properties.isWhitespace }),
            Script.endsSentencesWithSpaces(next), next.isOfLetters, next != "ๆ"
        else { return false }
        return text[sentence..<space].count >= shortestThai
    }

    private static let shortestThai = 50

    /// "the wires.This unit": the space was forgotten, if a small letter comes before and a word that begins sentences
    /// behind. Chinese and Japanese need no space behind an ASCII mark, Urdu none but in initials (پی۔ایچ۔ڈی).
    private static func isMissingSpace(in text: String, mark: String.Index, after rest: Substring) -> Bool {
        if let next = rest.unicodeScalars.first, text[mark] == "!" || text[mark] == "?", Script.isUnspaced(next) {
            return !goesOn(in: text, mark: mark, after: rest)
        }
        if text[mark] == "۔" {
            guard rest.first?.isLetter == true else { return false }
            // Initials are short names of letters, with such marks between all of them.
            let (word, next) = (text[..<mark].suffix { $0.isLetter }, rest.prefix { $0.isLetter })
            let isBetween = text[..<word.startIndex].last == "۔" || rest[next.endIndex...].first == "۔"
            return !(word.count <= 4 && next.count <= 4 && isBetween)
        }
        guard rest.first?.isUppercase == true, text[..<mark].last?.isLowercase == true else { return false }
        return Abbreviations.starters.contains(nextWord(rest).lowercased())
    }

    private static func nextWord(_ rest: Substring) -> Substring {
        rest.prefix { $0.isLetter || $0.isNumber }
    }
}

private enum Marks {
    /// Whether a mark ends a sentence wherever it stands: no space follows it.
    static func endAlways(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "。", "！", "？", "．", "｡", "।", "॥", "။", "។", "៕", "።", "፧", "፨", "։", "།", "༎", "᠃", "᱾", "꓿", "ꫫ", "꫱":
            true
        default: false
        }
    }

    /// Whether a mark may end a sentence.
    static func ends(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "!", "?", "…", "‽", "؟", "۔", ";", "\u{37E}", "⁇", "⁈", "⁉", "‼", "܀", "⸮", "፡": true
        default: scalar.value > 0x7F && endAlways(scalar)
        }
    }

    static let closers: Set<Character> = ["\"", "'", "”", "’", "»", ")", "]", "}", "」", "』", "）", "】", "*", "_", "`"]
    static let openers: Set<Character> = [
        "\"", "'", "“", "‘", "„", "«", "(", "[", "{", "「", "『", "（", "【", "*", "_", "`", "¿", "¡", "—", "–",
    ]
}

extension Substring {
    /// The longest end of the string all of whose characters fit.
    fileprivate func suffix(while fits: (Character) -> Bool) -> Substring {
        var start = endIndex
        while start > startIndex, fits(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}
