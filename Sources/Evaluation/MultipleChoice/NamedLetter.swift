// Which option a reply names. A letter counts where it can mean nothing else; a reply that only describes an option, names two,
// or none, stays without one: nothing is guessed. Knows text, not models.

import Basics
import Store

/// Reads letters out of replies.
enum NamedLetter {
    /// The option that a reply names, from 0; nil for none, or for one that the question does not have.
    static func option(in reply: String, options: [String]) -> Int? {
        let text = LetterText(reply.foldedForComparison, options: options)
        // Who thinks aloud states the answer last.
        let named = text.stated.last ?? text.contrasted ?? text.first
        guard case .one(let letter)? = named, letter < options.count else { return nil }
        return letter
    }
}

/// A letter that stands for an option, or several of them.
private enum Named {
    case one(Int)
    case several
}

private struct LetterText {
    private let text: [Character]
    private let options: [String]

    /// Words after which a letter is the option's: "the answer is B", "Answer: (B)", "option B", "\boxed{B}".
    private static let leads = ["answer", "option", "choice", "choose", "pick", "select", "boxed"]
    private static let openers: Set<Character> = ["(", "[", "{", "\"", "'", "（", "【", "「"]
    private static let closers: Set<Character> = [
        ".", ")", ":", ",", ";", "]", "}", "\"", "'", "!", "?", "。", "、", "，", "）", "】", "」", "：", "；",
    ]

    init(_ reply: String, options: [String]) {
        text = Array(reply.filter { !"*_`$\\".contains($0) })
        self.options = options
    }

    // MARK: - Where letters are named

    /// The letters that are stated after one of the leads, but for those that are denied: "not option A".
    var stated: [Named] {
        var found: [Named] = []
        var place = 0
        while place < text.count {
            guard let end = leadEnd(at: place) else {
                place += 1
                continue
            }
            let isDenied = ["not", "than", "isn't", "nor"].contains(word(before: place))
            let (start, amongWords) = skipLink(from: end)
            if !isDenied, let named = letter(at: start, amongWords: amongWords) { found.append(named) }
            place = end
        }
        return found
    }

    /// "Not A but C": what is behind the but.
    var contrasted: Named? {
        let words = String(text).split { !($0.isLetter || $0.isNumber) }
        guard words.first?.lowercased() == "not", let but = words.dropFirst().first(where: { $0.lowercased() == "but" })
        else { return nil }
        let start = String(text).distance(from: String(text).startIndex, to: but.endIndex)
        return letter(at: skipLink(from: start).start, amongWords: false)
    }

    /// The letter that the reply begins with.
    var first: Named? {
        guard let start = text.firstIndex(where: { !$0.isWhitespace && !Self.openers.contains($0) }) else { return nil }
        return letter(at: start, amongWords: false)
    }

    /// Where a lead ends that begins here, at the beginning of a word.
    private func leadEnd(at place: Int) -> Int? {
        guard place == 0 || !text[place - 1].isLetter else { return nil }
        for lead in Self.leads where text.count - place >= lead.count {
            let end = place + lead.count
            guard String(text[place..<end]).lowercased() == lead else { continue }
            return end == text.count || !text[end].isLetter ? end : nil
        }
        return nil
    }

    private func word(before place: Int) -> String {
        let before = text[..<place].reversed().drop { !$0.isLetter }.prefix { $0.isLetter || $0 == "'" }
        return String(before.reversed()).lowercased()
    }

    /// Over " is: (" to where a letter may stand; and whether a sentence runs through it, so that a capital is no article.
    private func skipLink(from place: Int) -> (start: Int, amongWords: Bool) {
        var start = place
        var amongWords = true
        while start < text.count {
            if text[start].isWhitespace || Self.openers.contains(text[start]) {
                start += 1
            } else if ":=：".contains(text[start]) {
                amongWords = false
                start += 1
            } else if let end = linkEnd(at: start) {
                start = end
            } else {
                break
            }
        }
        return (start, amongWords)
    }

    /// Behind "is", or "is not A but".
    private func linkEnd(at place: Int) -> Int? {
        let rest = String(text[place...].prefix(24)).lowercased()
        for link in [/is\b/, /not \(?[a-z]\)?,? but\b/, /option\b/, /letter\b/] {
            if let match = rest.prefixMatch(of: link) { return place + match.0.count }
        }
        return nil
    }

    // MARK: - One letter

    /// The letter that stands here by itself: before the end, a line's end or punctuation; before its own option's words; or
    /// before what says that it is right. Several where others are named with it: "A or B".
    /// - Parameter amongWords: whether words may follow too, as in "the answer is A because".
    private func letter(at place: Int, amongWords: Bool) -> Named? {
        guard let letter = plainLetter(at: place) else { return nil }
        let rest = text[(place + 1)...]
        if namesAnother(rest) { return .several }
        guard let next = rest.first else { return .one(letter) }
        if next.isNewline || Self.closers.contains(next) {
            // "I.e." and "A.M." are no letters of options.
            return next == "." && rest.dropFirst().first?.isLetter == true ? nil : .one(letter)
        }
        guard next.isWhitespace, text[place].isUppercase else { return nil }
        let words = String(rest).trimmingPrefix(while: \.isWhitespace)
        let isEnd = words.isEmpty || words.first.map { !$0.isLetter && !$0.isNumber } == true
        let isOwn = letter < options.count && words.lowercased().hasPrefix(options[letter].lowercased())
        let isCalledRight = words.prefixMatch(of: /is (the )?(right|correct|best|answer)\b/) != nil
        return isEnd || isOwn || amongWords || isCalledRight ? .one(letter) : nil
    }

    /// A letter in either case; a small one where it is all there is or a bracket or full stop closes it: "b", "b)".
    private func plainLetter(at place: Int) -> Int? {
        guard place < text.count, text[place].isASCII else { return nil }
        if text[place].isLowercase {
            let next = place + 1 < text.count ? text[place + 1] : nil
            let isAlone = String(text).filter { !$0.isWhitespace && !Self.openers.contains($0) }.count == 1
            guard isAlone || next.map({ ").]}）。".contains($0) }) == true else { return nil }
        }
        return MultipleChoiceQuestion.alphabet.firstIndex { String($0) == text[place].uppercased() }
    }

    /// Whether another letter is joined to one: "A or B", "A, B", "A/C", "(A) and (B)".
    private func namesAnother(_ rest: ArraySlice<Character>) -> Bool {
        let joined = /[)\].]?\s*(?:,?\s*or\b|,?\s*and\b|[,\/&+-])\s*[(\[]?[A-Z](?:[^A-Za-z']|$)/
        guard let match = String(rest.prefix(16)).prefixMatch(of: joined) else { return false }
        return match.0.last != " " || !isArticle(rest, upTo: match.0.count)
    }

    /// "A and A ship" is none; "B, A because" names two.
    private func isArticle(_ rest: ArraySlice<Character>, upTo end: Int) -> Bool {
        let letter = rest.prefix(end).last { $0.isLetter }
        return letter == "I" || letter == "A" && rest.dropFirst(end).first?.isLowercase == true
    }
}
