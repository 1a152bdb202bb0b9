// Whether a question points at the text that it was made from, so that nobody without the text could answer it: "in the passage
// above", "according to the article", "what does the author say". A word alone says nothing: a charter has articles, a traveller
// a document. English, as such questions are. Knows words, not documents.

struct TextPointers {
    private let written: Set<String>
    /// Of the words for texts, those that the text has as verbs: sentenced, extracted.
    private let done: Set<String>

    /// - Parameter text: what questions are made from. A thing that it speaks of itself is nothing that points at it.
    init(text: String) {
        let words = Set(Self.words(text).map { Self.singular($0.lowercased()) })
        written = words
        done = Self.texts.filter { text in
            let stem = text.hasSuffix("e") ? text.dropLast() : text[...]
            return ["ed", "ing", "ion"].contains { words.contains(stem + $0) }
        }
    }

    /// Words for a text and its parts that are seldom anything else.
    private static let plainTexts: Set<String> = [
        "passage", "sentence", "text", "paragraph", "excerpt", "snippet", "extract",
    ]
    private static let texts = plainTexts.union(["article", "document", "title"])
    private static let writers: Set<String> = ["author", "writer", "narrator"]
    private static let places: Set<String> = ["above", "below", "following", "given", "preceding", "provided"]
    /// What may stand between "the" and the word without making it another thing.
    private static let whichOne = places.union([
        "previous", "first", "second", "third", "last", "whole", "entire", "same", "original", "present", "said",
    ])
    private static let sayings: Set<String> = [
        "say", "state", "mention", "describe", "tell", "explain", "discuss", "refer", "suggest", "imply", "claim",
        "argue",
        "conclude", "list", "name", "call", "give", "provide", "about", "mean", "compare", "focu", "note", "use",
        "report", "think",
        "believe", "want",
    ]
    /// What says which thing is meant: the title of the book, the document that he signed.
    private static let specifying: Set<String> = [
        "of", "that", "which", "who", "whom", "whose", "called", "named", "titled", "entitled", "known", "for",
        "between", "number",
    ]

    func point(_ question: String) -> Bool {
        let asked = Self.words(question)
        func isClosed(_ word: Substring) -> Bool {
            question[word.endIndex...].first.map { ",;:?".contains($0) } == true
        }
        let words = asked.map { $0.lowercased() }
        return words.indices.contains { place in
            let word = Self.singular(words[place])
            guard !written.contains(word) else { return false }
            switch word {
            case "aforementioned": return true
            case "mentioned": return Self.isMention(words, place)
            case "above", "following": return Self.isList(words, place)
            case _ where Self.plainTexts.contains(word):
                return isPointer(words, place, isClosed: isClosed(asked[place]))
            // The writer Abel Carver, the document Magna Carta.
            case _ where Self.texts.contains(word) || Self.writers.contains(word):
                let isNamed =
                    place + 1 < asked.count && asked[place + 1].first.map { $0.isUppercase || $0.isNumber } == true
                return !isNamed && isPointer(words, place, isClosed: isClosed(asked[place]))
            default: return false
            }
        }
    }

    /// "The ships mentioned above", "which ships are mentioned": not "who first mentioned the comet".
    private static func isMention(_ words: [String], _ place: Int) -> Bool {
        guard place + 1 < words.count else { return true }
        let (next, before) = (words[place + 1], place > 0 ? words[place - 1] : "")
        if ["above", "below", "here", "earlier", "before", "previously"].contains(next) { return true }
        return ["is", "are", "was", "were", "been"].contains(before) && !["in", "by", "on", "at"].contains(next)
    }

    /// "Which of the following", "all of the above"; not "of the following year".
    private static func isList(_ words: [String], _ place: Int) -> Bool {
        guard place > 0, words[place - 1] == "the" else { return false }
        guard place + 1 < words.count else { return true }
        return place > 1 && words[place - 2] == "of"
            && !["year", "day", "week", "month", "night", "century"].contains(words[place + 1])
    }

    /// Whether a word for a text or its writer is the one at hand.
    /// - Parameter isClosed: whether a mark behind it parts it from the next.
    private func isPointer(_ words: [String], _ place: Int, isClosed: Bool) -> Bool {
        let next = place + 1 < words.count && !isClosed ? words[place + 1] : nil
        if let next, Self.places.contains(next) { return true }
        // Back over "first" and the like, to the article.
        let start = words[..<place].lastIndex { !Self.whichOne.contains($0) } ?? -1
        if words[(start + 1)..<place].contains(where: Self.places.contains) { return true }
        guard start >= 0 else { return false }
        if words[start] == "this" || words[start] == "these" { return true }
        guard words[start] == "the" else { return false }
        let word = Self.singular(words[place])
        guard let next else {
            return Self.writers.contains(word) || Self.isPart(words[..<start])
                || Self.isSource(words[..<start]) && !done.contains(word)
        }
        if Self.specifying.contains(next) { return false }
        if Self.sayings.contains(Self.singular(next)) || next == "s" { return true }
        return Self.isSource(words[..<start]) && !next.hasSuffix("ed") && !done.contains(word)
    }

    /// Whether words end in a preposition by which a text is a source: in, from, according to, based on.
    private static func isSource(_ words: ArraySlice<String>) -> Bool {
        switch words.last {
        case "in", "from", "per", "within", "throughout", "by": true
        case "to": words.dropLast().last == "according"
        case "on": words.dropLast().last == "based"
        default: false
        }
    }

    /// Whether words end in what only a text has: the main idea of, at the beginning of.
    private static func isPart(_ words: ArraySlice<String>) -> Bool {
        words.last == "of" && words.dropLast().last.map { parts.contains(singular($0)) } == true
    }

    private static let parts: Set<String> = [
        "idea", "topic", "theme", "subject", "purpose", "tone", "summary", "gist", "focu", "message", "context",
        "title",
        "beginning", "start", "middle", "end", "rest", "part", "line", "paragraph", "sentence", "author", "writer",
        "point",
        "narrator",
    ]

    private static func singular(_ word: String) -> String {
        word.count > 3 && word.hasSuffix("s") ? String(word.dropLast()) : word
    }

    private static func words(_ text: String) -> [Substring] { text.split { !($0.isLetter || $0.isNumber) } }
}
