// The documents' own tokens as training samples, in overlapping chunks: what fine-tuning without questions learns from (the
// paper's UFT). A chunk is a document and a place in it; its text is read and cut when its turn comes.

import Basics
import LanguageModels
import Store
import Tokenizers

public struct ChunkSource: BatchSource {
    /// Some of a document's tokens.
    public struct Chunk: Sendable, CustomStringConvertible {
        let document: ContentKey
        let tokens: Range<Int>

        public var description: String { "\(document) \(tokens)" }
    }

    private let chunks: [Chunk]
    private let store: RunStore
    private let tokenizer: Tokenizer

    public init(_ chunks: [Chunk], store: RunStore, tokenizer: Tokenizer) {
        (self.chunks, self.store, self.tokenizer) = (chunks, store, tokenizer)
    }

    /// The chunks of the whole corpus, in its order.
    public static func chunks(
        of store: RunStore, tokenizer: Tokenizer, length: Int, overlap: Int
    ) throws -> [Chunk] {
        var chunks: [Chunk] = []
        try store.documents().forEach { document in
            let count = tokenizer.encode(document.passage).count
            chunks += ranges(of: count, length: length, overlap: overlap)
                .map { Chunk(document: document.id, tokens: $0) }
        }
        return chunks
    }

    /// Chunks of a text of so many tokens, each sharing `overlap` with the one before it. A chunk of one token has nothing to
    /// predict it from.
    static func ranges(of count: Int, length: Int, overlap: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        while count - start > 1 {
            ranges.append(start..<min(start + length, count))
            guard start + length < count else { break }
            start += length - overlap
        }
        return ranges
    }

    public var count: Int { chunks.count }

    /// The chunks at some places, each predicted from its first token on.
    public func samples(at places: [Int], step: Int, student: LoRAAdapter?) throws -> [TrainingSample] {
        try places.map { place in
            let chunk = chunks[place]
            let document = try store.trainingDocument(chunk.document)
            let tokens = Array(tokenizer.encode(document.passage)[chunk.tokens])
            return TrainingSample(
                .chunk(document: document.subject, tokens: chunk.tokens), prompt: [tokens[0]],
                answer: Array(tokens.dropFirst()))
        }
    }
}
