// Training questions that are too near a held-out one: what is learned from such a question says little about what the
// model knows when it is asked in other words. The nearness is lexical, so a paraphrase in other words passes. Knows
// questions, not runs.

import Store

/// Finds the held-out question that a training question is too near to.
///
/// The similarity of two questions is the mean of two shares, over words without case, punctuation and stop words:
/// - the longest common subsequence, as ROUGE-L's F1 (Lin 2004), by which Self-Instruct (Wang et al. 2023) drops near
///   duplicates from 0.7 on; it forgives insertions;
/// - the held-out question's pairs of neighbouring words that the training question has too, the containment of n-grams by
///   which test sets are cleaned of training text (Brown et al. 2020, Appendix C); it finds one question within another.
///
/// Alone, the first takes many questions of one pattern for near: of 6,580 pairs of the paper's held-out questions on one
/// document with different answers, 89 have an F1 of 0.7 or more, and 49 a mean of that, most of which are the same but for a
/// word or for nothing.
public struct LeakageCheck {
    /// A held-out question that a training question is near.
    public struct Leak: Equatable, Sendable {
        public let heldOut: HeldOutQuestion
        /// From the threshold to 1.
        public let similarity: Double
    }

    private let heldOut: [HeldOutQuestion]
    private let threshold: Double
    private var numbers: [String: Int] = [:]
    private var words: [[Int]] = []
    private var pairCounts: [Int] = []
    /// The held-out questions that have a pair of words.
    private var places: [WordPair: [Int]] = [:]

    /// A check against all of a run's held-out questions.
    /// - Parameter threshold: the similarity from which on a question counts as near, above one half: less than that could be
    ///   reached without a shared pair of words, by which candidates are found.
    public init(_ heldOut: [HeldOutQuestion], threshold: Double) {
        self.heldOut = heldOut
        self.threshold = threshold
        for (index, question) in heldOut.enumerated() {
            let numbered = QuestionWords.all(question.question).map { word in
                let number = numbers[word] ?? numbers.count
                numbers[word] = number
                return number
            }
            let pairs = WordPair.all(of: numbered)
            words.append(numbered)
            pairCounts.append(pairs.count)
            for pair in pairs { places[pair, default: []].append(index) }
        }
    }

    /// The most similar held-out question, the first of equals; nil if none is near.
    public func nearest(to question: String) -> Leak? {
        guard !heldOut.isEmpty else { return nil }
        // Words that no held-out question has are all alike: they match nothing.
        let asked = QuestionWords.all(question).map { numbers[$0] ?? -1 }
        var shared: [Int: Int] = [:]
        for pair in WordPair.all(of: asked) {
            for place in places[pair] ?? [] { shared[place, default: 0] += 1 }
        }
        var nearest: Leak?
        for (place, count) in shared.sorted(by: { $0.key < $1.key }) {
            let containment = Double(count) / Double(pairCounts[place])
            // The other share is 1 at most.
            guard (containment + 1) / 2 >= max(threshold, nearest?.similarity ?? 0) else { continue }
            let similarity = (containment + LeakageCheck.subsequenceShare(asked, words[place])) / 2
            if similarity >= threshold, similarity > nearest?.similarity ?? 0 {
                nearest = Leak(heldOut: heldOut[place], similarity: similarity)
            }
        }
        return nearest
    }

    /// Twice the length of the longest common subsequence over both lengths.
    private static func subsequenceShare(_ a: [Int], _ b: [Int]) -> Double {
        var row = [Int](repeating: 0, count: b.count + 1)
        for x in a {
            var diagonal = 0
            for (place, y) in b.enumerated() {
                (diagonal, row[place + 1]) = (
                    row[place + 1], x == y && x >= 0 ? diagonal + 1 : max(row[place], row[place + 1])
                )
            }
        }
        return Double(2 * row[b.count]) / Double(a.count + b.count)
    }
}

/// Two words that stand beside each other; a text of one word is a pair of its own.
private struct WordPair: Hashable {
    let first: Int
    let second: Int?

    static func all(of words: [Int]) -> Set<WordPair> {
        guard words.count > 1 else { return Set(words.map { WordPair(first: $0, second: nil) }) }
        return Set(zip(words, words.dropFirst()).map { WordPair(first: $0, second: $1) })
    }
}
