// Whether one text says another: its words stand there as whole words and its numbers as whole numbers. The paper's own measure
// looks for letters instead (TextGrader.substring), which finds 12 in 1912, no in know and C++ in clock. Knows text, not models.

/// Comparison of answers as text.
public enum AnswerMatch {
    /// Counts up when the rules change, so that grades by other rules are made anew.
    public static let version = 2

    private static let articles: Set<String> = ["a", "an", "the"]
    /// Articles and the commonest function words; they carry no answer.
    private static let stopWords: Set<String> = articles.union([
        "of", "in", "on", "at", "to", "by", "for", "with", "from", "and", "or", "is", "was", "are", "were", "be",
        "been",
        "it", "its", "that", "this", "as",
    ])
    /// Words that are something else with a capital: the month May, the US.
    private static let namesakes: Set<String> = stopWords.union([
        "who", "us", "he", "she", "we", "me", "my", "am", "so", "if", "up", "do", "go", "has", "had", "will", "may",
        "can",
    ])

    /// Namesakes that, unlike he and so, do not stand before a verb: "May was wet", but "So was he".
    private static let noSubjects: Set<String> = ["us", "me", "up", "go", "will", "may", "can"]
    private static let verbs: Set<String> = [
        "is", "was", "are", "were", "has", "had", "did", "does", "will", "would", "can", "could", "became", "came",
        "went",
        "won", "built", "wrote", "made", "said", "says", "led", "ran", "took", "began", "got", "saw", "gave", "found",
    ]
    /// Words that mean something else in lower case, unless a date or a language is spoken of.
    private static let capitalised: Set<String> = ["march", "august", "polish"]
    private static let beforeDates: Set<String> = [
        "in", "of", "since", "until", "till", "by", "early", "late", "mid", "last", "next", "this", "every", "speak",
        "speaks",
    ]

    /// Whether a word in lower case says nothing by itself.
    package static func isStopWord(_ word: String) -> Bool { stopWords.contains(word) }

    /// Whether `text` says `answer`. Articles and the commonest function words may differ, unless they are most of the answer. An
    /// answer without any word or number must stand in the text by itself, as it is; an empty one is said by nothing.
    public static func contains(_ text: String, _ answer: String) -> Bool { contains(text, anyOf: [answer]) }

    /// Whether `text` says one of some answers.
    public static func contains(_ text: String, anyOf answers: [String]) -> Bool {
        let dotsGroupDigits =
            answers.contains { $0.contains(where: \.isNumber) }
            && (answers + [text]).contains(where: WrittenNumber.showsDotsAsGroups)
        let said = WordText(text, dotsGroupDigits: dotsGroupDigits)
        return answers.contains { answer in
            let wanted = WordText(answer, dotsGroupDigits: dotsGroupDigits)
            return wanted.words.isEmpty ? standsAlone(answer, in: text) : isSaid(wanted, in: said)
        }
    }

    /// The words that say something, in order, folded and in lower case; all of them where none does.
    static func tellingWords(_ text: String) -> [String] {
        let text = WordText(text)
        let telling = text.words.indices.filter { text.isTelling($0) }
        return (telling.isEmpty ? Array(text.words.indices) : telling).map { text.words[$0].form }
    }

    // MARK: - Words

    private static func isSaid(_ wanted: WordText, in said: WordText) -> Bool {
        let all = wanted.words.indices
        let named = all.filter { !wanted.isArticle($0) }
        let telling = all.filter { wanted.isTelling($0) }
        if telling.count > 0, 2 * telling.count >= named.count {
            return find(telling, wanted, among: said.words.indices.filter { said.isTelling($0) }, said)
        }
        // "It", "To be or not to be": small words are what it says.
        return named.isEmpty
            ? find(Array(all), wanted, among: Array(said.words.indices), said)
            : find(named, wanted, among: said.words.indices.filter { !said.isArticle($0) }, said)
    }

    /// Whether some words of one text stand one after the other among those of another.
    private static func find(_ pattern: [Int], _ wanted: WordText, among places: [Int], _ said: WordText) -> Bool {
        guard pattern.count <= places.count else { return false }
        return (0...(places.count - pattern.count)).contains { start in
            pattern.indices.allSatisfy { offset in
                let (own, other) = (wanted.words[pattern[offset]], said.words[places[start + offset]])
                return own.means(other) || offset == pattern.count - 1 && isInflected(other, of: own)
            } && (pattern.count > 1 || isSameThing(said, places[start], as: wanted, pattern[0]))
        }
    }

    private static func isInflected(_ word: Word, of other: Word) -> Bool {
        word.kind == .syllables && other.kind == .syllables && word.form.hasPrefix(other.form)
            && KoreanEndings.isEnding(word.form.dropFirst(other.form.count))
    }

