// Okapi BM25 over token ids (Robertson et al., 1995), score for score that of the Python package rank-bm25 (BM25Okapi), with
// which the paper retrieves (section 4.1). Knows numbers, not texts.
//
// Postings are kept, a list of documents a term, so that a question costs what its own terms occur in. Everything is summed
// in the order in which the reference sums it, so that scores have the same bits.

import Foundation

/// A corpus, ready to be asked.
public struct BM25: Sendable {
    /// A document that a term occurs in, and what the term's idf is multiplied by there.
    private struct Posting {
        let document: Int32
        var weight: Double
    }

    private let documentCount: Int
    private let terms: [Int: Int]
    private let postings: [[Posting]]
    private let idf: [Double]

    /// Reads a corpus.
    /// - Parameters:
    ///   - documents: token ids of each document.
    ///   - k1: how soon a term's further occurrences cease to count.
    ///   - b: how much long documents are marked down, from 0 to 1.
    ///   - epsilon: a term in more than half of the documents, whose idf would be below zero, gets this share of the average.
    public init(_ documents: [[Int]], k1: Double = 1.5, b: Double = 0.75, epsilon: Double = 0.25) {
        // Numbered as they first occur, which is the order of the reference's sum of idfs.
        var terms: [Int: Int] = [:]
        var postings: [[Posting]] = []
        for (document, tokens) in documents.enumerated() {
            for token in tokens {
                let term = terms[token, default: postings.count]
                if term == postings.count {
                    terms[token] = term
                    postings.append([])
                }
                if let last = postings[term].indices.last, postings[term][last].document == document {
                    postings[term][last].weight += 1
                } else {
                    postings[term].append(Posting(document: Int32(document), weight: 1))
                }
            }
        }
        let average = Double(documents.map(\.count).reduce(0, +)) / Double(documents.count)
        for term in postings.indices {
            for place in postings[term].indices {
                let frequency = postings[term][place].weight
                let length = Double(documents[Int(postings[term][place].document)].count)
                postings[term][place].weight =
                    frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * length / average))
            }
        }
        documentCount = documents.count
        self.terms = terms
        idf = BM25.idf(frequencies: postings.map(\.count), documents: documents.count, epsilon: epsilon)
        self.postings = postings
    }

    private static func idf(frequencies: [Int], documents: Int, epsilon: Double) -> [Double] {
        let plain = frequencies.map { log(Double(documents - $0) + 0.5) - log(Double($0) + 0.5) }
        let floor = epsilon * (plain.reduce(0, +) / Double(plain.count))
        return plain.map { $0 < 0 ? floor : $0 }
    }

    /// Each document's score for a question; a token that is asked twice counts twice.
    public func scores(_ question: [Int]) -> [Double] {
        var scores = [Double](repeating: 0, count: documentCount)
        for token in question {
            guard let term = terms[token] else { continue }
            for posting in postings[term] { scores[Int(posting.document)] += idf[term] * posting.weight }
        }
        return scores
    }
}
