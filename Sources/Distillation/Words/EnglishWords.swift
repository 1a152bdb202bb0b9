// Whether words are English, for rules that hold in English alone: what a capital and a full stop mean. Tells from a few words,
// where a guess of the language itself needs a page. Knows the commonest words, not what is said.

enum EnglishWords {
    /// Common words that few other languages have.
    private static let telling: Set<Substring> = [
        "the", "and", "that", "this", "with", "from", "they", "which", "were", "have", "his", "it", "its", "he", "she",
        "who", "whom", "whose", "what", "when", "where", "why", "how", "does", "did", "been", "you", "not", "would",
        "there", "their",
    ]

    /// Whether a text is English: one word of twenty is such a word.
    static func areMost(of text: some StringProtocol) -> Bool {
        let words = split(text)
        return 20 * words.count(where: telling.contains) >= words.count
    }

    /// Whether a question is English: it has such a word, or in an English text a common one that others have too. The The of a
    /// name says nothing.
    static func ask(_ question: String, inEnglishText: Bool) -> Bool {
        split(question).enumerated().contains { place, word in
            let word = place == 0 ? word.lowercased()[...] : word
            return telling.contains(word) || inEnglishText && CommonWords.english.contains(word)
        }
    }

    private static func split(_ text: some StringProtocol) -> [Substring] {
        Substring(text).split { !$0.isLetter && $0 != "'" }
    }
}
