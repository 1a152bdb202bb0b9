// Whether a small model's answer can be right: it has no words that neither the text nor the question has, it tells
// something that the question does not, and what the question's writer expected. Such a model makes up more than half of its
// answers, and what it makes up would be learned. Knows words, not models.

enum AnswerCheck {
    /// Words that answers are made with and that tell nothing, and what the s of a possessive becomes.
    private static let plain: Set<String> = [
        "he", "she", "they", "his", "her", "their", "not", "no", "has", "have", "had", "do", "does", "did", "which",
        "who", "what", "where", "when", "why", "how", "there", "because", "called", "named", "name", "known", "located",
        "held", "made", "used", "based", "kind", "type", "found", "takes", "took", "place", "year", "years", "person",
        "people", "s",
    ]

    /// - Parameters:
    ///   - answer: as the teacher gave it.
    ///   - question: what it was asked.
    ///   - title: what the text is about.
    ///   - text: what it had before it.
    ///   - expected: the question's writer's own answer, if there is one that can be trusted.
    static func canBeRight(
        _ answer: String, to question: String, title: String, text: String, expected: String?
    ) -> Bool {
        let said = words(answer)
        let asked = words(question + " " + title)
        let written = words(text)
        let isFounded = said.isSubset(of: asked.union(written))
        let isNews = !said.subtracting(asked).isEmpty
        return isFounded && isNews && (expected.map { AnswerMatch.contains(answer, $0) } ?? true)
    }

    private static func words(_ text: String) -> Set<String> {
        Set(AnswerMatch.tellingWords(text)).subtracting(plain)
    }
}
