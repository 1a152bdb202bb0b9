// A reply that was paid for is not asked for again.

import Foundation
import Generation
import Lineage
import Store
import Testing

@testable import Pipeline

@Suite struct KeptRepliesTests {
    private func request(_ question: String, seed: UInt64 = 1) -> ChatRequest {
        ChatRequest(messages: [.init(role: "user", content: question)], temperature: 1, maximumTokens: 5, seed: seed)
    }

    private func endpoint(_ host: String, inputPrice: Double? = nil, outputPrice: Double? = nil) -> EndpointSettings {
        EndpointSettings(
            baseURL: "http://\(host)", model: "m", inputPrice: inputPrice, outputPrice: outputPrice)
    }

    @Test func whatAStagesRepliesTookIsAddedUpOnce() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try RunStore(directory: folder)
        let recipes = try [StageID.questions, .answers].map {
            try store.recordRecipe(PersonRecipe(grader: "a"), stage: $0)
        }
        #expect(try store.endpointSpending(recipe: recipes[0]) == EndpointSpending())
        let priced = KeptReplies(store: store, endpoint: endpoint("here", inputPrice: 2, outputPrice: 8))
        let counted = ChatReply(text: "Ada", isFinished: true, promptTokens: 1_000, completionTokens: 500)
        for question in ["Who?", "Where?", "Who?"] { try priced.keep(counted, to: request(question), for: recipes[0]) }
        let uncounted = ChatReply(text: "Ada", isFinished: true)
        try priced.keep(uncounted, to: request("When?"), for: recipes[0])
        #expect(
            try store.endpointSpending(recipe: recipes[0])
                == EndpointSpending(promptTokens: 2_000, completionTokens: 1_000, cost: 0.012))
        let unpriced = KeptReplies(store: store, endpoint: endpoint("there"))
        try unpriced.keep(counted, to: request("Who?"), for: recipes[1])
        #expect(
            try store.endpointSpending(recipe: recipes[1])
                == EndpointSpending(promptTokens: 1_000, completionTokens: 500))
    }

    @Test func aReplyIsThereForItsOwnRequestAndEndpointAlone() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try RunStore(directory: folder)
        let recipe = try store.recordRecipe(PersonRecipe(grader: "a"), stage: .questions)
        let kept = KeptReplies(store: store, endpoint: endpoint("here"))
        #expect(try kept.reply(to: request("Who?")) == nil)
        try kept.keep(ChatReply(text: "Ada", isFinished: true), to: request("Who?"), for: recipe)
        try kept.keep(ChatReply(text: "Someone else", isFinished: true), to: request("Who?"), for: recipe)
        #expect(try kept.reply(to: request("Who?"))?.text == "Ada")
        #expect(try kept.reply(to: request("Who?"))?.isFinished == true)
        #expect(try kept.reply(to: request("Where?")) == nil)
        #expect(try kept.reply(to: request("Who?", seed: 2)) == nil)
        #expect(try KeptReplies(store: store, endpoint: endpoint("there")).reply(to: request("Who?")) == nil)
    }

    @Test func thoughtsAreNoReplyEvenIfAnEarlierVersionKeptThem() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try RunStore(directory: folder)
        let kept = KeptReplies(store: store, endpoint: endpoint("here"))
        let thought = ChatReply(text: "<think>A name.</think>\n\nAda", isFinished: true)
        try kept.keep(thought, to: request("Who?"), for: nil)
        #expect(try kept.reply(to: request("Who?"))?.text == "Ada")
        let open = ChatReply(text: "<think>A place", isFinished: false, fault: .endsInThought)
        try kept.keep(open, to: request("Where?"), for: nil)
        #expect(try kept.reply(to: request("Where?"))?.fault == .endsInThought)
    }

    @Test func aRefusalIsKeptAndWhatMayPassIsNot() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let kept = KeptReplies(store: try RunStore(directory: folder), endpoint: endpoint("here"))
        let faults: [ReplyFault] = [.refused(said: "no"), .tooLong(said: nil), .empty(finishReason: nil)]
        let found = try faults.enumerated().map { number, fault in
            let asked = request("\(number)")
            try kept.keep(ChatReply(text: "", isFinished: false, fault: fault), to: asked, for: nil)
            return try kept.reply(to: asked)?.fault
        }
        #expect(found == [.refused(said: nil), nil, nil])
    }
}
