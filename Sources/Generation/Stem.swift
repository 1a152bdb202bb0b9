// What neighbouring prompts of a batch begin with. A stem is read once and its keys and values copied to its rows. Knows
// token ids, not text.

/// The common beginning of neighbouring prompts.
struct Stem: Equatable {
    /// Shorter than each of the prompts, so that every row has a token of its own to read. May be empty.
    let tokens: [Int]
    /// Prompts that begin with it.
    let rows: Int

    /// Fewer tokens in common are not worth a stem.
    private static let fewest = 8

    /// Stems of all prompts in order.
    static func stems(of prompts: [ArraySlice<Int>]) -> [Stem] {
        var stems: [Stem] = []
        var rest = prompts[...]
        while let first = rest.first {
            var common = first.dropLast()
            var rows = 1
            for prompt in rest.dropFirst() {
                let shared = zip(common, prompt.dropLast()).prefix { $0 == $1 }.count
                // A shorter stem costs every row before what it loses; a new one costs its own tokens.
                guard shared >= fewest, common.count > rows * (common.count - shared) else { break }
                common = common.prefix(shared)
                rows += 1
            }
            stems.append(Stem(tokens: rows == 1 ? [] : Array(common), rows: rows))
            rest = rest.dropFirst(rows)
        }
        return stems
    }

    /// For each row, which stem it begins with.
    static func owners(_ stems: [Stem]) -> [Int] {
        stems.enumerated().flatMap { Array(repeating: $0, count: $1.rows) }
    }
}
