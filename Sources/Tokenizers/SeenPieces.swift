// Remembering the pieces of a text that have been encoded so far, for texts repeat their words. Knows ranges only: a
// piece is already in the text and its tokens already in the output, so nothing is copied.

/// The pieces seen last, by a hash of their bytes; a newer piece takes an older one's place.
struct SeenPieces {
    private var entries: [(piece: Range<Int32>, tokens: Range<Int32>)]

    /// Room in proportion to a text of `textLength` bytes, within bounds.
    init(textLength: Int) {
        var size = 64
        while size < 8192, size * 16 < textLength { size *= 2 }
        entries = Array(repeating: (0..<0, 0..<0), count: size)
    }

    /// Where `piece` is or would be.
    func slot(of piece: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in piece { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32) & (entries.count - 1)
    }

    /// Where in the output the tokens of `piece` are, if it was seen in `text` before.
    func tokens(
        of piece: UnsafeBufferPointer<UInt8>, in slot: Int, text: UnsafeBufferPointer<UInt8>
    ) -> Range<Int>? {
        let entry = entries[slot]
        guard entry.piece.count == piece.count,
            text[Int(entry.piece.lowerBound)..<Int(entry.piece.upperBound)].elementsEqual(piece)
        else { return nil }
        return Int(entry.tokens.lowerBound)..<Int(entry.tokens.upperBound)
    }

    /// Remembers that the piece at `range` of the text has the tokens at `tokens` of the output.
    mutating func remember(_ range: Range<Int>, as tokens: Range<Int>, in slot: Int) {
        guard range.upperBound <= Int(Int32.max), tokens.upperBound <= Int(Int32.max) else { return }
        entries[slot] = (
            Int32(range.lowerBound)..<Int32(range.upperBound), Int32(tokens.lowerBound)..<Int32(tokens.upperBound)
        )
    }
}
