// Requests to finish a document's sentences. They cost no call, reach every name, number and thing of a text, and a small
// model that has the sentence before it finishes three in four faithfully: what its questions miss or bend is learned from
// these, and mixing both makes facts answerable that had no question ("mixed training" in Allen-Zhu and Li, "Physics of
// Language Models: Part 3.1", 2023). English, as the worked answers are. Knows words, not models.

/// The beginning of a sentence and what comes next in it.
struct Completion: Equatable {
    /// The words before the fact.
    let beginning: String
    /// The name, number or thing that comes next.
    let fact: String

    /// What the model is asked.
    /// - Parameter name: what the sentence is about, as it stands within a sentence.
    func request(about name: String) -> String { "Finish this sentence about \(name): \(beginning) ..." }

    /// One for each name, number and thing of a sentence that stands behind two other words or more. The title's own words
    /// are none: they are in the request.
    static func all(of sentence: String, title: String) -> [Completion] {
        let words = sentence.split(whereSeparator: \.isWhitespace).map(Word.init)
        let named = Set(AnswerMatch.tellingWords(title))
        return facts(words).compactMap { range in
            let fact = words[range].map(\.core).joined(separator: " ")
            let telling = AnswerMatch.tellingWords(fact)
            guard range.lowerBound > 1, !named.isSuperset(of: telling), !isOneVerb(fact) else { return nil }
            return Completion(beginning: words[..<range.lowerBound].map(\.written).joined(separator: " "), fact: fact)
        }
    }

    private struct Word {
        let written: String
        /// Without the marks around it.
        let core: String
        /// Whether a mark before it parts it from the last word.
        let opens: Bool
        /// Whether a mark after it parts it from the next word.
        let closes: Bool

        init(_ written: Substring) {
            func isMark(_ character: Character) -> Bool { !(character.isLetter || character.isNumber) }
            let start = written.drop(while: isMark)
            let marks = start.reversed().prefix(while: isMark).count
            self.written = String(written)
            core = String(start.dropLast(marks))
            opens = start.startIndex != written.startIndex
            closes = marks > 0
        }

        var joins: Bool { core.isEmpty || Completion.joining.contains(core.lowercased()) }
        var isCapitalised: Bool { core.first?.isUppercase == true }
    }

    private enum Kind { case joining, name, other }

    /// What stands between words that only join others and between marks; a name is a fact of its own.
    private static func facts(_ words: [Word]) -> [Range<Int>] {
        let kinds = words.indices.map { kind(of: $0, in: words) }
        var facts: [Range<Int>] = []
        for index in words.indices where kinds[index] != .joining {
            let isParted = words[index].opens || index > 0 && words[index - 1].closes
            if index > 0, kinds[index] == kinds[index - 1], !isParted, let last = facts.popLast() {
                facts.append(last.lowerBound..<(index + 1))
            } else {
                facts.append(index..<(index + 1))
            }
        }
        return facts
    }

    private static func kind(of index: Int, in words: [Word]) -> Kind {
        let word = words[index]
        if !word.joins { return word.isCapitalised ? .name : .other }
        // "of" in "Bridge of Ladders", and "The" in "read The Patient Leaf".
        guard index > 0, index + 1 < words.count, !word.closes, words[index + 1].isCapitalised, !words[index + 1].joins
        else { return .joining }
        return word.isCapitalised || word.core == "of" && words[index - 1].isCapitalised ? .name : .joining
    }

    /// "founded", "painted": what was done, without to what, is no answer.
    private static func isOneVerb(_ fact: String) -> Bool {
        !fact.contains(" ") && fact.first?.isLowercase == true && fact.count > 4 && fact.hasSuffix("ed")
    }

    /// Words that join others and tell nothing themselves.
    private static let joining: Set<String> = [
        "a", "an", "the", "this", "that", "these", "those", "each", "every", "all", "both", "some", "any", "no", "such",
        "of", "in", "on", "at", "to", "by", "for", "with", "without", "from", "into", "onto", "over", "under", "after",
        "before", "during", "through", "between", "against", "about", "around", "across", "along", "until", "since",
        "near", "behind", "beside", "below", "above", "up", "down", "out", "off", "as", "like", "than", "per",
        "and", "or", "but", "nor", "so", "yet", "if", "because", "while", "although", "though", "when", "where",
        "who", "whom", "whose", "which", "what", "how", "why", "whoever", "whatever",
        "i", "you", "he", "she", "it", "we", "they", "him", "her", "them", "us", "his", "its", "their", "our", "your",
        "is", "are", "was", "were", "be", "been", "being", "am", "has", "have", "had", "having", "do", "does", "did",
        "can", "could", "may", "might", "must", "shall", "should", "will", "would", "not", "never",
        "there", "here", "then", "now", "also", "only", "just", "still", "already", "often", "always", "usually",
        "very", "more", "most", "less", "least", "many", "much", "too", "even", "once", "again", "later", "own",
        "called", "named", "known", "made", "became", "become", "went", "took", "take", "takes", "gave", "gives",
        "put", "puts", "got", "gets", "came", "comes", "goes", "says", "said", "began", "begins", "other", "another",
    ]
}
