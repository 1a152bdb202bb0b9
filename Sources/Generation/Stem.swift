// What neighbouring prompts begin with. A stem is read once for all of its rows: a short one's keys and values are copied to
// them, a long one's are held once. Knows token ids, not text.

/// The common beginning of neighbouring prompts.
struct Stem: Equatable {
    /// Shorter than each of the prompts, so that every row has a token of its own to read. May be empty.
    let tokens: [Int]
    /// Prompts that begin with it.
    let rows: Int

    /// Fewer tokens in common are not worth a stem.
    private static let fewest = 8
    /// Rows that share fewer places attend sooner to copies of their own: a shared text is one more operation a layer.
    private static let fewestSharedPlaces = 512

    /// Whether the stem's keys and values are held once for its rows, rather than copied to each of them.
    var isShared: Bool { tokens.count * (rows - 1) >= Stem.fewestSharedPlaces }

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
}
