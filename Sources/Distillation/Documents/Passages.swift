// Long documents cut into passages that fit a model's view, between paragraphs where possible, else between sentences,
// lines, words. Nothing is left out and nothing said twice. Knows nothing of tokenizers beyond a count.

import Foundation
import Store

/// Cuts documents into passages.
public enum Passages {
    /// The document itself if its text has at most `maximumTokens`, else passages of it, each a document with the same
    /// name and title and the next part number.
    ///
    /// Passages are of about equal length. `count` is a text's number of tokens. It is asked for every paragraph and
    /// every passage, not for every pair of them, so long documents take time in proportion to their length.
    public static func split(_ document: Document, maximumTokens: Int, count: (String) -> Int) -> [Document] {
        let maximum = max(1, maximumTokens)
        guard count(document.text) > maximum else { return [document] }
        let starts = document.isMarkdown ? markdownStarts(document.text) : paragraphStarts(document.text[...])
        let pieces = pieces(of: document.text[...], cutAt: starts, else: .sentences, maximum: maximum, count: count)
        let packer = Packer(text: document.text, maximum: maximum)
        return packer.pack(pieces, count: count).enumerated().map { part, text in
            Document(name: document.name, part: part, title: document.title, text: text, source: document.source)
        }
    }

    /// A stretch of the text and its number of tokens.
    fileprivate struct Piece {
        let range: Range<String.Index>
        let tokens: Int
    }

    /// Where a paragraph may be cut, the best places first.
    private enum Level {
        case sentences, lines, middle

        var finer: Level {
            switch self {
            case .sentences: .lines
            case .lines, .middle: .middle
            }
        }
    }

    /// Pieces that together are the text, none longer than `maximum` unless it is a single character.
    private static func pieces(
        of text: Substring, cutAt places: [String.Index], else level: Level, maximum: Int, count: (String) -> Int
    ) -> [Piece] {
        let borders = places.filter { $0 > text.startIndex && $0 < text.endIndex }
        let starts = [text.startIndex] + borders
        return zip(starts, borders + [text.endIndex]).flatMap { start, end in
            let tokens = count(String(text[start..<end]))
            guard tokens > maximum, text.index(after: start) < end else {
                return [Piece(range: start..<end, tokens: tokens)]
            }
            let part = text[start..<end]
            return pieces(
                of: part, cutAt: self.places(in: part, level: level), else: level.finer, maximum: maximum, count: count)
        }
    }

    /// Places in a text where a piece may begin.
    private static func places(in text: Substring, level: Level) -> [String.Index] {
        switch level {
        case .sentences: sentenceStarts(text)
        case .lines: text.indices.filter { text[$0] == "\n" }.map { text.index(after: $0) }
        case .middle: middle(of: text)
        }
    }

    /// Starts of headings, and of blocks behind a blank line that do not follow a heading: it stays with its text.
    private static func paragraphStarts(_ text: Substring) -> [String.Index] {
        var starts: [String.Index] = []
        var afterBlank = false
        var afterHeading = false
        var fence: String?
        var line = text.startIndex
        while line < text.endIndex {
            let end = text[line...].firstIndex(of: "\n") ?? text.endIndex
            let content = text[line..<end]
            let isBlank = content.allSatisfy(\.isWhitespace)
            let isHeading = fence == nil && TextBlock.isHeading(content)
            if fence == nil, !isBlank, !afterHeading, afterBlank || isHeading { starts.append(line) }
            if let marker = TextBlock.fence(content), fence == nil || fence == marker {
                fence = fence == nil ? marker : nil
            }
            if !isBlank { afterHeading = isHeading }
            afterBlank = isBlank
            line = end < text.endIndex ? text.index(after: end) : end
        }
        return starts
    }

    /// The same of Markdown.
    private static func markdownStarts(_ text: String) -> [String.Index] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var starts: [String.Index] = []
        var isBehindHeading = false
        for block in Markdown.blocks(text) where lines.indices.contains(block.line) {
            let isBehindBlank = block.line > 0 && lines[block.line - 1].isBlank
            if !isBehindHeading, isBehindBlank || block.kind == .heading { starts.append(lines[block.line].startIndex) }
            isBehindHeading = block.kind == .heading
        }
        return starts
    }

    private static func sentenceStarts(_ text: Substring) -> [String.Index] {
        let copy = String(text)
        return Sentences.split(copy).map { sentence in
            text.utf8.index(
                text.startIndex, offsetBy: copy.utf8.distance(from: copy.startIndex, to: sentence.range.lowerBound))
        }
    }

    /// The word nearest behind the middle, else before it, else the middle itself.
    private static func middle(of text: Substring) -> [String.Index] {
        let middle = text.index(text.startIndex, offsetBy: text.count / 2)
        let space =
            text[middle...].firstIndex(where: \.isWhitespace) ?? text[..<middle].lastIndex(where: \.isWhitespace)
        return [space.map { text.index(after: $0) }.flatMap { $0 < text.endIndex ? $0 : nil } ?? middle]
    }
}

/// Puts pieces together to passages of about equal length.
private struct Packer {
    let text: String
    let maximum: Int

    func pack(_ pieces: [Passages.Piece], count: (String) -> Int) -> [String] {
        var passages: [String] = []
        var remaining = pieces.reduce(0) { $0 + $1.tokens }
        var first = 0
        while first < pieces.count {
            // As many tokens as each of the passages to come has when all are equally long.
            let passagesLeft = (remaining + maximum - 1) / maximum
            let target = (remaining + passagesLeft - 1) / max(1, passagesLeft)
            var last = fill(pieces, from: first, target: target)
            // Counts of parts do not add up exactly: where the whole has more tokens, the last piece goes.
            while last > first, count(passage(pieces[first...last])) > maximum { last -= 1 }
            let passage = passage(pieces[first...last])
            if !passage.isEmpty { passages.append(passage) }
            remaining -= pieces[first...last].reduce(0) { $0 + $1.tokens }
            first = last + 1
        }
        return passages
    }

    /// The last piece of a passage that begins with `first`.
    private func fill(_ pieces: [Passages.Piece], from first: Int, target: Int) -> Int {
        var tokens = pieces[first].tokens
        var last = first
        while last + 1 < pieces.count, tokens < target, tokens + pieces[last + 1].tokens <= maximum {
            last += 1
            tokens += pieces[last].tokens
        }
        return last
    }

    private func passage(_ pieces: ArraySlice<Passages.Piece>) -> String {
        guard let first = pieces.first, let last = pieces.last else { return "" }
        return text[first.range.lowerBound..<last.range.upperBound].trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
