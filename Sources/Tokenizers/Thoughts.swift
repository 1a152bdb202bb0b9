// What a reasoning model thinks before it replies, where that stands in the text of the reply, be the model here or behind an
// endpoint. Knows text, neither models nor requests.

import Foundation

public enum Thoughts {
    /// A reply's text without the thoughts before it.
    ///
    /// A thought begins the reply, after white space, or it has an end but no beginning, because the chat template wrote
    /// that; a reply that speaks of such a tag stays as it is. Where a template is known to begin a thought, put its tag
    /// before the text: then a thought without an end is seen too.
    /// - Parameters:
    ///   - reply: all that was generated.
    ///   - kept: names of tags that were asked for, such as "reasoning"; they are no thoughts.
    /// - Returns: the text, unchanged where it holds no thought; and whether it ends inside a thought, so that there is no
    ///   reply.
    public static func removed(from reply: String, keeping kept: Set<String> = []) -> (text: String, isOpen: Bool) {
        let forms = forms.filter { !kept.contains($0.name) }
        var rest = reply[...]
        while let form = forms.first(where: { $0.beginnings(in: rest).first == rest.trimmed.startIndex }) {
            guard let end = form.ends(in: rest).first else {
                if form.isSpokenOf(in: rest.trimmed) { break }
                return ("", true)
            }
            rest = rest[end.upperBound...]
        }
        // A thought on lines of its own, behind a word or two.
        if let form = forms.first, let block = form.blockOfItsOwn(in: rest) { rest = rest[block.upperBound...] }
        let unopened = forms.filter(\.mayLackItsBeginning).compactMap { $0.unopenedEnd(in: rest) }
        if let end = unopened.max(by: { $0.upperBound < $1.upperBound }) { rest = rest[end.upperBound...] }
        if rest.startIndex == reply.startIndex {
            if let plain = withoutPlainChannels(reply) { return plain }
            return (reply, false)
        }
        return (String(unwrapped(rest.trimmed)), false)
    }

    /// Whether a reply that is still being written is nothing but a thought so far, or may turn out to be one.
    public static func mayFollow(_ reply: String) -> Bool {
        let begun = Substring(reply).trimmed.lowercased()
        return removed(from: reply).isOpen || forms.contains { $0.opening.lowercased().hasPrefix(begun) }
    }

    /// The tags of a thought that a chat template has begun at the end of a prompt, for the model to go on with.
    public static func opened(atEndOf prompt: String) -> (opening: String, closing: String)? {
        let prompt = Substring(prompt).trimmed
        for form in forms {
            guard let place = prompt.places(of: form.opening).last else { continue }
            let rest = prompt[place.upperBound...]
            let isWhole =
                form.closing.hasPrefix("</")
                ? rest.firstIndex(of: ">").map { rest.index(after: $0) == rest.endIndex } ?? false
                    && (rest.first == ">" || rest.first?.isWhitespace == true)
                : rest.isEmpty
            if isWhole { return (String(prompt[place.lowerBound...]), form.closing) }
        }
        return nil
    }

    /// How a thought is set off.
    private struct Form: Sendable {
        let name: String
        /// Of a tag, all before its ">", since some servers write attributes.
        let opening: String
        let closing: String

        init(_ opening: String, _ closing: String) { (name, self.opening, self.closing) = ("think", opening, closing) }

        init(tag name: String) { (self.name, opening, closing) = (name, "<\(name)", "</\(name)>") }

        /// Where the opening stands, but for where the text quotes it.
        func beginnings(in text: Substring) -> [Substring.Index] {
            text.places(of: opening).compactMap { place in
                guard closing.hasPrefix("</") else { return text.isQuoted(place) ? nil : place.lowerBound }
                guard let end = text[place.upperBound...].first, end == ">" || end.isWhitespace else { return nil }
                let tag = place.lowerBound..<text.index(after: place.upperBound)
                return text.isQuoted(tag) ? nil : place.lowerBound
            }
        }

        /// Where the closing stands, but for where the text quotes it.
        func ends(in text: Substring) -> [Range<Substring.Index>] {
            text.places(of: closing).filter { !text.isQuoted($0) }
        }

        /// Whether a template is known to begin such a thought, so that a reply may hold its end alone.
        var mayLackItsBeginning: Bool { !closing.hasPrefix("</reason") }

        /// Whether what begins a text is not a thought but the subject of a sentence: "<think> is the tag that…".
        func isSpokenOf(in text: Substring) -> Bool {
            guard closing.hasPrefix("</"), let end = text.firstIndex(of: ">") else { return false }
            let rest = text[text.index(after: end)...]
            return rest.first == " " && rest.dropFirst().first?.isLowercase == true
        }

