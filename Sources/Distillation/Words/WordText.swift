// A text as words and numbers, which is how answers and questions are compared: C++ is one word, 3,000 one number, $5 a number
// and its sign, and in scripts that put no spaces between words each character is a word. Knows characters, not what is
// compared with what.

import Basics

/// A word, a number or a sign of a text.
struct Word: Equatable {
    enum Kind: Equatable {
        case letters
        /// A character of a script without spaces.
        case character
        /// A run of Korean syllables: endings may follow the word itself.
        case syllables
        case number
        /// Of a currency, per cent, a degree.
        case sign
    }

    var kind: Kind
    /// In lower case and folded, or the number's value.
    var form: String
    /// Other values that a number may have.
    var otherReadings: [String] = []
    /// Folded, with its capitals.
    let written: String
    /// Where it stands among the text's characters.
    let range: Range<Int>

    func means(_ other: Word) -> Bool {
        form == other.form || otherReadings.contains(other.form)
            || other.otherReadings.contains { $0 == form || otherReadings.contains($0) }
    }
}

struct WordText {
    let scalars: [Unicode.Scalar]
    let words: [Word]

    /// - Parameter dotsGroupDigits: whether 1.234 may be 1234.
    init(_ text: String, dotsGroupDigits: Bool = false) {
        // Folding would make the word no of it.
        scalars = WordFolding.scalars(text.unicodeScalars.contains("№") ? text.replacing("№", with: "No.") : text)
        var scanner = WordScanner(scalars, dotsGroupDigits: dotsGroupDigits)
        words = scanner.scan()
    }

    /// Whether nothing but spaces parts a word from the next.
    func isFollowedByWord(_ place: Int) -> Bool { place + 1 < words.count && isSpace(after: place) }

    /// Whether nothing but spaces parts a word from the one before.
    func isPrecededByWord(_ place: Int) -> Bool { place > 0 && isSpace(after: place - 1) }

    /// Whether a word begins the text, or follows what ends a sentence, a line or a clause.
    func opensSentence(_ place: Int) -> Bool {
        guard place > 0 else { return true }
        return gap(after: place - 1).contains { ".!?:;\n\r".unicodeScalars.contains($0) }
    }

    private func isSpace(after place: Int) -> Bool {
        let gap = gap(after: place)
        return !gap.isEmpty && gap.allSatisfy { $0.properties.isWhitespace && $0 != "\n" }
    }

    private func gap(after place: Int) -> ArraySlice<Unicode.Scalar> {
        let (start, end) = (words[place].range.upperBound, words[place + 1].range.lowerBound)
        return scalars[min(start, end)..<max(start, end)]
    }
}

extension Unicode.Scalar {
    /// Letters, the marks on them, and digits: what words and numbers are made of.
    var isOfWord: Bool { isDigit || isOfLetters }

    var isDigit: Bool { ("0"..."9").contains(self) }

    var isOfLetters: Bool {
        if isASCII { return ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }

    fileprivate var isMark: Bool {
        guard !isASCII else { return false }
        switch properties.generalCategory {
        // The vowels of Thai and Lao that no letter stands without.
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return value == 0xE33 || value == 0xEB3
        }
    }

    fileprivate var isCurrency: Bool { self == "$" || !isASCII && properties.generalCategory == .currencySymbol }
}

private struct WordScanner {
    private let scalars: [Unicode.Scalar]
    private let dotsGroupDigits: Bool
    private var words: [Word] = []
    private var index = 0

    init(_ scalars: [Unicode.Scalar], dotsGroupDigits: Bool) {
        (self.scalars, self.dotsGroupDigits) = (scalars, dotsGroupDigits)
    }

