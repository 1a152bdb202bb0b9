// The little that is read from Markdown: front matter, which is taken off, and the title. The rest stays as it is
// written: models know Markdown.

import Foundation

enum Markdown {
    /// A Markdown text without its front matter, and its title: the first heading, or the front matter's title.
    static func parse(_ text: String) -> (title: String?, text: String) {
        let (matter, body) = splitFrontMatter(text)
        return (firstHeading(body) ?? matter.flatMap(title(inFrontMatter:)), body)
    }

    /// The text of an ATX heading line, "## The harbour ##" → "The harbour"; nil for any other line.
    static func heading(_ line: some StringProtocol) -> String? {
        let marks = line.prefix { $0 == "#" }.count
        let rest = line.dropFirst(marks)
        guard (1...6).contains(marks), rest.isEmpty || rest.first == " " || rest.first == "\t" else { return nil }
        let text = rest.trimmingCharacters(in: .whitespaces)
        let body = text.reversed().drop { $0 == "#" }
        // Closing marks count only after a space: "C#" keeps its mark.
        return body.isEmpty || body.first == " " ? String(String(body.reversed()).trimmingSuffix(" ")) : text
    }

    /// The marker that opens or closes a block of code, if the line does.
    static func fence(_ line: some StringProtocol) -> String? {
        let trimmed = line.trimmingPrefix(while: \.isWhitespace)
        return ["```", "~~~"].first { trimmed.hasPrefix($0) }
    }

    private static func splitFrontMatter(_ text: String) -> (matter: Substring?, body: String) {
        guard text.hasPrefix("---\n"), let start = text.firstIndex(of: "\n") else { return (nil, text) }
        var line = text.index(after: start)
        while line < text.endIndex {
            let end = text[line...].firstIndex(of: "\n") ?? text.endIndex
            let next = end < text.endIndex ? text.index(after: end) : end
            if ["---", "..."].contains(text[line..<end].trimmingCharacters(in: .whitespaces)) {
                return (text[text.index(after: start)..<line], String(text[next...]))
            }
            line = next
        }
        return (nil, text)
    }

    private static func title(inFrontMatter matter: Substring) -> String? {
        for line in matter.split(separator: "\n") where line.hasPrefix("title:") {
            let value = line.dropFirst("title:".count).trimmingCharacters(in: .whitespaces)
            let title = value.trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
            return title.isEmpty ? nil : title
        }
        return nil
    }

    private static func firstHeading(_ text: String) -> String? {
        var openFence: String?
        var previous: Substring = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let marker = fence(line), openFence == nil || openFence == marker {
                openFence = openFence == nil ? marker : nil
            } else if openFence == nil {
                if let heading = heading(line), !heading.isEmpty { return heading }
                let title = previous.trimmingCharacters(in: .whitespaces)
                if !title.isEmpty, isUnderline(line) { return title }
            }
            previous = line
        }
        return nil
    }

    /// Whether a line makes the one before it a heading of the first level.
    private static func isUnderline(_ line: Substring) -> Bool {
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        return trimmed.count >= 2 && trimmed.allSatisfy { $0 == "=" }
    }
}

extension StringProtocol {
    /// The string without the given character at its end.
    fileprivate func trimmingSuffix(_ character: Character) -> SubSequence {
        var end = endIndex
        while end > startIndex, self[index(before: end)] == character { end = index(before: end) }
        return self[..<end]
    }
}
