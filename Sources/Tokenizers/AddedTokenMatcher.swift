// Finding added tokens in a text: the longest at the leftmost place, as Hugging Face `tokenizers` does
// (`AddedVocabulary::find_matches`). Knows added tokens, not merges.

/// A stretch of a text that is one added token, or ordinary text (`token` nil).
struct TextSegment: Equatable {
    var range: Range<Int>
    var token: Int?
}

/// The added tokens that are looked for in one form of the text, given or normalized.
struct AddedTokenMatcher: Sendable {
    private let tokens: [AddedToken]
    /// Whether each token steers the model.
    private let isControl: [Bool]
    /// The children of a trie's nodes, by `node << 8 | byte`; the root is 0.
    private var children: [Int: Int] = [:]
    /// For each node, the token that ends there.
    private var endings: [Int?] = [nil]
    private var firstBytes = [Bool](repeating: false, count: 256)

    /// A matcher for `tokens`; `contents` holds the bytes to look for, in the same order.
    init(_ tokens: [AddedToken], contents: [[UInt8]]) {
        self.tokens = tokens
        isControl = tokens.map(\.isControl)
        for (index, content) in contents.enumerated() {
            guard let first = content.first else { continue }
            firstBytes[Int(first)] = true
            let node = insert(content)
            // Where two normalize to the same text the first counts.
            if endings[node] == nil { endings[node] = index }
        }
    }

    private mutating func insert(_ content: [UInt8]) -> Int {
        var node = 0
        for byte in content {
            let key = node << 8 | Int(byte)
            if let child = children[key] {
                node = child
            } else {
                endings.append(nil)
                node = endings.count - 1
                children[key] = node
            }
        }
        return node
    }

    /// Cuts `text` into added tokens and what lies between them. A token that steers the model is none where any of its
    /// text is `given`, ranges of bytes in ascending order.
    func segments(of text: UnsafeBufferPointer<UInt8>, given: [Range<Int>]) -> [TextSegment] {
        var segments: [TextSegment] = []
        var taken = 0
        var position = 0
        var given = given[...]
        while position < text.count {
            while let first = given.first, first.upperBound <= position { given.removeFirst() }
            let isGiven = given.first?.contains(position) == true
            let border = isGiven ? text.count : given.first?.lowerBound ?? text.count
            guard firstBytes[Int(text[position])],
                let (index, end) = longestMatch(in: text, at: position, controlsEndingBy: border)
            else {
                position += 1
                continue
            }
            if isGiven, isControl[index] {
                // Its text goes on as such: where all of it is given, to its end, as in Hugging Face `tokenizers`.
                position = given.first.map { end <= $0.upperBound } == true ? end : position + 1
                continue
            }
            let token = tokens[index]
            defer { position = end }
            if token.singleWord && !isSingleWord(position..<end, in: text) { continue }
            // White space that the token before it took is no longer there to take.
            let start = token.lstrip ? max(taken, startOfWhitespace(before: position, in: text)) : position
            let stop = token.rstrip ? endOfWhitespace(after: end, in: text) : end
            if taken < start { segments.append(TextSegment(range: taken..<start)) }
            segments.append(TextSegment(range: start..<stop, token: token.id))
            taken = stop
        }
        if taken < text.count { segments.append(TextSegment(range: taken..<text.count)) }
        return segments
    }

    private func longestMatch(
        in text: UnsafeBufferPointer<UInt8>, at start: Int, controlsEndingBy border: Int
    ) -> (index: Int, end: Int)? {
        var found: (index: Int, end: Int)?
        var node = 0
        var position = start
        while position < text.count, let child = children[node << 8 | Int(text[position])] {
            node = child
            position += 1
            if let index = endings[node], position <= border || !isControl[index] { found = (index, position) }
        }
        return found
    }

    private func isSingleWord(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        let touchesBefore = range.lowerBound > 0 && decodeScalar(text, before: range.lowerBound).scalar.isWordCharacter
        let touchesAfter =
            range.upperBound < text.count && decodeScalar(text, at: range.upperBound).scalar.isWordCharacter
        return !touchesBefore && !touchesAfter
    }

    private func startOfWhitespace(before position: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var start = position
        while start > 0 {
            let (scalar, length) = decodeScalar(text, before: start)
            guard scalar.properties.isWhitespace else { break }
            start -= length
        }
        return start
    }

    private func endOfWhitespace(after position: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var end = position
        while end < text.count {
            let (scalar, length) = decodeScalar(text, at: end)
            guard scalar.properties.isWhitespace else { break }
            end += length
        }
        return end
    }
}
