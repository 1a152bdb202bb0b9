// How documents are cut into chunks to be learned themselves.

import Testing

@testable import Pipeline

@Suite struct DocumentChunkTests {
    @Test func neighboursOverlapAndTheLastEndsWithTheText() {
        #expect(DocumentChunks.ranges(of: 10, length: 4, overlap: 1) == [0..<4, 3..<7, 6..<10])
        #expect(DocumentChunks.ranges(of: 11, length: 4, overlap: 1) == [0..<4, 3..<7, 6..<10, 9..<11])
        #expect(DocumentChunks.ranges(of: 4, length: 4, overlap: 1) == [0..<4])
    }

    @Test func aTokenByItselfIsNoChunk() {
        #expect(DocumentChunks.ranges(of: 1, length: 4, overlap: 1).isEmpty)
        #expect(DocumentChunks.ranges(of: 0, length: 4, overlap: 1).isEmpty)
    }
}