    mutating func scan() -> [Word] {
        while index < scalars.count {
            let scalar = scalars[index]
            if beginsNumber() {
                number()
            } else if scalar.isOfLetters {
                if Script.isUnspaced(scalar) {
                    add(.character, to: end(from: index + 1) { $0.isMark })
                } else if Script.isHangul(scalar) {
                    add(.syllables, to: end(from: index + 1, while: Script.isHangul))
                } else {
                    letters()
                }
            } else if scalar == ".", isBehindSpace(index), at(index + 1)?.isOfLetters == true {
                // .NET
                letters()
            } else if scalar == "&", isBehindSpace(index), at(index + 1) == " " {
                add(.letters, to: index + 1, form: "and")
            } else if scalar == "-", isBehindSpace(index), at(index + 1)?.isCurrency == true, isDigit(index + 2) {
                // -$3
                add(.letters, to: index + 1, form: "minus")
            } else if scalar == "%" || scalar == "‰" || scalar.isCurrency {
                add(.sign, to: index + 1)
            } else if scalar == "°" {
                degree()
            } else {
                index += 1
            }
        }
        mendNeighbours()
        return words
    }

    // MARK: - Looking around

    private func at(_ place: Int) -> Unicode.Scalar? { scalars.indices.contains(place) ? scalars[place] : nil }

    private func isDigit(_ place: Int) -> Bool { at(place)?.isDigit == true }

    /// Whether a place is the beginning, or behind white space, a quote or an opening bracket.
    private func isBehindSpace(_ place: Int) -> Bool {
        guard let before = at(place - 1) else { return true }
        return before.properties.isWhitespace || "([{\"'=:<>~*_`".unicodeScalars.contains(before)
    }

    private func end(from start: Int, while fits: (Unicode.Scalar) -> Bool) -> Int {
        var end = start
        while end < scalars.count, fits(scalars[end]) { end += 1 }
        return end
    }

    /// Behind letters and digits that make one word. Digits make one with Latin letters alone, as in A4: elsewhere they are a number
    /// of their own, with a preposition or a unit before or behind it.
    private func endOfRun(_ start: Int) -> Int {
        let endsAtDigits = at(start).map(Script.isOtherThanLatin) == true
        return end(from: start) {
            $0.isOfWord && !(endsAtDigits && $0.isDigit) && !Script.isUnspaced($0) && !Script.isHangul($0)
        }
    }

