// Markdown as GitHub has it, read by cmark-gfm: front matter, which is taken off, the title, and the blocks with what they say.
// The text itself stays as it is written: models know Markdown. Knows nothing of sentences.

import CMarkGFM
import Foundation
import Yams

enum Markdown {
    /// A block that holds no other blocks, or a row of a table.
    struct Block: Equatable {
        let kind: TextBlock.Kind
        /// Where it begins: a line of the text, from 0.
        let line: Int
        /// What it says, without marks, a line a line; nothing for code, rules, HTML and the heads of tables.
        let text: String
    }

    /// A Markdown text without its front matter, and its title: the first heading, or the front matter's title.
    static func parse(_ text: String) -> (title: String?, text: String) {
        let (matter, body) = splitFrontMatter(text)
        let heading = blocks(body).first { $0.kind == .heading && !$0.text.isBlank }?.text
        let title = heading ?? matter.flatMap(title(inFrontMatter:))
        return (title?.split(whereSeparator: \.isWhitespace).joined(separator: " "), body)
    }

    // MARK: - Blocks

    /// The blocks of a text in their order.
    static func blocks(_ text: String) -> [Block] {
        _ = extensionsAreThere
        let parser = cmark_parser_new(CMARK_OPT_FOOTNOTES)
        defer { cmark_parser_free(parser) }
        for name in ["table", "tasklist"] {
            cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name))
        }
        var copy = text
        copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
        }
        let root = cmark_parser_finish(parser)
        defer { cmark_node_free(root) }
        var reading = Reading()
        // Not by recursion: a text can nest as deep as it is long.
        let iterator = cmark_iter_new(root)
        defer { cmark_iter_free(iterator) }
        while case let event = cmark_iter_next(iterator), event != CMARK_EVENT_DONE {
            guard let node = cmark_iter_get_node(iterator) else { break }
            reading.take(node, isEnd: event == CMARK_EVENT_EXIT)
        }
        // The tree has footnotes at its end.
        return reading.blocks.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map(\.element)
    }

    private static let extensionsAreThere: Void = cmark_gfm_core_extensions_ensure_registered()

    /// Blocks while the tree is walked.
    private struct Reading {
        var blocks: [Block] = []
        private var text = ""
        private var line = 0
        private var imagesAround = 0

        mutating func take(_ node: OpaquePointer, isEnd: Bool) {
            switch String(cString: cmark_node_get_type_string(node)) {
            case "paragraph", "table_row": takeBlock(.prose, node, isEnd)
            case "heading":
                // Prose with a rule right under it is no heading, whatever the rule's writer has forgotten.
                takeBlock(isEnd && text.contains("\n") ? .prose : .heading, node, isEnd)
            case "table_header": takeBlock(.other, node, isEnd)
            case "table_cell": if !isEnd, !text.isEmpty { text += " | " }
            case "code_block", "html_block", "thematic_break":
                blocks.append(Block(kind: .other, line: Int(cmark_node_get_start_line(node)) - 1, text: ""))
            // What is described is no part of a sentence.
            case "image": imagesAround += isEnd ? -1 : 1
            case "text", "code":
                if imagesAround == 0, let literal = cmark_node_get_literal(node) { text += String(cString: literal) }
            case "softbreak", "linebreak": if imagesAround == 0 { text += "\n" }
            default: break
            }
        }

        private mutating func takeBlock(_ kind: TextBlock.Kind, _ node: OpaquePointer, _ isEnd: Bool) {
            if isEnd {
                blocks.append(Block(kind: kind, line: line, text: kind == .other ? "" : text))
            } else {
                line = Int(cmark_node_get_start_line(node)) - 1
            }
            text = ""
        }
    }

    // MARK: - Front matter

    /// Only what is between a first line of --- and one of --- or ..., and is YAML (or TOML between +++): a text
    /// that begins with a rule looks the same up to there.
    private static func splitFrontMatter(_ text: String) -> (matter: ArraySlice<Substring>?, body: String) {
        guard text.hasPrefix("---") || text.hasPrefix("+++") else { return (nil, text) }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let isTOML = text.hasPrefix("+++")
        let (opening, closing) = isTOML ? (/\+{3}\s*/, /\+{3}\s*/) : (/-{3}\s*/, /(?:-{3}|\.{3})\s*/)
        guard lines[0].wholeMatch(of: opening) != nil,
            let end = lines.dropFirst().firstIndex(where: { $0.wholeMatch(of: closing) != nil })
        else { return (nil, text) }
        let matter = lines[1..<end]
        return isFrontMatter(matter, isTOML: isTOML)
            ? (matter, lines[(end + 1)...].joined(separator: "\n")) : (nil, text)
    }

    private static func isFrontMatter(_ lines: ArraySlice<Substring>, isTOML: Bool) -> Bool {
        guard lines.first?.isBlank == false else { return false }
        return isTOML ? isTOMLMatter(lines) : hasLookOfYAML(lines) || isYAMLMapping(lines)
    }

    /// Has a key, and nothing but keys and what belongs to them: comments, lists, indented lines. So has much that is not
    /// quite YAML, such as a title with a colon in it.
    private static func hasLookOfYAML(_ lines: ArraySlice<Substring>) -> Bool {
        // Names of up to three words, which a sentence with a colon in it seldom begins with.
        consists(lines, ofKeys: /["']?[\w.@$-]+(?: [\w.-]+){0,2}["']?\s*:(?:\s.*)?/)
    }

    /// Whether it is YAML with names of up to three words, of whatever characters. Aliases say nothing of that: as plain
    /// words they need no anchor and cannot grow.
    private static func isYAMLMapping(_ lines: ArraySlice<Substring>) -> Bool {
        let text = lines.joined(separator: "\n").replacing(/(^|[\s\[{,])\*[\w.\/-]+(?=[\s,\]}]|$)/) { "\($0.1)alias" }
        guard let mapping = composed(text)?.mapping, !mapping.isEmpty else { return false }
        return mapping.keys.allSatisfy { key in
            guard let name = key.string else { return false }
            return (1...3).contains(name.split(whereSeparator: \.isWhitespace).count)
        }
    }

    /// Nil for what is no YAML, longer than front matter is, or nested so deep that a parser that recurses has no room.
    private static func composed(_ yaml: String) -> Node? {
        let isDeep =
            yaml.utf8.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") } > 200
            || yaml.split(separator: "\n").contains { $0.prefix { " \t-?".contains($0) }.count > 100 }
        return isDeep || yaml.utf8.count > 65_536 ? nil : try? Yams.compose(yaml: yaml)
    }

    private static func isTOMLMatter(_ lines: ArraySlice<Substring>) -> Bool {
        // What values over several lines hold is no key.
        let text = lines.joined(separator: "\n").replacing(/"""(?s:.*?)"""|'''(?s:.*?)'''/, with: "\"\"")
            .replacing(/=[ \t]*\[[^\[\]]*\]/, with: "= []")
        let key = /(?:[\w.-]+|"[^"]+"|'[^']+')(?:\.(?:[\w-]+|"[^"]+"|'[^']+'))*\s*=\s*\S.*/
        return consists(text.split(separator: "\n", omittingEmptySubsequences: false)[...], ofKeys: key)
    }

    private static func consists(_ lines: ArraySlice<Substring>, ofKeys key: Regex<Substring>) -> Bool {
        func isKey(_ line: Substring) -> Bool { line.wholeMatch(of: key) != nil }
        return lines.contains(where: isKey)
            && lines.allSatisfy {
                $0.isBlank || $0.first?.isWhitespace == true || "#-[]{}".contains($0.prefix(1)) || isKey($0)
            }
    }

    private static func title(inFrontMatter matter: ArraySlice<Substring>) -> String? {
        guard let line = matter.firstIndex(where: { $0.wholeMatch(of: /(?i)title\s*[:=].*/) != nil }) else {
            return nil
        }
        let value = matter[line].drop { $0 != ":" && $0 != "=" }.dropFirst()
        // A title over several lines is indented from its second on.
        let further = matter[(line + 1)...].prefix { $0.first?.isWhitespace == true }
        let yaml = "title: \(([value] + further).joined(separator: "\n"))"
        let title =
            composed(yaml)?["title"]?.string
            ?? value.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"'"))
        return title.isBlank ? nil : title
    }
}
