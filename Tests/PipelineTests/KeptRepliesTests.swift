// A reply that was paid for is not asked for again.

import Foundation
import Generation
import Store
import Testing

@testable import Pipeline

@Suite struct KeptRepliesTests {
    private func request(_ question: String, seed: UInt64 = 1) -> ChatRequest {
        ChatRequest(messages: [.init(role: "user", content: question)], temperature: 1, maximumTokens: 5, seed: seed)
    }

    @Test func aReplyIsThereForItsOwnRequestAndEndpointAlone() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try RunStore(directory: folder)
        let kept = KeptReplies(store: store, endpoint: "m at http://here")
        #expect(try kept.reply(to: request("Who?")) == nil)
        try kept.keep(ChatReply(text: "Ada", isFinished: true), to: request("Who?"))
        try kept.keep(ChatReply(text: "Someone else", isFinished: true), to: request("Who?"))
        #expect(try kept.reply(to: request("Who?"))?.text == "Ada")
        #expect(try kept.reply(to: request("Who?"))?.isFinished == true)
        #expect(try kept.reply(to: request("Where?")) == nil)
        #expect(try kept.reply(to: request("Who?", seed: 2)) == nil)
        #expect(try KeptReplies(store: store, endpoint: "m at http://there").reply(to: request("Who?")) == nil)
    }
}
