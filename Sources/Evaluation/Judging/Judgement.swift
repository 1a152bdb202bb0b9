// What a judge's reply says: its reasoning and its grade. A grade that is not there plainly is not guessed.

import Tokenizers
import Foundation
import Generation

/// A judge's reply, read.
struct Judgement: Equatable {
    /// Whether the proposed answer is right; nil where the reply does not say so in form.
    let isCorrect: Bool?
    /// The judge's reasons; the whole reply where it has no grade.
    let reasoning: String

    static let reasoningTag = "reasoning"

    /// Reads a reply. Letter case, white space and missing closing tags do not matter. Each grade tag must hold the word true
    /// or false alone, and several must agree: whoever writes both has not decided.
    init(_ reply: String) {
        // Grades that are weighed in a thought are not given yet.
        let thought = Thoughts.removed(from: reply, keeping: [Self.reasoningTag])
        let said = (thought.isOpen ? "" : thought.text)[...]
        let grades = Self.contents(of: "grade", in: said).map(Self.truth)
        let isReadable = !grades.isEmpty && grades.allSatisfy { $0 != nil && $0 == grades[0] }
        isCorrect = isReadable ? grades[0] : nil
        reasoning = (isReadable ? Self.reasons(in: said) : String(said)).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What stands between the reasoning tags, or without them before the grade.
    private static func reasons(in said: Substring) -> String {
        if let tagged = contents(of: reasoningTag, in: said).first { return String(tagged.text) }
        return String(said[..<(opening("grade", in: said)?.lowerBound ?? said.endIndex)])
    }

    /// What follows each opening tag of a name up to the next tag, and whether that is its closing one.
    private static func contents(of name: String, in text: Substring) -> [(text: Substring, isClosed: Bool)] {
        var contents: [(text: Substring, isClosed: Bool)] = []
        var rest = text
        while let tag = opening(name, in: rest) {
            rest = rest[tag.upperBound...]
            // A "<" in a comparison is no tag.
            let next = rest.range(of: "<\\s*/?\\s*(grade|\(reasoningTag))\\b", options: pattern)
            let isClosed = next.map { rest[$0].contains("/") && rest[$0].lowercased().hasSuffix(name) } ?? false
            contents.append((rest[..<(next?.lowerBound ?? rest.endIndex)], isClosed))
        }
        return contents
    }

    private static func opening(_ name: String, in text: Substring) -> Range<Substring.Index>? {
        text.range(of: "<\\s*\(name)\\s*>", options: pattern)
    }

    private static let pattern: String.CompareOptions = [.regularExpression, .caseInsensitive]

    /// The truth value that is all of a tag's content; where the tag is not closed, all of the first line that holds anything.
    private static func truth(_ content: (text: Substring, isClosed: Bool)) -> Bool? {
        let lines = content.text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        guard let line = lines.first, lines.count == 1 || !content.isClosed else { return nil }
        let ornaments = CharacterSet.whitespaces.union(CharacterSet(charactersIn: ".*_`\"'"))
        switch line.trimmingCharacters(in: ornaments).lowercased() {
        case "true": return true
        case "false": return false
        default: return nil
        }
    }
}
