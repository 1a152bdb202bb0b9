// The blocks of a text: paragraphs, list items, table rows, headings, code. Plain text is Markdown without marks. Knows
// nothing of sentences.

import Foundation

/// One block, as a range of the text without marks or white space around it.
struct TextBlock: Equatable {
    enum Kind: Equatable {
        /// Running text: a paragraph, an item of a list, a row of a table.
        case prose
        case heading
        /// A block of code between fences, or a rule.
        case other
    }

    let kind: Kind
    let range: Range<String.Index>

    /// The blocks of a text, in order.
    static func split(_ text: String) -> [TextBlock] {
        var splitter = Splitter(text: text)
        splitter.run()
        return splitter.blocks
    }
}

private struct Splitter {
    let text: String
    var blocks: [TextBlock] = []
    /// Lines of the paragraph so far.
    var paragraph: [Range<String.Index>] = []
    var fence: (marker: String, start: String.Index)?

    init(text: String) { self.text = text }

    mutating func run() {
        var start = text.startIndex
        while start < text.endIndex {
            let end = text[start...].firstIndex(of: "\n") ?? text.endIndex
            add(line: start..<end)
            start = end < text.endIndex ? text.index(after: end) : end
        }
        if let fence { blocks.append(TextBlock(kind: .other, range: fence.start..<text.endIndex)) }
        finishParagraph()
    }

    private mutating func add(line: Range<String.Index>) {
        let content = text[line]
        if let open = fence {
            guard Markdown.fence(content) == open.marker else { return }
            blocks.append(TextBlock(kind: .other, range: open.start..<line.upperBound))
            fence = nil
        } else if let marker = Markdown.fence(content) {
            finishParagraph()
            fence = (marker, line.lowerBound)
        } else if content.allSatisfy(\.isWhitespace) {
            finishParagraph()
        } else if Markdown.heading(content) != nil {
            finishParagraph()
            blocks.append(TextBlock(kind: .heading, range: line))
        } else if isRule(content) {
            // Under a paragraph of one line, it makes that a heading; a table's ruling does not.
            if !content.contains("|"), paragraph.count == 1, let heading = paragraph.popLast() {
                blocks.append(TextBlock(kind: .heading, range: heading))
            } else {
                finishParagraph()
                blocks.append(TextBlock(kind: .other, range: line))
            }
        } else {
            let marked = afterMarker(content)
            if marked != content.startIndex || content.hasPrefix("|") { finishParagraph() }
            if marked < line.upperBound { paragraph.append(marked..<line.upperBound) }
        }
    }

    private mutating func finishParagraph() {
        defer { paragraph = [] }
        guard var start = paragraph.first?.lowerBound else { return }
        let longest = paragraph.map { text.unicodeScalars[$0].count }.max() ?? 0
        for (line, next) in zip(paragraph, paragraph.dropFirst()) where isDeliberate(line, next, longest) {
            append(start..<line.upperBound)
            start = next.lowerBound
        }
        append(start..<(paragraph.last?.upperBound ?? start))
    }

    private mutating func append(_ range: Range<String.Index>) {
        blocks.append(TextBlock(kind: .prose, range: range.trimmed(in: text)))
    }

    /// Whether the writer broke the line where there was room for the next word: a list without marks, a verse, an
    /// address. Text that was wrapped at a width has no such breaks. A word in lower case goes on with the sentence.
    private func isDeliberate(_ line: Range<String.Index>, _ next: Range<String.Index>, _ longest: Int) -> Bool {
        let rest = text[next].drop(while: \.isWhitespace)
        guard let first = rest.first, !Script.isSmall(first) else { return false }
        let word = rest.prefix { !$0.isWhitespace }
        return text.unicodeScalars[line].count + 1 + word.unicodeScalars.count <= longest
    }

    /// Whether a line is a rule, an underline or a table's ruling: nothing but marks.
    private func isRule(_ line: Substring) -> Bool {
        guard line.allSatisfy({ $0.isWhitespace || "-=_*|:+".contains($0) }) else { return false }
        return line.count { !$0.isWhitespace } >= 3
    }

    /// Where a line's text begins: behind the mark of a list's item or a quotation.
    private func afterMarker(_ line: Substring) -> String.Index {
        let content = line.drop(while: \.isWhitespace)
        let number = content.prefix { $0.isASCII && $0.isNumber }
        var mark = content.startIndex
        if (1...3).contains(number.count), let dot = content.dropFirst(number.count).first, dot == "." || dot == ")" {
            mark = content.index(number.endIndex, offsetBy: 1)
        } else if let first = content.first, "-*+•>–".contains(first) {
            mark = content.index(after: content.startIndex)
        }
        guard mark > content.startIndex, mark < line.endIndex, line[mark].isWhitespace else { return line.startIndex }
        return line[mark...].firstIndex { !$0.isWhitespace } ?? line.startIndex
    }
}

extension Range<String.Index> {
    /// The range without white space at its ends.
    func trimmed(in text: String) -> Range<String.Index> {
        let content = text[self].drop(while: \.isWhitespace)
        var end = content.endIndex
        while end > content.startIndex, text[text.index(before: end)].isWhitespace { end = text.index(before: end) }
        return content.startIndex..<end
    }
}
