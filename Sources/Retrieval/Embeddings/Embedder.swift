// Whoever turns texts into vectors: an encoder on this machine or a model behind an endpoint. Knows texts and vectors, not
// documents and questions.

import Generation

/// A source of embeddings.
enum Embedder {
    case local(SentenceEncoder)
    case remote(RemoteEmbedder)

    /// Names what the vectors depend on.
    var identity: String {
        switch self {
        case .local(let encoder): encoder.identity
        case .remote(let endpoint): endpoint.identity
        }
    }

    /// Texts that are embedded, and kept, together.
    var pieceSize: Int {
        switch self {
        // Enough for batches of texts of a length, few enough to be lost.
        case .local: 128
        case .remote: RemoteEmbedder.requestSize
        }
    }

    /// Embeds pieces of texts.
    /// - Parameters:
    ///   - pieces: the texts.
    ///   - checkIn: called between pieces, and a few times a second while an endpoint works; what it throws ends the work.
    ///   - keep: given each piece's vectors and its index as soon as they are there.
    func embed(
        _ pieces: [[String]], checkIn: () throws -> Void, keep: @escaping @Sendable (Int, [[Float]]) throws -> Void
    ) throws {
        guard !pieces.isEmpty else { return }
        switch self {
        case .local(let encoder):
            for (index, texts) in pieces.enumerated() {
                try checkIn()
                try keep(index, encoder.embeddings(of: texts))
            }
            try checkIn()
        case .remote(let endpoint):
            try checkIn()
            try waiting(checkIn) { try await endpoint.embed(pieces) { try keep($0, $1) } }
        }
    }
}
