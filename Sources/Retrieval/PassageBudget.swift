// How many of the retrieved passages a prompt has room for. Knows texts and a way to count tokens, not prompts.

/// The passages that go into a prompt.
public struct FittedPassages: Sendable, Hashable {
    /// The passages, the best first.
    public let passages: [String]
    /// Whether not even the best fitted whole, so that its end is missing.
    public let isCut: Bool
}

/// The room that a prompt has.
public enum PassageBudget {
    /// As many of the first passages as fit whole, the lowest-ranked dropped first. Where not even the first does, as much of
    /// its beginning as fits.
    /// - Parameters:
    ///   - passages: the best first.
    ///   - limit: the most tokens of a prompt.
    ///   - tokens: counts the tokens of the whole prompt, question included, with these passages in it.
    /// - Throws: `RetrievalError.questionTooLong` where the question alone is over the limit; it is never cut.
    public static func fit(
        _ passages: [String], limit: Int, tokens: ([String]) throws -> Int
    ) throws -> FittedPassages {
        for count in stride(from: passages.count, through: 1, by: -1) {
            let first = Array(passages.prefix(count))
            if try tokens(first) <= limit { return FittedPassages(passages: first, isCut: false) }
        }
        let bare = try tokens([])
        guard bare <= limit else { throw RetrievalError.questionTooLong(tokens: bare, limit: limit) }
        guard let first = passages.first else { return FittedPassages(passages: [], isCut: false) }
        return FittedPassages(passages: try beginning(of: first) { try tokens([$0]) <= limit }, isCut: true)
    }

    /// The longest beginning that fits, alone, or none.
    private static func beginning(of passage: String, fits: (String) throws -> Bool) rethrows -> [String] {
        // Halving between what fits and what does not. A character more is a token less at times, hardly ever a few, so
        // what is found may be short of the longest by a token.
        var (longest, tooLong) = (0, passage.count)
        while tooLong - longest > 1 {
            let middle = (longest + tooLong) / 2
            if try fits(String(passage.prefix(middle))) { longest = middle } else { tooLong = middle }
        }
        return longest == 0 ? [] : [String(passage.prefix(longest))]
    }
}
