// In which language questions are to be asked: the setting's, else that of the document. Models that are asked in English
// mostly ask in English, whatever the document is in. Knows scripts and the commonest words of languages, not models.

import Basics
import Foundation

enum QuestionLanguage: Equatable {
    case english
    case named(String)
    /// Not English; that of the document, say.
    case that(of: String)

    /// - Parameters:
    ///   - setting: a language's name, or its code.
    ///   - text: what is asked about.
    init(_ setting: String?, for text: String) {
        if let setting, !setting.isBlank {
            let name = setting.trimmingCharacters(in: .whitespaces)
            let isCode = name.wholeMatch(of: /[A-Za-z]{2,3}([-_][A-Za-z]+)*/) != nil
            let known = isCode ? Locale(identifier: "en_US").localizedString(forIdentifier: name) : nil
            self = .named(known ?? name)
        } else {
            self = QuestionLanguage.of(text)
        }
    }

    /// What a request says of it, behind a space; nothing for English, which requests are written in.
    /// - Parameter wanted: "Write the questions".
    func request(_ wanted: String = "Write the questions") -> String {
        switch self {
        case .english: ""
        case .named(let name): " \(wanted) in \(name)."
        case .that(let thing): " \(wanted) in the language of the \(thing)."
        }
    }

    // MARK: - Guessing

    /// The language of a text. English unless much speaks for another: half of the letters in another script, or, in Latin
    /// letters, twice as many of another language's commonest words as of English ones, or letters that English has not.
    static func of(_ text: String) -> QuestionLanguage {
        let text = String(text.prefix(20_000)).foldedForComparison.lowercased()
        var (letters, accented, foreign): (Int, Int, [Script: Int]) = (0, 0, [:])
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            letters += 1
            if scalar.value < 0x80 { continue }
            if let script = Script(scalar) { foreign[script, default: 0] += 1 } else { accented += 1 }
        }
        let words = text.split { !$0.isLetter && $0 != "'" }
        if letters > 0, 2 * foreign.values.reduce(0, +) >= letters { return inOtherScript(foreign, words) }
        let english = words.count(where: CommonWords.english.contains)
        if let best = CommonWords.best(of: CommonWords.latin, in: words), 10 * best.count >= words.count,
            best.count >= 2 * english, best.distinct >= 4 || best.distinct >= 2 && accented > 0
        {
            return best.name.map(QuestionLanguage.named) ?? .that(of: "document")
        }
        return words.count >= 8 && 20 * english < words.count && 25 * accented > letters
            ? .that(of: "document") : .english
    }

    private static func inOtherScript(_ counts: [Script: Int], _ words: [Substring]) -> QuestionLanguage {
        // Chinese has no kana, and a Japanese text may have more characters than kana.
        if let kana = counts[.kana], 10 * kana > counts[.han, default: 0] { return .named("Japanese") }
        let languages: [String: Set<Substring>]
        switch counts.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) })?.key {
        case .han: return .named("Chinese")
        case .hangul: return .named("Korean")
        case .greek: return .named("Greek")
        case .hebrew: return .named("Hebrew")
        case .thai: return .named("Thai")
        case .georgian: return .named("Georgian")
        case .armenian: return .named("Armenian")
        case .cyrillic: languages = CommonWords.cyrillic
        case .arabic: languages = CommonWords.arabic
        case .kana, .other, nil: return .that(of: "document")
        }
        return CommonWords.best(of: languages, in: words)?.name.map(QuestionLanguage.named) ?? .that(of: "document")
    }

    private enum Script: Int {
        case greek, cyrillic, armenian, hebrew, arabic, thai, georgian, hangul, kana, han, other

        /// nil for Latin.
        init?(_ scalar: Unicode.Scalar) {
            switch scalar.value {
            case ..<0x370, 0x1E00..<0x1F00, 0x2C60..<0x2C80, 0xA720..<0xA800, 0xAB30..<0xAB70: return nil
            case ..<0x400, 0x1F00..<0x2000: self = .greek
            case ..<0x530, 0x1C80..<0x1C90, 0x2DE0..<0x2E00, 0xA640..<0xA6A0: self = .cyrillic
            case ..<0x590: self = .armenian
            case ..<0x600: self = .hebrew
            case ..<0x700, 0x750..<0x780, 0x8A0..<0x900: self = .arabic
            case 0xE00..<0xE80: self = .thai
            case 0x10A0..<0x1100: self = .georgian
            case 0x1100..<0x1200, 0x3130..<0x3190, 0xAC00..<0xD7B0: self = .hangul
            case 0x3040..<0x3100: self = .kana
            case 0x2E80..<0x2FE0, 0x3005...0x3007, 0x3400..<0xA000, 0xF900..<0xFB00, 0x20000..<0x32000: self = .han
            default: self = .other
            }
        }
    }
}