    private func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[range])
        return String(text)
    }

    private mutating func add(_ kind: Word.Kind, to end: Int, form: String? = nil, written: String? = nil) {
        let written = written ?? text(index..<end)
        words.append(Word(kind: kind, form: form ?? written.lowercased(), written: written, range: index..<end))
        index = end
    }

    // MARK: - Words

    private mutating func letters() {
        let start = index
        let first = scalars[start] == "." ? start + 1 : start
        var end = endOfRun(first)
        if isVersion(start, end) { return add(.letters, to: start + 1, form: "version") }
        if let initials = endOfInitials(first, end) {
            let letters = text(start..<initials).filter { $0 != "." && $0 != " " }
            return add(.letters, to: initials, form: letters.lowercased(), written: letters)
        }
        // R&D
        while at(end) == "&", scalars[end - 1].properties.isUppercase, at(end + 1)?.properties.isUppercase == true {
            end = endOfRun(end + 1)
        }
        end = endOfMarks(start, end)
        add(.letters, to: end, form: text(start..<end).lowercased().replacing("♯", with: "#"))
    }

    /// v2, v1.20, V1.2: the number behind it is one of its own.
    private func isVersion(_ start: Int, _ end: Int) -> Bool {
        guard scalars[start] == "v" || scalars[start] == "V", end > start + 1 else { return false }
        guard scalars[(start + 1)..<end].allSatisfy(\.isDigit) else { return false }
        return scalars[start] == "v" || at(end) == "." && isDigit(end + 1)
    }

    /// Behind U.S, J.R.R or J. R. R, single letters with nothing but full stops between them, and behind Ph.D or M.Sc.
    private func endOfInitials(_ start: Int, _ end: Int) -> Int? {
        var (begin, last) = (start, end)
        guard isInitial(begin, last) else { return nil }
        while at(last) == "." {
            let isSpaced = at(last + 1) == " "
            let next = isSpaced ? last + 2 : last + 1
            guard at(next)?.isOfLetters == true else { break }
            let nextEnd = endOfRun(next)
            guard isInitial(next, nextEnd), last == begin + 1 || nextEnd == next + 1 else { break }
            if isSpaced {
                let isName = isCapital(begin) && isCapital(next) && at(nextEnd) == "."
                guard isName, last == begin + 1, nextEnd == next + 1 else { break }
            }
            (begin, last) = (next, nextEnd)
        }
        return last > end ? last : nil
    }

    /// One letter, or the Ph of Ph.D.
    private func isInitial(_ start: Int, _ end: Int) -> Bool {
        end == start + 1 || end == start + 2 && isCapital(start) && scalars[start + 1].properties.isLowercase
    }

    private func isCapital(_ place: Int) -> Bool { at(place)?.properties.isUppercase == true }

    /// Behind the marks that belong to a name: C++, F#, A+, A*. An asterisk before the letter too is emphasis; a number may
    /// follow C++ and C#, but A+1 is a sum.
    private func endOfMarks(_ start: Int, _ end: Int) -> Int {
        let isOne = end == start + 1 && scalars[start].properties.isUppercase && at(start - 1) != "*"
        for (mark, most) in [("+", 2), ("#", 1), ("*", isOne ? 1 : 0)] as [(Unicode.Scalar, Int)] where most > 0 {
            let marked = self.end(from: end) { $0 == mark || mark == "#" && $0 == "♯" }
            guard marked > end, marked - end <= most, at(marked)?.isOfLetters != true else { continue }
            if isDigit(marked), mark != "#", marked - end < 2 { continue }
            return marked
        }
        return end
    }

    private mutating func degree() {
        let letter = at(index + 1) == " " ? index + 2 : index + 1
        let isUnit = at(letter).map { "CFK".unicodeScalars.contains($0) } == true && at(letter + 1)?.isOfWord != true
        if isUnit {
            add(.sign, to: letter + 1, form: "°\(scalars[letter])".lowercased())
        } else {
            add(.sign, to: index + 1)
        }
    }

    // MARK: - Numbers

    /// At a digit, or at a sign or a decimal point that belongs to the digit behind it. The hyphen of 1914-1918 and of
    /// COVID-19 does not.
    private func beginsNumber() -> Bool {
        switch scalars[index] {
        case "-":
            guard isDigit(index + 1) || at(index + 1) == "." && isDigit(index + 2) else { return false }
            return isBehindSpace(index) || at(index - 1).map { ",;|/".unicodeScalars.contains($0) } == true
                || isBehindLeadingCurrency(index)
        case ".": return isBehindSpace(index) && isDigit(index + 1)
        default: return scalars[index].isDigit
        }
    }

    /// The - of €-40, which is not that of 5€-40€.
    private func isBehindLeadingCurrency(_ place: Int) -> Bool {
        guard at(place - 1)?.isCurrency == true else { return false }
        return !isDigit(place - 2) && !(at(place - 2) == " " && isDigit(place - 3))
    }

    private mutating func number() {
        let start = index
        let isNegative = scalars[start] == "-"
        let (parts, marks, ends) = digits(from: isNegative ? start + 1 : start)
        let number = WrittenNumber(parts: parts, marks: marks, dotsGroupDigits: dotsGroupDigits)
        guard var readings = number.readings else {
            for (part, end) in zip(parts, ends) {
                add(.number, to: end, form: part)
                index += 1
            }
            index -= 1
            return
        }
        var end = ends[ends.count - 1]
        if let (power, tail) = powerOfTen(end) {
            readings = readings.map { "\($0)e\(power)" }
            end = tail
        } else if let tail = endOfExponentOrFraction(end, isWhole: parts.count == 1) {
            readings = readings.map { $0 + text(end..<tail) }
            end = tail
        }
        if isNegative { readings = readings.map { "-\($0)" } }
        let run = endOfRun(end)
        if run > end, !Script.isOtherThanLatin(scalars[end]), !Self.units.contains(text(end..<run)) {
            // 12th, 1990s, 3D: a word of its own.
            return add(.letters, to: run, form: (readings[0] + text(end..<run)).lowercased())
        }
        add(.number, to: end, form: readings[0])
        words[words.count - 1].otherReadings = Array(readings.dropFirst())
    }

    /// Runs of digits, the marks between them, and where each run ends.
    private func digits(from start: Int) -> (parts: [String], marks: [Unicode.Scalar], ends: [Int]) {
        var (parts, marks, ends): ([String], [Unicode.Scalar], [Int]) = ([], [], [])
        var place = start
        if scalars[place] == "." { (parts, marks, ends) = (["0"], ["."], [place]); place += 1 }
        while true {
            let end = end(from: place, while: \.isDigit)
            parts.append(text(place..<end))
            ends.append(end)
            guard let mark = at(end), isDigit(end + 1) else { break }
            if mark == " " {
                // A space groups digits where three follow, and none more.
                let isGroup = end - place <= 3 && isDigit(end + 2) && isDigit(end + 3) && at(end + 4)?.isOfWord != true
                guard isGroup, marks.allSatisfy({ $0 == " " }), parts.count == 1 || end - place == 3 else { break }
            } else if !".,:'/".unicodeScalars.contains(mark) {
                break
            }
            marks.append(mark)
            place = end + 1
        }
        return (parts, marks, ends)
    }

    /// The power in 1e-12, 1.5E+12 and 6.02 x 10^23, and where it ends.
    private func powerOfTen(_ end: Int) -> (power: String, end: Int)? {
        var place = end
        if at(place) == "e" || at(place) == "E" {
            place += 1
            if at(place) == "+" { place += 1 }
        } else {
            if at(place) == " " { place += 1 }
            guard let times = at(place), "x×*·⋅".unicodeScalars.contains(times) else { return nil }
            place += at(place + 1) == " " ? 2 : 1
            guard at(place) == "1", at(place + 1) == "0", at(place + 2) == "^" else { return nil }
            place += 3
        }
        let digits = at(place) == "-" ? place + 1 : place
        let last = self.end(from: digits, while: \.isDigit)
        guard last > digits, at(last)?.isOfLetters != true else { return nil }
        return (text(place..<last), last)
    }

    /// Behind the exponent of 10^2, or behind the fraction of 3 1/2.
    private func endOfExponentOrFraction(_ end: Int, isWhole: Bool) -> Int? {
        if at(end) == "^" {
            let digits = at(end + 1) == "-" ? end + 2 : end + 1
            return isDigit(digits) ? self.end(from: digits, while: \.isDigit) : nil
        }
        guard isWhole, at(end) == " ", isDigit(end + 1) else { return nil }
        let slash = self.end(from: end + 1, while: \.isDigit)
        guard at(slash) == "/", isDigit(slash + 1) else { return nil }
        let last = self.end(from: slash + 1, while: \.isDigit)
        let (above, below) = (Int(text((end + 1)..<slash)) ?? 0, Int(text((slash + 1)..<last)) ?? 0)
        return above < below && below < 100 ? last : nil
    }

    /// What may stand right behind a number without making another word of it.
    private static let units: Set<String> = [
        "km", "m", "cm", "mm", "nm", "ft", "in", "mi", "yd", "kg", "g", "mg", "t", "lb", "lbs", "oz", "l", "ml", "mL",
        "ha",
        "ms", "min", "h", "kHz", "MHz", "GHz", "Hz", "kW", "MW", "GW", "kWh", "MWh", "kV", "mA", "kB", "KB", "MB", "GB",
        "TB",
        "px", "mph", "kph", "kn", "hp", "bn", "km2", "m2", "m3", "cm3", "k", "Uhr", "am", "pm",
    ]

    // MARK: - Words that are read together

    private static let magnitudes: Set<String> = [
        "thousand", "million", "billion", "trillion", "hundred", "k", "m", "mio", "bn", "mrd", "millionen",
        "milliarden",
    ]
    private static let signWords = [
        "percent": "%", "prozent": "%", "dollar": "$", "dollars": "$", "usd": "$", "euro": "€", "euros": "€",
        "eur": "€",
        "gbp": "£", "yen": "¥", "rupees": "₹", "rubles": "₽", "roubles": "₽",
    ]
    private static let dollarsOf: Set<String> = ["us", "u", "a", "au", "c", "ca", "hk", "nz", "s"]

    /// Makes one of 5 % and 5 percent, of $5 and 5 dollars, of -40 and minus 40, of No. 3 and Nr. 3.
    private mutating func mendNeighbours() {
        guard words.contains(where: { $0.kind == .number }) else { return }
        var mended: [Word] = []
        var pending: Word?
        for (place, word) in words.enumerated() {
            var word = word
            let next = place + 1 < words.count ? words[place + 1] : nil
            let isBehindAmount = mended.last.map { $0.kind == .number || Self.magnitudes.contains($0.form) } == true
            let isBeforeNumber =
                next?.kind == .number && next.map { $0.range.lowerBound - word.range.upperBound < 3 } == true
            if word.form == "cent", mended.last?.form == "per" {
                (word.kind, word.form) = (.sign, "%"); mended.removeLast()
            }
            if Self.signWords[word.form] == "$", isAmountWithCountry(mended) {
                // 5 US dollars
                mended.removeLast()
                (word.kind, word.form) = (.sign, "$")
            } else if let sign = Self.signWords[word.form], isBehindAmount || isBeforeNumber {
                (word.kind, word.form) = (.sign, sign)
            }
            if let sign = pending, word.kind != .number, !Self.magnitudes.contains(word.form) {
                mended.append(sign)
                pending = nil
            }
            if word.kind == .sign, isBeforeNumber, !isBehindAmount, word.form != "%" {
                if let last = mended.last, Self.dollarsOf.contains(last.form),
                    last.range.upperBound == word.range.lowerBound
                {
                    mended.removeLast()
                }
                pending = word
                continue
            }
            // "no 3 ships" is none.
            let isName = word.written == "No" && (place + 2 == words.count || !opensSentence(word))
            let isAbbreviated =
                word.form == "nr" || word.form == "no" && (at(word.range.upperBound) == "." || isName)
            if isAbbreviated, isBeforeNumber { word.form = "№" }
            if word.kind == .number, mended.last?.form == "minus", !word.form.hasPrefix("-") {
                word.form = "-\(word.form)"
                word.otherReadings = word.otherReadings.map { "-\($0)" }
                mended.removeLast()
            }
            mended.append(word)
        }
        if let pending { mended.append(pending) }
        words = mended
        for place in words.indices.dropLast() where words[place].kind == .number && words[place + 1].kind == .sign {
            words[place].addAmount()
        }
    }

    private func isAmountWithCountry(_ words: [Word]) -> Bool {
        guard let country = words.last, let amount = words.dropLast().last else { return false }
        return Self.dollarsOf.contains(country.form) && country.written.first?.isUppercase == true
            && (amount.kind == .number || Self.magnitudes.contains(amount.form))
    }

    private func opensSentence(_ word: Word) -> Bool {
        let before = scalars[..<word.range.lowerBound].last {
            $0 == "\n" || !($0.properties.isWhitespace || $0 == "\"")
        }
        return before.map { ".!?:;\n".unicodeScalars.contains($0) } ?? true
    }
}

extension Word {
    /// Of money and shares 5.50 is 5.5; of a version 1.20 is not 1.2.
    fileprivate mutating func addAmount() {
        guard form.contains("."), form.hasSuffix("0") else { return }
        var amount = form
        while amount.hasSuffix("0") { amount.removeLast() }
        if amount.hasSuffix(".") { amount.removeLast() }
        otherReadings.append(amount)
    }
}
