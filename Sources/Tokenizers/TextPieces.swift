// A text cut into pieces, and cutting the pieces further. Knows ranges of bytes, not what they become.

/// A text's UTF-8 bytes and the ranges of it that have not been dropped.
struct TextPieces {
    var bytes: [UInt8]
    /// In order, none empty, none overlapping.
    var ranges: [Range<Int>]

    /// One piece, the whole of `text`.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        bytes = Array(text)
        ranges = text.isEmpty ? [] : [0..<text.count]
    }

    /// Cuts each piece on its own at the matches of `pattern`, which sees nothing outside the piece.
    mutating func split(at pattern: OnigurumaPattern, behavior: SplitBehavior, invert: Bool) {
        bytes.withUnsafeBufferPointer { bytes in
            var cut = PieceCutter(behavior: behavior, invert: invert)
            cut.reserve(bytes.count / 4)
            for range in ranges {
                cut.begin(range)
                pattern.forEachMatch(in: UnsafeBufferPointer(rebasing: bytes[range])) { start, end in
                    cut.match(range.lowerBound + start..<range.lowerBound + end)
                }
                cut.end()
            }
            ranges = cut.pieces
        }
    }

    /// Cuts numbers (general category N) out of each piece, each by itself if `individually`.
    mutating func splitDigits(individually: Bool) {
        bytes.withUnsafeBufferPointer { bytes in
            var cut = PieceCutter(behavior: individually ? .isolated : .contiguous, invert: false)
            for range in ranges {
                cut.begin(range)
                var position = range.lowerBound
                while position < range.upperBound {
                    let (scalar, length) = decodeScalar(bytes, at: position)
                    if scalar.isNumber { cut.match(position..<position + length) }
                    position += length
                }
                cut.end()
            }
            ranges = cut.pieces
        }
    }

    /// Puts other bytes in the place of each piece's.
    mutating func rewrite(_ piece: ([UInt8]) -> [UInt8]) {
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(bytes.count + ranges.count)
        ranges = ranges.compactMap { range in
            let start = rewritten.count
            rewritten.append(contentsOf: piece(Array(bytes[range])))
            return rewritten.count > start ? start..<rewritten.count : nil
        }
        bytes = rewritten
    }
}

/// Turns the matches within a piece into smaller pieces, the way a `SplitBehavior` says.
///
/// Follows Hugging Face `tokenizers` (`NormalizedString::split`) in every detail, such as an empty match counting as a
/// match for its neighbours.
struct PieceCutter {
    private let behavior: SplitBehavior
    private let invert: Bool
    private var stretches: [(range: Range<Int>, isMatch: Bool)] = []
    private var whole = 0..<0
    private var position = 0
    /// The pieces so far.
    private(set) var pieces: [Range<Int>] = []

    init(behavior: SplitBehavior, invert: Bool) {
        self.behavior = behavior
        self.invert = invert
    }

    mutating func reserve(_ count: Int) { pieces.reserveCapacity(count) }

    /// Begins a new piece, the last one having ended.
    mutating func begin(_ piece: Range<Int>) {
        whole = piece
        position = piece.lowerBound
    }

    /// Takes the next match.
    mutating func match(_ range: Range<Int>) {
        if position < range.lowerBound { take(position..<range.lowerBound, isMatch: false) }
        take(range, isMatch: true)
        position = range.upperBound
    }

    /// Ends the piece: what is left is no match.
    mutating func end() {
        if position < whole.upperBound { take(position..<whole.upperBound, isMatch: false) }
        switch behavior {
        case .isolated: return
        case .removed: for stretch in stretches where !stretch.isMatch { keep(stretch.range) }
        case .contiguous: join { $0 == $1 }
        case .mergedWithPrevious: join { $0 && !$1 }
        case .mergedWithNext: joinMatchesToNext()
        }
        stretches.removeAll(keepingCapacity: true)
    }

    private mutating func take(_ range: Range<Int>, isMatch: Bool) {
        if behavior == .isolated {
            keep(range)
        } else {
            stretches.append((range, isMatch != invert))
        }
    }

    private mutating func keep(_ range: Range<Int>) {
        if !range.isEmpty { pieces.append(range) }
    }

    /// Joins each stretch to the one before it where the two go together.
    private mutating func join(_ goTogether: (_ isMatch: Bool, _ previous: Bool) -> Bool) {
        var joined: Range<Int>?
        var previous = false
        for (range, isMatch) in stretches {
            if goTogether(isMatch, previous), let current = joined {
                joined = current.lowerBound..<range.upperBound
            } else {
                joined.map { keep($0) }
                joined = range
            }
            previous = isMatch
        }
        joined.map { keep($0) }
    }

    private mutating func joinMatchesToNext() {
        var joined: [Range<Int>] = []
        var previous = false
        for (range, isMatch) in stretches.reversed() {
            if isMatch, !previous, let current = joined.last {
                joined[joined.count - 1] = range.lowerBound..<current.upperBound
            } else {
                joined.append(range)
            }
            previous = isMatch
        }
        for range in joined.reversed() { keep(range) }
    }
}
