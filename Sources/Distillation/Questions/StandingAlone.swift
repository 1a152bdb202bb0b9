// Making a question name what it asks about. Half of a small model's questions say "she" or "the ferry", which nobody can
// answer who does not have the text in front of him. English, as the worked examples are. Knows words, not models.

struct StandingAlone {
    private let title: String
    /// The title as it stands within a sentence: without the capital of its article.
    let name: String
    private let nouns: Set<String>

    private static let articles: Set<String> = ["the", "a", "an"]
    private static let pronouns: Set<String> = ["he", "she", "it", "they", "him", "them"]
    private static let possessives: Set<String> = ["his", "her", "its", "their"]
    /// After one of these, or nothing, "her" is no possessive.
    private static let prepositions: Set<String> = [
        "about", "after", "at", "before", "by", "for", "from", "in", "of", "on", "to", "when", "while", "with",
    ]

    /// - Parameter title: what questions are to name.
    init(title: String) {
        self.title = title
        let words = title.split(separator: " ")
        let hasArticle = words.count > 1 && StandingAlone.articles.contains(words[0].lowercased())
        name = hasArticle ? "\(words[0].lowercased()) \(words.dropFirst().joined(separator: " "))" : title
        nouns = Set(words.map { $0.lowercased() }).subtracting(StandingAlone.articles)
    }

    /// The question with the title in place of the first word that stands for it, or after the title where there is none.
    func named(_ question: String) -> String {
        let words = question.split(separator: " ").map(String.init)
        for (index, word) in words.enumerated() {
            let (core, tail) = parts(of: word)
            let next = index + 1 < words.count ? parts(of: words[index + 1]) : ("", "")
            if core == "the", nouns.contains(next.0) {
                return replacing(words, index...(index + 1), by: name + next.1)
            }
            if StandingAlone.possessives.contains(core), tail.isEmpty, !isObject(core, before: next.0) {
                return replacing(words, index...index, by: name + "'s")
            }
            if StandingAlone.pronouns.contains(core) || core == "her" {
                return replacing(words, index...index, by: name + tail)
            }
        }
        return "\(title): \(question)"
    }

    private func isObject(_ word: String, before next: String) -> Bool {
        word == "her" && (next.isEmpty || StandingAlone.prepositions.contains(next))
    }

    private func replacing(_ words: [String], _ range: ClosedRange<Int>, by text: String) -> String {
        (words[..<range.lowerBound] + [text] + words[(range.upperBound + 1)...]).joined(separator: " ")
    }

    /// A word's letters in lower case, and the punctuation or ending after them.
    private func parts(of word: String) -> (core: String, tail: String) {
        let core = word.prefix(while: \.isLetter)
        return (core.lowercased(), String(word.dropFirst(core.count)))
    }
}
