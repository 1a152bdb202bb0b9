// Forms that a name takes in a language's cases and mutations: Praha and Praze, Turku and Turussa, Baile and mBaile. By the letters
// that they share. Knows letters, not languages.

import Foundation

enum NameForms {
    /// Whether a word has a capital, wherever: Irish ones may stand behind a small letter.
    static func isCapitalised(_ word: some StringProtocol) -> Bool { word.contains(where: \.isUppercase) }

    /// Whether two words can be forms of one name: their first halves, or all but a few first letters, are the same.
    static func mayBeOne(_ word: String, _ name: String) -> Bool {
        let (word, name) = (letters(word), letters(name))
        let start = zip(word, name).prefix { $0 == $1 }.count
        let end = zip(word.reversed(), name.reversed()).prefix { $0 == $1 }.count
        return start >= 2 && 2 * start >= name.count || end >= 4 && end + 2 >= max(word.count, name.count)
    }

    /// Without case and accents.
    private static func letters(_ word: String) -> [Character] {
        Array(
            word.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil).replacing("ł", with: "l"))
    }
}
