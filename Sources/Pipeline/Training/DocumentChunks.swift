// The documents' own tokens as training samples, in overlapping chunks: what fine-tuning without questions learns from (the
// paper's UFT). A chunk is a document and a place in it; its text is read and cut when its turn comes.

import Basics
import Distillation
import LanguageModels
import Lineage
import Store
import Tokenizers

struct DocumentChunks {
    private struct Chunk {
        let document: ContentKey
        let tokens: Range<Int>
    }

    private let store: RunStore
    private let model: LanguageModel
    private let chunks: SampleSplit<Chunk>
    /// Names the chunks and their order.
    let key: ContentKey

    init(store: RunStore, model: LanguageModel, configuration: RunConfiguration) throws {
        let settings = configuration.training
        var chunks: [Chunk] = []
        try store.documents().forEach { document in
            let count = model.tokenizer.encode(document.passage).count
            chunks += DocumentChunks.ranges(of: count, length: settings.chunkTokens, overlap: settings.chunkOverlap)
                .map { Chunk(document: document.id, tokens: $0) }
        }
        (self.store, self.model) = (store, model)
        let split = SampleSplit(chunks, validationFraction: settings.validationFraction, seed: configuration.seed)
        self.chunks = split
        let names = (split.training + split.validation).map { "\($0.document) \($0.tokens)" }
        key = ContentKey(of: "chunks", names.joined(separator: " "))
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

    var source: SampleSource {
        SampleSource(training: chunks.training.count, validation: chunks.validation.count) { indices in
            try indices.map { index in
                let chunk = self.chunks[index]
                guard let document = try self.store.document(chunk.document) else { throw TrainingError.noSamples }
                let tokens = Array(self.model.tokenizer.encode(document.passage)[chunk.tokens])
                return TrainingSample(
                    name: "\(document.subject) \(chunk.tokens)", prompt: [tokens[0]], answer: Array(tokens.dropFirst()),
                    teacher_Td: nil)
            }
        }
    }
}
