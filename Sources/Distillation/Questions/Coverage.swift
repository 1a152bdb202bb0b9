// Which sentences of a document a question reaches. Knows words, not how questions are made.

import Store

/// One document's sentences, and which of them questions reach.
///
/// A question that was made from a sentence reaches that one, if it or its expected answer has a telling word of it: a small
/// model's may be about nothing. Any other reaches the sentences that have at least half of its telling words and those of
/// the expected answer. Telling are neither stop words nor words that only ask, nor words of the title, nor words that the
/// document does not have. A word counts the less the more of the document's sentences have it (1/n for n
/// sentences), and the words found must come to one half at least: two words that two sentences share, or one that two have.
///
/// Held against the sentence that holds the answer, on the paper's 3,000 held-out questions, the rule finds it for some 90 %
/// of the questions where the answer is known, and for 60 to 80 % where it is not.
public struct DocumentCoverage: Sendable {
    /// The sentences, in order.
    public let sentences: [String]
    /// Whether a question reaches each.
    public private(set) var isReached: [Bool]
    private let words: [Set<String>]
    private let title: Set<String>
    /// What each word of the text counts.
    private let weights: [String: Double]

    /// A document that no question reaches yet.
    public init(_ document: Document) {
        sentences = document.sentences
        isReached = sentences.map { _ in false }
        let title = QuestionWords.telling(document.title ?? "")
        self.title = title
        words = sentences.map { QuestionWords.telling($0).subtracting(title) }
        var frequencies: [String: Double] = [:]
        for word in words.joined() { frequencies[word, default: 0] += 1 }
        weights = frequencies.mapValues { 1 / $0 }
    }

    /// Notes what a question reaches.
    /// - Parameter anchor: the sentence that it was made from, if any.
    public mutating func add(question: String, expectedAnswer: String?, anchor: Question.Anchor?) {
        let asked = tellingWords(question, expectedAnswer).filter { weights[$0] != nil }
        if let anchor, sentences.indices.contains(anchor.index), sentences[anchor.index] == anchor.text,
            !words[anchor.index].isDisjoint(with: asked)
        {
            return isReached[anchor.index] = true
        }
        let wanted = max(weight(asked) / 2, 0.5)
        // A hair less: sums of reciprocals in another order.
        for (index, words) in words.enumerated() where weight(words.intersection(asked)) >= wanted - 1e-9 {
            isReached[index] = true
        }
    }

    /// Notes what a run's questions reach. Requests to finish a sentence are left out: they are no questions, and there is one
    /// for nearly every sentence.
    public mutating func add(_ questions: [Question]) {
        for question in questions where question.origin != .extracted {
            add(question: question.text, expectedAnswer: question.expectedAnswer, anchor: question.anchor)
        }
    }

    /// Whether a question and its answer have a telling word of a sentence at all.
    func touches(_ index: Int, question: String, expectedAnswer: String?) -> Bool {
        !tellingWords(question, expectedAnswer).isDisjoint(with: words[index])
    }

    /// Sentences that a question reaches.
    public var reached: Int { isReached.count { $0 } }

    /// Of all sentences; 1 where there are none.
    public var share: Double { sentences.isEmpty ? 1 : Double(reached) / Double(sentences.count) }

    /// The sentences that no question reaches.
    public var gaps: [Question.Anchor] {
        sentences.indices.filter { !isReached[$0] }.map { Question.Anchor(index: $0, text: sentences[$0]) }
    }

    private func tellingWords(_ question: String, _ expectedAnswer: String?) -> Set<String> {
        QuestionWords.telling("\(question) \(expectedAnswer ?? "")").subtracting(title)
    }

    /// The sum does not depend on the set's order: equal terms aside, they are added from the smallest.
    private func weight(_ words: Set<String>) -> Double {
        words.compactMap { weights[$0] }.sorted().reduce(0, +)
    }
}
