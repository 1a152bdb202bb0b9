// Which documents are akin: by the rare words that they share, as the cosine of their tf-idf vectors. Knows words, not what
// the pairs are for.

import Basics
import Foundation
import Store

/// The kinship of a corpus's documents.
public struct DocumentPartners {
    /// A word of more documents than this, and of more than one in twenty, tells little and would make every two documents
    /// kin.
    private static let commonest = 20
    /// A document that has a word, and what the word counts in it.
    private struct Holder {
        let place: Int
        let weight: Double
    }

    private let documents: [ContentKey]
    private let names: [String]
    private let places: [ContentKey: Int]
    /// The rare words of each document.
    private var words: [[Int]] = []
    /// The documents that have each rare word. All weights of one document make a vector of length 1.
    private var holders: [[Holder]]

    /// Reads a corpus, twice: first for how rare its words are.
    /// - Parameter read: gives every document, in the same order each time.
    public init(_ read: ((Document) throws -> Void) throws -> Void) throws {
        var (keys, names): ([ContentKey], [String]) = ([], [])
        var frequencies: [String: Int] = [:]
        try read { document in
            keys.append(document.id)
            names.append(document.name)
            for word in Set(QuestionWords.all(document.passage)) { frequencies[word, default: 0] += 1 }
        }
        (documents, self.names) = (keys, names)
        places = Dictionary(zip(keys, keys.indices)) { first, _ in first }
        let most = min(max(DocumentPartners.commonest, keys.count / 20), keys.count - 1)
        let rare = frequencies.filter { $0.value > 1 && $0.value <= most }.sorted { $0.key < $1.key }
        let numbers = Dictionary(uniqueKeysWithValues: zip(rare.map(\.key), rare.indices))
        let rarities = rare.map { log(Double(keys.count) / Double($0.value)) }
        holders = rare.map { _ in [] }
        try read { document in
            add(QuestionWords.all(document.passage).compactMap { numbers[$0] }, rarities)
        }
    }

    /// Adds the next document by its rare words.
    private mutating func add(_ found: [Int], _ rarities: [Double]) {
        var weights: [Int: Double] = [:]
        for word in found { weights[word, default: 0] += rarities[word] }
        let own = weights.sorted { $0.key < $1.key }
        let length = own.reduce(0) { $0 + $1.value * $1.value }.squareRoot()
        for (word, weight) in own { holders[word].append(Holder(place: words.count, weight: weight / length)) }
        words.append(own.map(\.key))
    }

    /// A document's nearest documents, the most akin first, the earlier of equals; other parts of the same long document are
    /// none. Fewer where fewer share a rare word.
    public func partners(of document: ContentKey, count: Int) -> [ContentKey] {
        guard let place = places[document], count > 0 else { return [] }
        var scores: [Int: Double] = [:]
        for word in words[place] {
            let own = holders[word].first { $0.place == place }?.weight ?? 0
            for other in holders[word] where names[other.place] != names[place] {
                scores[other.place, default: 0] += own * other.weight
            }
        }
        return scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(count).map { documents[$0.key] }
    }
}
