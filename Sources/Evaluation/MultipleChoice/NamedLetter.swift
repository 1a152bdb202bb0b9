// Which option a reply names. A letter counts where it can mean nothing else; a reply that only describes an option, names two,
// or none, stays without one: nothing is guessed. Knows text, not models.

import Basics
import Store

/// Reads letters out of replies.
enum NamedLetter {
    /// The option that a reply names, from 0; nil for none, or for one that the question does not have.
    static func option(in reply: String, options: [String]) -> Int? {
        let text = LetterText(reply.foldedForComparison, options: options)
        // Who thinks aloud states the answer last; who explains it names the other options after it.
        let chosen = text.stated(.choice) ?? text.stated(.option)
        let named =
            text.stated(.answer) ?? text.contrasted
            ?? (text.listsOptions ? chosen ?? text.first : text.first ?? chosen)
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

    /// What a letter follows, by how much it says: "the answer is B" and "\boxed{B}" are of the answer, "I choose B" says what
    /// is taken, and "option B" may be any.
    enum Lead {
        case answer, choice, option

        /// Words, longer ones before their beginnings, in the languages that questions are mostly asked in.
        fileprivate var words: [String] {
            switch self {
            case .answer:
                [
                    "answer", "boxed", "correct option", "correct choice", "correct letter", "right letter",
                    "correct one", "antwort", "lösung", "respuesta", "réponse", "reponse", "risposta", "resposta",
                    "ответ", "答案", "答え", "正解", "정답", "答",
                ]
            case .choice: ["choose", "pick", "select", "elijo", "choisis", "wähle", "选择", "選択", "选", "選"]
            case .option: ["option", "choice", "opción", "opção", "选项", "選項"]
            }
        }
    }

    /// Words before a lead that say that its letter is not the one.
    private static let denials: Set<String> = [
        "not", "than", "isn't", "nor", "unlike", "over", "out", "against", "except", "eliminate", "eliminated",
        "eliminating", "exclude", "excluded", "excluding", "reject", "rejected", "rejecting", "不",
    ]
    private static let openers: Set<Character> = ["(", "[", "{", "\"", "'", "（", "【", "「"]
    private static let closers: Set<Character> = [
        ".", ")", ":", ",", ";", "]", "}", "\"", "'", "!", "?", "。", "、", "，", "）", "】", "」", "：", "；",
        "<",
    ]

    init(_ reply: String, options: [String]) {
        text = Array(reply.filter { !"*_`$\\".contains($0) })
        self.options = options
    }

    // MARK: - Where letters are named

    /// The letter that is stated last after one of a kind of leads, but for those that are denied: "not option A", "option A is
    /// wrong".
    func stated(_ lead: Lead) -> Named? {
        var last: Named?
        var place = 0
        while place < text.count {
            guard let end = leadEnd(lead, at: place) else {
                place += 1
                continue
            }
            let (start, amongWords) = skipLink(from: end)
            if !isDenied(before: place), let named = letter(at: start, amongWords: amongWords) { last = named }
            place = end
        }
        return last
    }

    /// Whether the reply lists the options anew: a line begins with A and a later one with B.
    var listsOptions: Bool {
        let letters = String(text).split(whereSeparator: \.isNewline)
            .compactMap { $0.prefixMatch(of: /\s*[(\[]?([A-Z])[).:\]]/).map { String($0.output.1) } }
        return letters.first == "A" && letters.contains("B")
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

    /// Where a lead ends that begins here, at the beginning of a word. Scripts without spaces have no such places.
    private func leadEnd(_ lead: Lead, at place: Int) -> Int? {
        for word in lead.words where text.count - place >= word.count {
            let end = place + word.count
            guard String(text[place..<end]).lowercased() == word else { continue }
            if word.first?.isLowercase != true { return end }
            let isWord = place == 0 || !text[place - 1].isLetter && text[max(0, place - 2)..<place] != ["<", "/"]
            if isWord, end == text.count || !text[end].isLetter || !text[end].isCased { return end }
        }
        return nil
    }

    private func isDenied(before place: Int) -> Bool {
        let before = text[..<place].reversed().drop { !$0.isLetter }
        let word = String(before.prefix { $0.isLetter || $0 == "'" }.reversed()).lowercased()
        return Self.denials.contains(word) || word.hasSuffix("不")
    }

    /// Whether what follows a letter says that it is not the answer: "is close, but", "would be too many".
    private func isDenied(behind rest: ArraySlice<Character>) -> Bool {
        let said = String(rest.prefix(120)).lowercased()
        let verb = /[\s)\]"']*(?:\([^)\n]*\)\s*)?(?:is|was|are|would be|would have been|seems|looks)/
        let wrong =
            /(?:\s(?!correct|right|best|and\b|but\b|because)\w+){0,3}?\s(?:incorrect|wrong|false|close|too|not)\b/
        if let match = said.prefixMatch(of: verb), said[match.range.upperBound...].prefixMatch(of: wrong) != nil {
            return true
        }
        let claims =
            /[\s)\]"']*(?:says|states|gives|claims|means|describes)\b[^.!?\n]*which is (?:incorrect|wrong|false)\b/
        let lacks = /[\s)\]"']*(?:isn't|wasn't|can't|cannot|doesn't|does not)\b/
        return said.prefixMatch(of: claims) != nil || said.prefixMatch(of: lacks) != nil
    }

    /// Over " is: (" to where a letter may stand; and whether a sentence runs through it, so that a capital is no article.
    private func skipLink(from place: Int) -> (start: Int, amongWords: Bool) {
        var start = place
        var amongWords = true
        while start < text.count {
            if text[start].isWhitespace || Self.openers.contains(text[start]) {
                start += 1
            } else if ":=：>".contains(text[start]) {
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

    /// Behind "is", "is not A but", or TeX's "text{".
    private func linkEnd(at place: Int) -> Int? {
        let rest = String(text[place...].prefix(24)).lowercased()
        for link in [
            /is\b/, /not \(?[a-z]\)?,? but\b/, /(?:option|opción|opção|letter|buchstabe)\b/, /(?:text|math)[a-z]*(?={)/,
            /(?:ist|es|est|è|é|la|die|correcta|correcte|corretta|correta)(?=\s)/, /是|为|為|は|选项|選項|은\s|는\s/,
        ] {
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
        if isDenied(behind: rest) { return nil }
        guard let next = rest.first else { return .one(letter) }
        // 答えはBです
        if amongWords, next.isLetter, !next.isCased { return .one(letter) }
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
