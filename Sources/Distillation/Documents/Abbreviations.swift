// Which full stops belong to an abbreviation and do not end a sentence. English mostly, with the commonest of German,
// French, Spanish and Russian. Knows nothing of sentences beyond the words on both sides of the stop.

enum Abbreviations {
    /// Whether the sentence goes on after `word` and its full stop, given the next word, which is no lower-case one.
    ///
    /// `isFirst` says that the word begins the sentence: a number there is an item's. `before` is the word before it.
    static func continues(word: Substring, isFirst: Bool, next: Substring, before: Substring) -> Bool {
        let lower = word.lowercased()
        if beforeNames.contains(lower) { return true }
        let nextIsNumber = next.first?.isNumber == true
        if nextIsNumber, beforeNumbers.contains(lower) { return true }
        if isFirst, word.count <= 3, !word.isEmpty, word.allSatisfy(\.isNumber) { return true }
        if isOrdinal(word, before: before, next: next) { return true }
        // "z. B.", "u. U."
        if word.count == 1, Script.isSmall(word[word.startIndex]), next.count == 1,
            !starters.contains(next.lowercased())
        {
            return true
        }
        // "J. Smith", "U.S. Army", "Acme Inc. Limited" go on, unless the next word is one that begins sentences.
        let mayEnd = isInitials(word) || beforeAnything.contains(lower)
        return mayEnd && !nextIsNumber && !starters.contains(next.lowercased())
    }

    /// The German "am 3. Mai" and "im 19. Jahrhundert".
    private static func isOrdinal(_ word: Substring, before: Substring, next: Substring) -> Bool {
        guard (1...2).contains(word.count), word.allSatisfy(\.isNumber), next.first?.isUppercase == true else {
            return false
        }
        return months.contains(next.lowercased())
            || beforeOrdinals.contains(before) && !starters.contains(next.lowercased())
    }

    private static let months: Set<String> = [
        "januar", "jänner", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober",
        "november",
        "dezember",
    ]

    /// German words that no English sentence has before a number.
    private static let beforeOrdinals: Set<Substring> = [
        "dem", "der", "im", "vom", "zum", "zur", "beim", "das", "des", "einem", "einen", "ihrem", "seinem", "Im", "Der",
        "Das",
        "Beim", "Vom", "Zum",
    ]

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
        "evtl", "ggf", "inkl", "exkl", "zzgl", "vgl", "sog", "geb", "gest", "dipl", "str", "msgr", "mgr",
        "dra", "ud", "uds", "ee", "av", "avda", "env", "dhr", "mevr", "bijv", "sig", "dott",
        "т.е", "ул", "пр", "просп", "пл", "проф", "акад", "ген", "св", "см", "напр", "тов", "пос",
    ]

    /// Do not end a sentence before a number.
    private static let beforeNumbers: Set<String> = [
        "no", "nos", "nr", "num", "fig", "figs", "eq", "eqs", "sec", "ch", "chap", "art", "vol", "vols", "p", "pp",
        "par",
        "para", "tab", "app", "ed", "ver", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
        "dec", "ext", "tel", "c", "al",
        "abs", "abb", "bd", "kap", "ziff", "jg", "okt", "dez", "núm", "pág", "págs", "fasc", "éd", "стр", "гл", "рис",
        "табл", "п",
    ]

    /// May end a sentence or not.
    private static let beforeAnything: Set<String> = [
        "jr", "inc", "ltd", "co", "corp", "llc", "bros", "dept", "univ", "assn", "ave", "blvd", "rd", "al", "ph.d",
        "m.d",
        "b.a", "m.a", "messrs", "gmbh", "jh", "jhdt", "mio", "mrd", "usw", "chr", "г", "гг", "в", "вв", "руб", "коп",
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
        "der", "die", "das", "er", "sie", "es", "ein", "eine", "il", "elle", "le", "la", "les", "el", "los", "las",
        "un", "una",
        "он", "она", "они", "это", "его", "её", "в", "на", "но", "с", "по", "после", "к", "из",
    ]
}
