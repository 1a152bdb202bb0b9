// Which full stops belong to an abbreviation and do not end a sentence. English mostly, with the commonest of German,
// French and Spanish. Knows nothing of sentences beyond the words on both sides of the stop.

enum Abbreviations {
    /// Whether the sentence goes on after `word` and its full stop, given the next word, which is no lower-case one.
    ///
    /// `isFirst` says that the word begins the sentence: a number there is an item's.
    static func continues(word: Substring, isFirst: Bool, next: Substring) -> Bool {
        let lower = word.lowercased()
        if beforeNames.contains(lower) { return true }
        let nextIsNumber = next.first?.isNumber == true
        if nextIsNumber, beforeNumbers.contains(lower) { return true }
        if isFirst, word.count <= 3, !word.isEmpty, word.allSatisfy(\.isNumber) { return true }
        // "J. Smith", "U.S. Army", "Acme Inc. Limited" go on, unless the next word is one that begins sentences.
        let mayEnd = isInitials(word) || beforeAnything.contains(lower)
        return mayEnd && !nextIsNumber && !starters.contains(next.lowercased())
    }

    /// "J", "U.S", "Ph.D": capitals, or short parts, with full stops between them.
    private static func isInitials(_ word: Substring) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 1 { return word.count == 1 && word.first?.isUppercase == true && word != "I" }
        return parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(\.isLetter) }
            && parts.contains { $0.first?.isUppercase == true }
    }

    /// Never end a sentence: titles, and what leads over to a name or an example.
    private static let beforeNames: Set<String> = [
        "dr", "mr", "mrs", "ms", "mx", "prof", "st", "ste", "gen", "col", "capt", "cpt", "cmdr", "lt", "sgt", "maj",
        "adm", "rev", "fr", "hon", "sen", "rep", "gov", "pres", "mt", "ft", "vs", "v", "e.g", "i.e", "cf", "viz", "ca",
        "approx", "incl", "esp", "hr", "fra", "frl", "mme", "mlle", "sr", "sra", "srta", "z.b", "d.h", "u.a", "bzw",
        "ca",
    ]

    /// Do not end a sentence before a number.
    private static let beforeNumbers: Set<String> = [
        "no", "nos", "nr", "num", "fig", "figs", "eq", "eqs", "sec", "ch", "chap", "art", "vol", "vols", "p", "pp",
        "par",
        "para", "tab", "app", "ed", "ver", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
        "dec", "ext", "tel", "c", "al",
    ]

    /// May end a sentence or not.
    private static let beforeAnything: Set<String> = [
        "jr", "inc", "ltd", "co", "corp", "llc", "bros", "dept", "univ", "assn", "ave", "blvd", "rd", "al", "ph.d",
        "m.d",
        "b.a", "m.a", "messrs", "gmbh",
    ]

    /// Words that begin sentences far more often than they go on from an abbreviation.
    static let starters: Set<String> = [
        "the", "a", "an", "this", "that", "these", "those", "it", "its", "he", "she", "they", "we", "i", "you", "his",
        "her", "their", "our", "my", "your", "in", "on", "at", "by", "for", "from", "to", "with", "as", "but", "and",
        "or",
        "so", "yet", "if", "when", "while", "after", "before", "since", "because", "although", "though", "however",
        "there", "here", "what", "who", "how", "why", "where", "which", "is", "are", "was", "were", "has", "have",
        "not",
        "no", "some", "many", "most", "all", "each", "every", "one", "two", "then", "thus", "today", "now", "later",
        "during", "under", "until", "unlike", "despite",
    ]
}
