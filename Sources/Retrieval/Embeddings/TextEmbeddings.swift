// Texts as rows of a matrix of unit vectors, embedded where they are not kept already. Knows embedders and files, not what
// the texts are.

import Algorithms
import Foundation
import Synchronization
import Torch

/// An embedder with the embeddings that it has made before.
struct TextEmbeddings {
    let embedder: Embedder
    let kept: KeptEmbeddings
    /// Told how many texts of how many are embedded; what it throws ends the work, and what is done is kept.
    let checkIn: (_ done: Int, _ total: Int) throws -> Void

    init(_ embedder: Embedder, folder: URL, checkIn: @escaping (_ done: Int, _ total: Int) throws -> Void) {
        self.embedder = embedder
        kept = KeptEmbeddings(folder: folder, identity: embedder.identity)
        self.checkIn = checkIn
    }

    /// The texts' unit vectors [texts, dimension], float32.
    func vectors(of texts: [String]) throws -> Tensor {
        let pieces = texts.chunks(ofCount: embedder.pieceSize).map(Array.init)
        var embedded = pieces.map(kept.embeddings)
        let missing = pieces.indices.filter { embedded[$0] == nil }
        let made = Gathered(missing.count)
        let before = texts.count - missing.map { pieces[$0].count }.reduce(0, +)
        try embedder.embed(missing.map { pieces[$0] }) {
            try checkIn(before + made.count, texts.count)
        } keep: { [kept] index, vectors in
            try kept.keep(vectors, of: pieces[missing[index]])
            made.add(vectors, at: index)
        }
        for (index, vectors) in zip(missing, made.pieces) { embedded[index] = vectors }
        return try matrix(embedded.flatMap { $0 ?? [] })
    }

    private func matrix(_ vectors: [[Float]]) throws -> Tensor {
        let dimension = vectors.first?.count ?? 0
        if let other = vectors.first(where: { $0.count != dimension }) {
            throw RetrievalError.mixedDimensions(
                embedder: embedder.identity, first: dimension, other: other.count, kept: kept.folder.path)
        }
        return try Tensor(vectors.flatMap(\.ofUnitLength), shape: [vectors.count, dimension])
    }
}

/// Pieces that come in any order, from any thread.
private final class Gathered: Sendable {
    private let vectors: Mutex<[[[Float]]?]>

    init(_ count: Int) { vectors = Mutex(Array(repeating: nil, count: count)) }

    var pieces: [[[Float]]?] { vectors.withLock { $0 } }

    /// Vectors that have come.
    var count: Int { pieces.reduce(0) { $0 + ($1?.count ?? 0) } }

    func add(_ piece: [[Float]], at index: Int) { vectors.withLock { $0[index] = piece } }
}
