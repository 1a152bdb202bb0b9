// The words of questions, as the checks on leakage, coverage and rewriting compare them. Knows words, not what is made of
// them.

enum QuestionWords {
    /// In order, lower-case, without punctuation and stop words; the characters of scripts that put no spaces between words.
    static func all(_ text: String) -> [String] { AnswerMatch.tellingWords(text) }

    /// Those that say what a question is about, without the words that only ask.
    static func telling(_ text: String) -> Set<String> { Set(all(text)).subtracting(asking) }

    /// Whether a question can begin with a word that names nothing, with a capital.
    static func isAsking(_ word: String) -> Bool {
        let word = word.lowercased()
        return asking.contains(word) || AnswerMatch.isStopWord(word)
    }

    private static let asking: Set<String> = [
        "who", "whom", "whose", "what", "which", "when", "where", "why", "how", "do", "does", "did", "many", "much",
        "kind", "name",
    ]
}
