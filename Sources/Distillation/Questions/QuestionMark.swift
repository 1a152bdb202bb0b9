// Whether a line is a question by how it is written: by the marks of all scripts, and by words in languages that need none.
// Knows text, not what is asked.

enum QuestionMark {
    /// Marks that end a question; two in one character are one mark.
    private static let marks: Set<Character> = ["?", "？", "؟", "⸮", "፧", "⁇", "⁈", "⁉", "‽", "﹖", "⳺", "꘏", "꛷", "᥅"]

    /// Whether a line asks one thing: its end is a question mark, but for quotes, brackets, Markdown's marks and white space
    /// behind it, and no other question mark is in it. In languages that put none, words say that it asks.
    static func asks(_ line: String) -> Bool {
        let text = trimmed(line)
        guard let last = text.last else { return false }
        let isGreek = text.unicodeScalars.contains(where: Script.isGreek)
        let count = ownMarks(text, isGreek: isGreek)
        // The Armenian one stands over the word that asks, wherever that is.
        if text.unicodeScalars.contains("\u{55E}") { return count == 0 }
        if isMark(last, isGreek: isGreek) { return count == 1 }
        // What an exclamation mark stands behind: Who did it?!
        if last == "!" || last == "！", let mark = text.dropLast().last, isMark(mark, isGreek: isGreek) {
            return count == 1
        }
        return count == 0 && asksInWords(text)
    }

    /// How many marks a line has of its own: not in what it quotes, as a title or code, nor within a word, as in an address.
    private static func ownMarks(_ line: Substring, isGreek: Bool) -> Int {
        let text = line.replacing(/“[^”]*”|"[^"]*"|«[^»]*»|「[^」]*」|『[^』]*』|`[^`]*`/, with: "")
        return text.indices.count { place in
            guard isMark(text[place], isGreek: isGreek) else { return false }
            let next = text[text.index(after: place)...].first
            return next.map { !($0.isLowercase || $0.isNumber || ".=&[".contains($0)) } ?? true
        }
    }

    /// Whether a character ends a question. In Greek the semicolon does, which Unicode makes one of with the Greek mark.
    static func isMark(_ character: Character, isGreek: Bool) -> Bool {
        marks.contains(character) || isGreek && character == ";"
    }

    /// Without what may stand behind the mark.
    private static func trimmed(_ line: String) -> Substring {
        let closers: Set<Character> = [
            "\"", "'", "”", "’", "»", ")", "]", "}", "」", "』", "）", "】", "》", "*", "_", "`", "~",
        ]
        var text = line[...]
        while let last = text.last, last.isWhitespace || closers.contains(last) { text.removeLast() }
        return text
    }

    /// Questions without a mark.
    private static func asksInWords(_ text: Substring) -> Bool {
        let stops: Set<Character> = ["。", "．", ".", "။", "។", " "]
        var end = text
        while let last = end.last, stops.contains(last) { end.removeLast() }
        guard let script = end.unicodeScalars.last(where: \.isOfLetters)?.value else { return false }
        switch script {
        // Japanese ends in か, Chinese in a particle.
        case 0x3040...0x309F: return end.hasSuffix("か")
        case 0x3400...0x9FFF: return ["吗", "呢", "嗎", "么", "麼"].contains { end.hasSuffix($0) }
        case 0xAC00...0xD7A3: return korean.contains { end.hasSuffix($0) }
        case 0xE00...0xE7F: return thai.contains { end.contains($0) }
        case 0xE80...0xEFF: return lao.contains { end.contains($0) }
        case 0x1000...0x109F: return ["လား", "လဲ", "နည်း", "သနည်း", "သလော"].contains { end.hasSuffix($0) }
        case 0x1780...0x17FF: return ["តើ", "ឬទេ", "អ្វី", "នរណា", "ប៉ុន្មាន"].contains { end.contains($0) }
        default: return false
        }
    }

    private static let thai = [
        "ไหม", "มั้ย", "หรือไม่", "หรือเปล่า", "หรือยัง", "อะไร", "ใคร", "ไหน", "เมื่อไร", "เมื่อไหร่", "ใด", "เท่าไร", "เท่าไหร่",
        "เท่าใด", "อย่างไร",
        "ยังไง", "ทำไม", "เหตุใด", "กี่",
    ]
    private static let korean = ["까", "까요", "나요", "가요", "인가", "는가", "은가", "던가"]
    private static let lao = ["ບໍ", "ຫຍັງ", "ໃຜ", "ໃສ", "ໃດ", "ຈັກ", "ເທົ່າໃດ", "ເປັນຫຍັງ"]
}
