// A small random generator whose whole state is its seed, so that a row's randomness depends on the row alone.

/// SplitMix64 (Steele, Lea & Flood, 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
    public private(set) var state: UInt64

    /// A generator whose sequence is fixed by the seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in (0, 1], 53 bits of it random. Never 0, so that inverse sampling never picks an outcome of weight 0.
    public mutating func nextUniform() -> Double {
        Double((next() >> 11) + 1) * 0x1p-53
    }
}
