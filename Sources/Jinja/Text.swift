// A text that remembers which of it was given to the template, through all that the template does with it: what a user or a
// document says can then be kept apart from what the template itself writes. By UTF-8 bytes; knows no values.

/// A string and the stretches of it that came from outside of the template.
///
/// Equal where the strings are, by code points, whoever wrote them.
public struct Text: Sendable {
    public private(set) var string: String
    /// The stretches that are not the template's own, as UTF-8 offsets: ascending, apart from each other, none empty.
    public private(set) var given: [Range<Int>]

    /// The template's own words.
    public init(_ string: String) { self.init(string, given: []) }

    /// Words of a user, a document or a setting.
    public init(given string: String) { self.init(string, given: [0..<string.utf8.count]) }

    private init(_ string: String, given: [Range<Int>]) {
        (self.string, self.given) = (string, given.filter { !$0.isEmpty })
    }

    public mutating func append(_ other: Text) {
        let length = string.utf8.count
        string += other.string
        for range in other.given {
            let range = range.lowerBound + length..<range.upperBound + length
            if let last = given.last, last.upperBound == range.lowerBound {
                given[given.count - 1] = last.lowerBound..<range.upperBound
            } else {
                given.append(range)
            }
        }
    }
}

extension Text {
    var utf8: String.UTF8View { string.utf8 }
    var unicodeScalars: String.UnicodeScalarView { string.unicodeScalars }
    var isEmpty: Bool { string.isEmpty }

    /// A part, by UTF-8 offsets.
    subscript(range: Range<Int>) -> Text {
        let utf8 = string.utf8
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        let end = utf8.index(start, offsetBy: range.count)
        let parts = given.map { $0.clamped(to: range) }
        return Text(
            String(string[start..<end]),
            given: parts.map { $0.lowerBound - range.lowerBound..<$0.upperBound - range.lowerBound })
    }

    /// The UTF-8 offsets of each code point, and the end.
    var scalarOffsets: [Int] {
        unicodeScalars.reduce(into: [0]) { $0.append($0[$0.count - 1] + UTF8.width($1)) }
    }

    /// Each stretch of one origin changed by itself.
    func mapped(_ change: (String) -> String) -> Text {
        var result = Text("")
        var start = 0
        for range in given + [string.utf8.count..<string.utf8.count] {
            if start < range.lowerBound { result.append(Text(change(self[start..<range.lowerBound].string))) }
            if !range.isEmpty { result.append(Text(given: change(self[range].string))) }
            start = range.upperBound
        }
        return result
    }

    /// `str.strip`, `lstrip` or `rstrip`; without `characters` it is white space that goes.
    func stripped(of characters: String?, leading: Bool = true, trailing: Bool = true) -> Text {
        let set = characters.map { Set($0.unicodeScalars) }
        func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
        var rest = unicodeScalars[...]
        if leading { rest = rest.drop(while: goes) }
        if trailing { while let last = rest.last, goes(last) { rest.removeLast() } }
        let start = string.utf8.distance(from: string.startIndex, to: rest.startIndex)
        return self[start..<start + Substring(rest).utf8.count]
    }

    /// The pieces around at most so many occurrences of a text, which is not empty, in linear time whatever the two are
    /// (Knuth, Morris and Pratt). By bytes: in UTF-8 a code point never matches inside another.
    func pieces(around separator: String, limit: Int = .max) -> [Text] {
        let (text, needle) = (Array(utf8), Array(separator.utf8))
        var borders = Array(repeating: 0, count: needle.count)
        func extended(_ matched: Int, by byte: UInt8) -> Int {
            var matched = matched
            while matched > 0, byte != needle[matched] { matched = borders[matched - 1] }
            return byte == needle[matched] ? matched + 1 : matched
        }
        for index in needle.indices.dropFirst() { borders[index] = extended(borders[index - 1], by: needle[index]) }
        var (pieces, begin, matched) = ([Text](), 0, 0)
        for (index, byte) in text.enumerated() where pieces.count < limit {
            matched = extended(matched, by: byte)
            guard matched == needle.count else { continue }
            pieces.append(self[begin..<(index + 1 - matched)])
            (begin, matched) = (index + 1, 0)
        }
        return pieces + [self[begin..<text.count]]
    }
}

extension Text: Equatable, ExpressibleByStringInterpolation {
    public static func == (left: Text, right: Text) -> Bool { left.utf8.elementsEqual(right.utf8) }

    public init(stringLiteral string: String) { self.init(string) }
}