    /// Whether one word alone is the answer meant, where capitals tell: the vitamin A is no article, the US not us.
    private static func isSameThing(_ said: WordText, _ place: Int, as wanted: WordText, _ own: Int) -> Bool {
        let (word, answer) = (said.words[place], wanted.words[own])
        guard word.kind == .letters, answer.kind == .letters else { return true }
        let isFollowed = said.isFollowedByWord(place)
        if answer.form.count == 1 {
            guard !said.isArticle(place), !said.isPronoun(place), !said.isBehindApostrophe(place) else { return false }
            return word.written == answer.written || !isFollowed
        }
        if capitalised.contains(answer.form), answer.written.first?.isUppercase == true,
            word.written.first?.isLowercase == true
        {
            return [place - 1, place + 1].contains { said.words.indices.contains($0) && said.words[$0].kind == .number }
                || place > 0 && beforeDates.contains(said.words[place - 1].form)
        }
        guard namesakes.contains(answer.form), answer.written.first?.isUppercase == true else { return true }
        let isAllCapitals = answer.written.allSatisfy(\.isUppercase)
        guard isAllCapitals ? word.written == answer.written : word.written.first?.isUppercase == true else {
            return false
        }
        guard !isAllCapitals, said.opensSentence(place), isFollowed else { return true }
        let next = said.words[place + 1].form
        let isVerb = verbs.contains(next) || next.count > 4 && next.hasSuffix("ed") && !next.hasSuffix("eed")
        return isVerb && noSubjects.contains(answer.form)
    }

    // MARK: - What has no words

    /// Whether a sign, say "?" or "->", stands in a text between white space, but for quotes and full stops around it.
    private static func standsAlone(_ sign: String, in text: String) -> Bool {
        let wanted = sign.filter { !$0.isWhitespace }
        guard !wanted.isEmpty else { return false }
        return text.split(whereSeparator: \.isWhitespace).contains { piece in
            var piece = piece
            while piece != wanted, let last = piece.last, "\"'`*_.,;:!?)]}”’»".contains(last) { piece.removeLast() }
            while piece != wanted, let first = piece.first, "\"'`*_([{“‘«".contains(first) { piece.removeFirst() }
            return piece == wanted
        }
    }
}

extension WordText {
    /// Whether a word carries an answer.
    func isTelling(_ place: Int) -> Bool {
        let word = words[place]
        guard word.kind == .letters, AnswerMatch.isStopWord(word.form) else { return true }
        if word.form == "a" { return !isArticle(place) }
        // The IT department, in a text that is not all capitals.
        return word.written.count > 1 && word.written.allSatisfy(\.isUppercase)
            && scalars.contains { $0.properties.isLowercase }
    }

    /// The, an, and where a word follows that is no verb or the like, a: "grade A" and "(A)" have none, nor has "grade A eggs".
    func isArticle(_ place: Int) -> Bool {
        let word = words[place]
        guard word.kind == .letters else { return false }
        if word.form == "the" || word.form == "an" { return true }
        guard word.form == "a", isFollowedByWord(place), !AnswerMatch.isStopWord(words[place + 1].form) else {
            return false
        }
        return word.written == "a" || opensSentence(place)
    }

    /// Whether an I is the speaker, and not a letter or the first of a name.
    func isPronoun(_ place: Int) -> Bool {
        guard words[place].form == "i", place + 1 < words.count else { return false }
        let behind = words[place + 1]
        // I'm, and "I, the keeper".
        if isBehindApostrophe(place + 1), behind.range.lowerBound == words[place].range.upperBound + 1 { return true }
        let isComma = behind.range.lowerBound == words[place].range.upperBound + 2
        if isComma, scalars[words[place].range.upperBound] == ",", opensSentence(place),
            behind.written.first?.isLowercase == true
        {
            return true
        }
        guard isFollowedByWord(place) else { return false }
        guard isPrecededByWord(place), words[place].written == "I" else { return true }
        let before = words[place - 1]
        let isNamed = before.written.first?.isUppercase == true && !opensSentence(place - 1)
        return !isNamed && !Self.beforeLetters.contains(before.form)
    }

    /// What a letter's or a number's name follows.
    private static let beforeLetters: Set<String> = [
        "letter", "vitamin", "type", "class", "grade", "option", "answer", "berth", "section", "part", "phase", "level",
        "group", "chapter", "volume", "war", "is",
    ]

    /// The s of "Carver's".
    func isBehindApostrophe(_ place: Int) -> Bool {
        let start = words[place].range.lowerBound
        return start > 1 && scalars[start - 1] == "'" && scalars[start - 2].isOfWord
    }
}
