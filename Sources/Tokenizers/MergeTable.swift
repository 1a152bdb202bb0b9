// Which two tokens make which third, and how early: a flat hash table, since it is asked at every byte of every text.
// Knows ids only.

/// Merges by their two tokens' ids.
struct MergeTable: Sendable {
    /// A merge's rank in the upper half and the id that it makes in the lower; that of the smaller rank goes first.
    typealias Outcome = UInt64

    /// The outcome of a pair that does not merge; greater than any other.
    static let none = Outcome.max

    private var slots: [(pair: UInt64, outcome: Outcome)]
    private let mask: UInt64

    /// A table with room for `capacity` merges.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: (0, Self.none), count: size)
        mask = UInt64(size - 1)
    }

    /// Sets the outcome of a pair; a later setting replaces an earlier one, as in Hugging Face `tokenizers`.
    mutating func insert(left: Int32, right: Int32, rank: Int, merged: Int32) {
        let pair = Self.pair(left, right)
        var slot = Self.hash(pair) & mask
        while slots[Int(slot)].outcome != Self.none, slots[Int(slot)].pair != pair { slot = (slot + 1) & mask }
        slots[Int(slot)] = (pair, UInt64(UInt32(rank)) << 32 | UInt64(UInt32(bitPattern: merged)))
    }

    /// What `left` followed by `right` becomes, or `none`.
    func outcome(_ left: Int32, _ right: Int32) -> Outcome {
        let pair = Self.pair(left, right)
        var slot = Self.hash(pair) & mask
        while true {
            let entry = slots[Int(slot)]
            if entry.pair == pair || entry.outcome == Self.none { return entry.outcome }
            slot = (slot + 1) & mask
        }
    }

    static func rank(_ outcome: Outcome) -> UInt64 { outcome >> 32 }

    /// The id that an outcome makes.
    static func merged(_ outcome: Outcome) -> Int32 { Int32(truncatingIfNeeded: outcome) }

    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Fibonacci hashing: the product's upper bits depend on every bit of both ids.
    private static func hash(_ pair: UInt64) -> UInt64 {
        let product = pair &* 0x9E37_79B9_7F4A_7C15
        return product >> 32 ^ product
    }
}