        /// From where a line that is the opening alone begins to where its end ends a line.
        func blockOfItsOwn(in text: Substring) -> Range<Substring.Index>? {
            guard
                let begin = beginnings(in: text).first(where: { begin in
                    let tag = text[begin...].prefix { $0 != ">" }
                    return text[..<begin].last?.isNewline == true
                        && text[tag.endIndex...].dropFirst().first?.isNewline == true
                }), text[..<begin].places(of: "```").count.isMultiple(of: 2)
            else { return nil }
            let end = ends(in: text[begin...]).first { end in
                let after = text[end.upperBound...].first
                return after == nil || after?.isNewline == true
            }
            return end.map { begin..<$0.upperBound }
        }

        /// The end of a thought whose beginning the template wrote.
        func unopenedEnd(in text: Substring) -> Range<Substring.Index>? {
            guard let end = ends(in: text).first, text.mayEndAThought(end) else { return nil }
            let before = text[..<end.lowerBound]
            let isCode = before.places(of: "```").count % 2 == 1
            return isCode || !beginnings(in: before).isEmpty ? nil : end
        }
    }

    /// What models write whose servers do not take their thoughts off.
    private static let forms: [Form] =
        ["think", "thinking", "thought", "thoughts", "reason", "reasoning", "seed:think", "mm:think", "longcat_think"]
        .map(Form.init(tag:)) + [
            // Magistral, Kimi-VL, Command A, OpenThinker, MedGemma.
            Form("[THINK]", "[/THINK]"),
            Form("◁think▷", "◁/think▷"),
            Form("<|START_THINKING|>", "<|END_THINKING|>"),
            Form("<|begin_of_thought|>", "<|end_of_thought|>"),
            Form("<unused94>thought", "<unused95>"),
            // Apertus, Granite 3.2, Open WebUI.
            Form("<|inner_prefix|>", "<|inner_suffix|>"),
            Form("Here is my thought process:", "Here is my response:"),
            Form(#"<details type="reasoning""#, "</details>"),
            // Gemma 4 and gpt-oss, whose channels are control tokens.
            Form("<|channel>thought", "<channel|>"),
            Form("<|channel|>analysis", "<|channel|>final<|message|>"),
            Form("<|start|>assistant<|channel|>analysis", "<|channel|>final<|message|>"),
        ]

    /// gpt-oss with its control tokens left out, as some servers decode it: "analysisThe user asks…assistantfinalIn 1912."
    private static func withoutPlainChannels(_ reply: String) -> (text: String, isOpen: Bool)? {
        let word = "analysis"
        guard reply.hasPrefix(word), reply.dropFirst(word.count).first?.isUppercase == true else { return nil }
        guard let end = reply.range(of: "assistantfinal") else { return ("", true) }
        return (String(reply[end.upperBound...].trimmed), false)
    }

    /// What some models put around the reply that follows their thoughts.
    private static func unwrapped(_ reply: Substring) -> Substring {
        let wrappings = [
            ("<answer>", "</answer>"), ("<output>", "</output>"), ("<response>", "</response>"),
            ("<|begin_of_solution|>", "<|end_of_solution|>"), ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
            ("", "<|return|>"), ("", "<|end|>"),
        ]
        var reply = reply
        for (opening, closing) in wrappings where reply.hasPrefix(opening) {
            if reply.hasSuffix(closing) { reply = reply.dropLast(closing.count) } else if opening.isEmpty { continue }
            reply = reply.dropFirst(opening.count).trimmed
        }
        return reply
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        // Byte-order marks and zero-width spaces are no part of what is said either.
        func goes(_ character: Character) -> Bool {
            character.isWhitespace || character.unicodeScalars.allSatisfy(\.properties.isDefaultIgnorableCodePoint)
        }
        var trimmed = drop(while: goes)
        while let last = trimmed.last, goes(last) { trimmed.removeLast() }
        return trimmed
    }

    fileprivate func places(of words: String) -> [Range<Index>] {
        var places: [Range<Index>] = []
        var rest = startIndex
        while let place = range(of: words, options: [.caseInsensitive, .literal], range: rest..<endIndex) {
            places.append(place)
            rest = place.upperBound
        }
        return places
    }

    /// Whether a tag stands between quotation marks, as where a text is about it.
    fileprivate func isQuoted(_ tag: Range<Index>) -> Bool {
        guard let before = self[..<tag.lowerBound].last, let after = self[tag.upperBound...].first else { return false }
        return ["``", "\"\"", "''", "()", "“”", "‘’", "„“", "«»", "»«", "「」"].contains("\(before)\(after)")
    }

    /// Whether a thought may end here: a tag within a sentence is the sentence's.
    fileprivate func mayEndAThought(_ tag: Range<Index>) -> Bool {
        let after = self[tag.upperBound...].drop { $0 == " " }.first
        if after?.isNewline == true { return true }
        if let mark = self[tag.upperBound...].first, ".,;:?!)-".contains(mark) { return false }
        let before = self[..<tag.lowerBound].last { $0 != " " && $0 != "\t" }
        guard let before, !before.isNewline, !before.isPunctuation else { return true }
        return self[..<tag.lowerBound].last?.isWhitespace == false
    }
}
