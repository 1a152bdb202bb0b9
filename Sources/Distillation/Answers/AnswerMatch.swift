// Whether one text says another, small words and punctuation aside (METHOD, Substring match). Knows text, not models.

/// Comparison of answers as text.
public enum AnswerMatch {
    /// Articles and the commonest function words; they carry no answer.
    private static let stopWords: Set<String> = [
        "a", "an", "the", "of", "in", "on", "at", "to", "by", "for", "with", "from", "and", "or", "is", "was", "are",
        "were", "be", "been", "it", "its", "that", "this", "as",
    ]

    /// Whether `text` says `answer`. An answer of no words at all is said by nothing.
    public static func contains(_ text: String, _ answer: String) -> Bool {
        let wanted = normalised(answer)
        return !wanted.isEmpty && normalised(text).contains(wanted)
    }

    /// Whether a word in lower case says nothing by itself.
    static func isStopWord(_ word: String) -> Bool { stopWords.contains(word) }

    /// Lower case, no punctuation, no stop words, single spaces. A text of stop words alone keeps them: "The Who" must not
    /// become nothing.
    public static func normalised(_ text: String) -> String {
        let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }
        let telling = words.filter { !isStopWord(String($0)) }
        return (telling.isEmpty ? words : telling).joined(separator: " ")
    }
}
