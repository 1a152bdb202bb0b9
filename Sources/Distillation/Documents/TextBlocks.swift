// The blocks of a text of no known format: paragraphs, list items, table rows, headings and code as people mark them who write
// for nobody's parser. And which way a document's blocks are read. Knows no sentence's end.

import Foundation
import Store

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
    /// - Parameter isPlain: whether nothing in it is code or a heading, whatever it looks like.
    static func split(_ text: String, isPlain: Bool = false) -> [TextBlock] {
        var splitter = Splitter(text: text, isPlain: isPlain)
        splitter.run()
        return splitter.blocks
    }

    static func isHeading(_ line: Substring) -> Bool {
        let marks = line.prefix { $0 == "#" }.count
        let rest = line.dropFirst(marks)
        return (1...6).contains(marks) && (rest.isEmpty || rest.first == " " || rest.first == "\t")
    }

    /// The marker that opens or closes a block of code, if the line does.
    static func fence(_ line: Substring) -> String? {
        let trimmed = line.trimmingPrefix(while: \.isWhitespace)
        return ["```", "~~~"].first { trimmed.hasPrefix($0) }
    }

    /// The lines of a paragraph in groups that go together, one of them where nothing was broken on purpose.
    ///
    /// A line is, where there was room for the next word: a list without marks, a verse, an address. Text that was wrapped at
    /// a width has no such breaks. A word in lower case goes on with the sentence.
    /// - Parameter written: the lines as they are in the text, with their marks.
    static func parts(of lines: [Substring], written: [Substring]) -> [Range<Int>] {
        let lengths = written.map(\.unicodeScalars.count)
        let longest = lengths.max() ?? 0
        let borders = lines.indices.dropFirst().filter { next in
            guard let first = lines[next].first(where: { !$0.isWhitespace }), !Script.isSmall(first) else {
                return false
            }
            let word = written[next].drop(while: \.isWhitespace).prefix { !$0.isWhitespace }
            return lengths[next - 1] + 1 + word.unicodeScalars.count <= longest
        }
        return zip([0] + borders, borders + [lines.count]).filter { $0 < $1 }.map { $0..<$1 }
    }
}

// MARK: - Documents

extension Document {
    /// Whether the text is Markdown: by its file's name, or that of a row by marks that no other text has.
    var isMarkdown: Bool {
        switch fileExtension {
        case "md", "markdown": true
        case "txt", "text": false
        default:
            text.split(separator: "\n").contains { line in
                TextBlock.isHeading(line) && line.contains { $0.isLetter } || TextBlock.fence(line) != nil
                    || line.wholeMatch(of: /\s*\|?(\s*:?-{2,}:?\s*\|)+[\s:|-]*/) != nil
            }
        }
    }

    private var fileExtension: String { URL(fileURLWithPath: name).pathExtension.lowercased() }

    /// Its sentences in order, each on one line, without the marks of Markdown.
    public var sentences: [String] {
        guard isMarkdown else {
            return Sentences.split(text, isPlain: ["txt", "text"].contains(fileExtension)).map(\.text)
        }
        let written = text.split(separator: "\n", omittingEmptySubsequences: false)
        return Markdown.blocks(text).filter { $0.kind == .prose }.flatMap { block in
            let lines = block.text.split(separator: "\n", omittingEmptySubsequences: false)
            let own = lines.indices.map { $0 + block.line < written.count ? written[$0 + block.line] : "" }
            return TextBlock.parts(of: lines, written: own).flatMap {
                Document.sentences(in: lines[$0].joined(separator: "\n"))
            }
        }
    }

    private static func sentences(in prose: String) -> [String] {
        Sentences.ranges(in: prose, (prose.startIndex..<prose.endIndex).trimmed(in: prose)).map { prose[$0] }
            .filter { $0.contains { $0.isLetter || $0.isNumber } }
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }
}

private struct Splitter {
    let text: String
    let isPlain: Bool
    var blocks: [TextBlock] = []
    /// Lines of the paragraph so far.
    var paragraph: [Range<String.Index>] = []
    var fence: (marker: String, start: String.Index)?

    init(text: String, isPlain: Bool) { (self.text, self.isPlain) = (text, isPlain) }

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
            guard TextBlock.fence(content) == open.marker else { return }
            blocks.append(TextBlock(kind: .other, range: open.start..<line.upperBound))
            fence = nil
        } else if isPlain, isOfMarks(content) {
            finishParagraph()
        } else if !isPlain, let marker = TextBlock.fence(content) {
            finishParagraph()
            fence = (marker, line.lowerBound)
        } else if content.allSatisfy(\.isWhitespace) {
            finishParagraph()
        } else if !isPlain, TextBlock.isHeading(content) {
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
        let lines = paragraph.map { text[$0] }
        for part in TextBlock.parts(of: lines, written: lines) {
            let range = paragraph[part.lowerBound].lowerBound..<paragraph[part.upperBound - 1].upperBound
            blocks.append(TextBlock(kind: .prose, range: range.trimmed(in: text)))
        }
    }

    /// Whether a line is a rule, an underline or a table's ruling: nothing but marks.
    private func isRule(_ line: Substring) -> Bool {
        guard line.allSatisfy({ $0.isWhitespace || "-=_*|:+".contains($0) }) else { return false }
        return line.count { !$0.isWhitespace } >= 3
    }

    /// Whether a line of a plain text parts what is above from what is below: at least three marks and no word.
    private func isOfMarks(_ line: Substring) -> Bool {
        !line.contains { $0.isLetter || $0.isNumber } && line.count { !$0.isWhitespace } >= 3
    }

    /// Where a line's text begins: behind the mark of a list's item, a quotation or, in plain text, a heading.
    private func afterMarker(_ line: Substring) -> String.Index {
        let content = line.drop(while: \.isWhitespace)
        let number = content.prefix { $0.isASCII && $0.isNumber }
        var mark = content.startIndex
        if (1...3).contains(number.count), let dot = content.dropFirst(number.count).first, dot == "." || dot == ")" {
            mark = content.index(number.endIndex, offsetBy: 1)
        } else if let first = content.first, "-*+•>–".contains(first) {
            mark = content.index(after: content.startIndex)
        } else if isPlain, TextBlock.isHeading(content) {
            mark = content.firstIndex { $0 != "#" } ?? content.startIndex
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
