// Which option a reply names. A letter counts where it can mean nothing else; a reply that only describes an option, or names
// none, stays without one: nothing is guessed. Knows text, not models.

import Store

/// Reads letters out of replies.
enum NamedLetter {
    /// Words after which a letter is the option's: "the answer is B", "Answer: (B)", "option B".
    private static let leads = ["answer", "option", "choice"]

    /// The option that a reply names, from 0; nil for none, or for one that the question does not have.
    static func option(in reply: String, options: [String]) -> Int? {
        let text = Array(reply.filter { !"*_`$\\".contains($0) })
        let stated = statements(in: text, options: options)
        // Who thinks aloud states the answer last.
        if let last = stated.last { return last < options.count ? last : nil }
        let start = text.firstIndex { !$0.isWhitespace && !"([\"'".contains($0) } ?? text.count
        return letter(in: text, at: start, options: options, amongWords: false).flatMap {
            $0 < options.count ? $0 : nil
        }
    }

    /// The letters that are stated after one of the leads.
    private static func statements(in text: [Character], options: [String]) -> [Int] {
        var found: [Int] = []
        var place = 0
        while place < text.count {
            guard let end = leadEnd(in: text, at: place) else {
                place += 1
                continue
            }
            place = end
            let (start, amongWords) = skipLink(in: text, from: end)
            if let letter = letter(in: text, at: start, options: options, amongWords: amongWords) {
                found.append(letter)
            }
        }
        return found
    }

    /// Where a lead ends that begins here, at the beginning of a word.
    private static func leadEnd(in text: [Character], at place: Int) -> Int? {
        guard place == 0 || !text[place - 1].isLetter else { return nil }
        for lead in leads where text.count - place >= lead.count {
            let end = place + lead.count
            guard String(text[place..<end]).lowercased() == lead else { continue }
            return end == text.count || !text[end].isLetter ? end : nil
        }
        return nil
    }

    /// Over " is: (" to where a letter may stand; and whether a sentence runs through it, so that a capital is no article.
    private static func skipLink(in text: [Character], from place: Int) -> (start: Int, amongWords: Bool) {
        var start = place
        var amongWords = true
        while start < text.count {
            if text[start].isWhitespace || "([\"'".contains(text[start]) {
                start += 1
            } else if text[start] == ":" || text[start] == "=" {
                amongWords = false
                start += 1
            } else if start + 1 < text.count, String(text[start...(start + 1)]).lowercased() == "is",
                start + 2 == text.count || !text[start + 2].isLetter
            {
                start += 2
            } else {
                break
            }
        }
        return (start, amongWords)
    }

    /// The letter that stands here by itself: before the end, a line's end or punctuation; or before its own option's words.
    /// - Parameter amongWords: whether words may follow too, as in "the answer is A because".
    private static func letter(in text: [Character], at place: Int, options: [String], amongWords: Bool) -> Int? {
        guard place < text.count, let letter = MultipleChoiceQuestion.alphabet.firstIndex(of: text[place]) else {
            return nil
        }
        let rest = text[(place + 1)...]
        guard let next = rest.first else { return letter }
        if next.isNewline || ".):,;]\"'!?".contains(next) {
            // "I.e." and "A.M." are no letters of options.
            return next == "." && rest.dropFirst().first?.isLetter == true ? nil : letter
        }
        guard next.isWhitespace else { return nil }
        let words = String(rest).trimmingPrefix(while: \.isWhitespace)
        let isEnd = words.isEmpty || words.first.map { !$0.isLetter && !$0.isNumber } == true
        let isOwn = letter < options.count && words.lowercased().hasPrefix(options[letter].lowercased())
        return isEnd || isOwn || amongWords ? letter : nil
    }
}
