// A remote expert that is answered: order, parallelism, what goes over the wire and what comes back.

import Foundation
import Lineage
import NIOHTTP1
import TestSupport
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(10)))
struct RemoteExpertTests {
    @Test func repliesStandInTheOrderOfTheRequestsWhateverOrderTheyArriveIn() async throws {
        let arrived = Recorder<Int>()
        let replies = try await withServer { request in
            let number = Int(request.question) ?? 0
            try await Task.sleep(for: .milliseconds(number * 7919 % 13))
            return try .reply("reply \(number)")
        } _: { url in
            let expert = try RemoteExpert(EndpointSettings(baseURL: url, model: "m"), environment: [:])
            return try await expert.replies(to: askNumbers(40)) { index, reply in
                #expect(reply.text == "reply \(index)")
                arrived.add(index)
            }
        }
        #expect(replies.map(\.text) == (0..<40).map { "reply \($0)" })
        #expect(arrived.all.sorted() == Array(0..<40))
    }

    @Test func noMoreRequestsAreUnderWayThanAllowedAndNoFewer() async throws {
        let started = Counter()
        let ended = Counter()
        let underWay = Recorder<Int>()
        _ = try await withServer { _ in
            started.next()
            // None of the first four is answered before all four are here.
            while started.value < 4 { try await Task.sleep(for: .milliseconds(1)) }
            underWay.add(started.value - ended.value)
            try await Task.sleep(for: .milliseconds(2))
            ended.next()
            return try .reply("yes")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 4)
            return try await RemoteExpert(settings, environment: [:]).replies(to: askNumbers(40))
        }
        #expect(underWay.all.count == 40)
        #expect(underWay.all.max() == 4)
    }

    @Test func moreThanEightRequestsCanBeUnderWay() async throws {
        let started = Counter()
        let replies = try await withServer { _ in
            started.next()
            while started.value < 20 { try await Task.sleep(for: .milliseconds(1)) }
            return try .reply("yes")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 20)
            return try await RemoteExpert(settings, environment: [:]).replies(to: askNumbers(20))
        }
        #expect(replies.count == 20)
    }

    @Test func aTextIsContinuedWithoutAChat() async throws {
        let seen = Recorder<ServedRequest>()
        let request = ChatRequest(messages: [], prompt: "<|task|>\n", temperature: 1.25, maximumTokens: 9)
        let replies = try await withServer { request in
            seen.add(request)
            let choice = #"{"text": "Who?\n<|pipe|>\nAda", "finish_reason": "stop"}"#
            return .answer(status: 200, body: #"{"choices": [\#(choice)]}"#)
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m")
            return try await RemoteExpert(settings, environment: [:]).replies(to: [request])
        }
        #expect(replies.map(\.text) == ["Who?\n<|pipe|>\nAda"] && replies[0].isFinished)
        #expect(seen.all.map(\.uri) == ["/v1/completions"])
        #expect(
            seen.all.map { String(decoding: $0.body, as: UTF8.self) }
                == [#"{"max_tokens":9,"model":"m","prompt":"<|task|>\n","temperature":1.25}"#])
    }

    @Test func theRequestCarriesWhatIsSetAndNothingElse() async throws {
        let seen = Recorder<ServedRequest>()
        let plain = ask("Hm?")
        var full = plain
        full.messages.insert(.init(role: "system", content: "Be brief."), at: 0)
        full.topP = 0.5
        full.topK = 40
        full.minP = 0.25
        full.seed = .max
        let requests = [plain, full]
        _ = try await withServer { request in
            seen.add(request)
            return try .reply("yes")
        } _: { url in
            let settings = EndpointSettings(baseURL: url + "//", model: "org/model-1", parallelism: 1)
            let expert = try RemoteExpert(settings, environment: ["OPENAI_API_KEY": " sk-test \n"])
            return try await expert.replies(to: requests)
        }
        let bodies = seen.all.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(
            bodies.first == """
                {"max_tokens":16,"messages":[{"content":"Hm?","role":"user"}],"model":"org/model-1","temperature":0}
                """)
        #expect(
            bodies.last == """
                {"max_tokens":16,"messages":[{"content":"Be brief.","role":"system"},{"content":"Hm?","role":"user"}],\
                "min_p":0.25,"model":"org/model-1","seed":9007199254740991,"temperature":0,"top_k":40,"top_p":0.5}
                """)
        #expect(seen.all.map(\.uri) == ["/v1/chat/completions", "/v1/chat/completions"])
        #expect(seen.all.first?.headers["Authorization"] == ["Bearer sk-test"])
        #expect(seen.all.first?.headers["Content-Type"] == ["application/json"])
    }

    @Test func withoutAKeyNoneIsSent() async throws {
        let seen = Recorder<ServedRequest>()
        _ = try await withServer { request in
            seen.add(request)
            return try .reply("yes")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m")
            return try await RemoteExpert(settings, environment: ["OPENAI_API_KEY": ""]).replies(to: [ask("?")])
        }
        #expect(seen.all.map { $0.headers["Authorization"] } == [[]])
    }

    @Test func textOfEveryKindComesBackAsItWent() async throws {
        let texts = [
            "Zoë 東京 🧑‍🚀 e\u{301}", "\u{0}\u{7F}\u{2028}\"\\/\n\t", "<question>1 & 2</question>",
            String(repeating: "长", count: 50_000),
        ]
        let replies = try await withServer { request in
            try .reply(request.question)
        } _: { url in
            try await RemoteExpert(EndpointSettings(baseURL: url, model: "m"), environment: [:])
                .replies(to: texts.map(ask))
        }
        #expect(replies.map { Array($0.text.utf8) } == texts.map { Array($0.utf8) })
    }

    @Test func aCutReplyIsNotFinishedAndTokensAreCounted() async throws {
        let replies = try await withServer { request in
            try .reply("Ten", finishReason: request.question)
        } _: { url in
            try await RemoteExpert(EndpointSettings(baseURL: url, model: "m"), environment: [:])
                .replies(to: [ask("stop"), ask("length")])
        }
        #expect(
            replies == [
                ChatReply(text: "Ten", isFinished: true, promptTokens: 7, completionTokens: 3),
                ChatReply(text: "Ten", isFinished: false, promptTokens: 7, completionTokens: 3),
            ])
    }

    @Test func usageMayBeMissing() async throws {
        let replies = try await withServer { _ in
            .answer(status: 200, body: #"{"choices": [{"message": {"content": "Ten"}}]}"#)
        } _: { url in
            try await RemoteExpert(EndpointSettings(baseURL: url, model: "m"), environment: [:]).replies(to: [ask("?")])
        }
        #expect(replies == [ChatReply(text: "Ten", isFinished: true)])
    }

    @Test func noRequestsMeanNoReplies() async throws {
        let expert = try RemoteExpert(
            EndpointSettings(baseURL: "http://127.0.0.1:1/v1", model: "m"), environment: [:])
        #expect(try await expert.replies(to: []).isEmpty)
    }

    @Test func anErrorOfTheCallersEndsTheWorkAsItIs() async throws {
        struct DiskFull: Error {}
        let asked = Counter()
        await #expect(throws: DiskFull.self) {
            try await withServer { _ in
                asked.next()
                return try .reply("yes")
            } _: { url in
                let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 1)
                return try await RemoteExpert(settings, environment: [:]).replies(to: askNumbers(50)) { index, _ in
                    if index == 2 { throw DiskFull() }
                }
            }
        }
        #expect(asked.value <= 5)
    }
}
