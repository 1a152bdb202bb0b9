// How documents are cut into chunks to be learned themselves, and what becomes of the chunks.

import Basics
import LanguageModels
import Store
import Testing
import Tokenizers

@testable import Distillation

@Suite struct ChunkSourceTests {
    @Test func neighboursOverlapAndTheLastEndsWithTheText() {
        #expect(ChunkSource.ranges(of: 10, length: 4, overlap: 1) == [0..<4, 3..<7, 6..<10])
        #expect(ChunkSource.ranges(of: 11, length: 4, overlap: 1) == [0..<4, 3..<7, 6..<10, 9..<11])
        #expect(ChunkSource.ranges(of: 4, length: 4, overlap: 1) == [0..<4])
    }

    @Test func aTokenByItselfIsNoChunk() {
        #expect(ChunkSource.ranges(of: 1, length: 4, overlap: 1).isEmpty)
        #expect(ChunkSource.ranges(of: 0, length: 4, overlap: 1).isEmpty)
    }

    @Test func aChunkIsPredictedFromItsFirstToken() throws {
        let run = try TinyRun(["abcdef", "gh"])
        let tokenizer = try run.model().tokenizer
        let chunks = try ChunkSource.chunks(of: run.store, tokenizer: tokenizer, length: 4, overlap: 1)
        #expect(chunks.map(\.tokens) == [0..<4, 3..<6, 0..<2])
        let source = ChunkSource(chunks, store: run.store, tokenizer: tokenizer)
        #expect(source.count == 3)
        let samples = try source.samples(at: [1, 2], step: 0, student: nil)
        #expect(
            samples.map(\.kind) == [.chunk(document: "abcdef", tokens: 3..<6), .chunk(document: "gh", tokens: 0..<2)])
        #expect(samples.map { $0.prompt + $0.answer } == ["def", "gh"].map { tokenizer.encode($0) })
        #expect(samples.allSatisfy { $0.prompt.count == 1 && $0.teacher_Td == nil })
    }

    @Test func aDocumentThatIsGoneIsNamed() throws {
        let (run, other) = (try TinyRun(["abcdef"]), try TinyRun(["ghijkl"]))
        let tokenizer = try run.model().tokenizer
        let chunks = try ChunkSource.chunks(of: other.store, tokenizer: tokenizer, length: 4, overlap: 1)
        let missing = TrainingError.missing(.document, [other.documents[0].id])
        #expect(throws: missing) {
            try ChunkSource(chunks, store: run.store, tokenizer: tokenizer).samples(at: [0], step: 0, student: nil)
        }
        #expect(missing.description.contains("no document \(other.documents[0].id)"))
    }
}
