// A remote expert whose endpoint ends the work: what is kept, what a person reads, and that no key leaves its place.

import Foundation
import Lineage
import Synchronization
import TestSupport
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(10)))
struct RemoteFailureTests {
    private func text(_ error: RemoteExpertError?) throws -> String { "\(try #require(error))" }

    /// What one request to a server that always answers so ends in.
    private func failure(_ response: ServedResponse, key: String? = nil, attempts: Int = 2) async throws -> String {
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { _ in
                response
            } _: { url in
                let settings = EndpointSettings(baseURL: url, model: "big-1", maximumAttempts: attempts)
                let environment = key.map { ["OPENAI_API_KEY": $0] } ?? [:]
                return try await hurriedExpert(settings, environment: environment).replies(to: [ask("?")])
            }
        }
        return try text(error).replacing(#/http://127\.0\.0\.1:\d+/v1/#, with: "URL")
    }

    @Test func whatArrivedBeforeTheServerDiedIsKept() async throws {
        let kept = Recorder<Int>()
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { request in
                request.number < 7 ? try .reply("yes") : .hangUp
            } _: { url in
                let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 3, maximumAttempts: 4)
                return try await hurriedExpert(settings).replies(to: askNumbers(20)) { index, _ in kept.add(index) }
            }
        }
        #expect(Set(kept.all).count == 7)
        guard case .stopped(.down(.unreachable, attempts: 4), let endpoint, .chatCompletions, kept: 7, of: 20) = error
        else {
            Issue.record("\(try text(error))")
            return
        }
        let text = try text(error)
        #expect(text.hasPrefix("\(endpoint.baseURL) cannot be reached (") && text.contains("4 attempts"))
        #expect(text.hasSuffix("7 of 20 replies are kept; run the same command again to go on."))
    }

    @Test func oneRefusedRequestLosesNoReplyThatHasArrived() async throws {
        let kept = Counter()
        let answered = Counter()
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { request in
                guard request.question == "3" else {
                    answered.next()
                    return try .reply("yes")
                }
                // Refused once the other three of the first four have been handed over.
                while kept.value < 3 { try await Task.sleep(for: .milliseconds(1)) }
                return .error(400, "too long")
            } _: { url in
                let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 4)
                return try await hurriedExpert(settings).replies(to: askNumbers(200)) { _, _ in kept.next() }
            }
        }
        guard case .stopped(.refused(400, "too long", false), _, _, let count, 200) = error else {
            Issue.record("\(try text(error))")
            return
        }
        #expect(count == kept.value)
        #expect(count >= 3 && count <= answered.value)
    }

    @Test func aServerThatIsNotThereIsNamed() async throws {
        let url = try await withServer { _ in
            .hangUp
        } _: {
            $0
        }
        let waits = Recorder<Double>()
        let settings = EndpointSettings(baseURL: url, model: "m")
        let error = await #expect(throws: RemoteExpertError.self) {
            try await hurriedExpert(settings, waits: waits).replies(to: [ask("?")])
        }
        #expect(
            try text(error) == """
                \(url) cannot be reached (connection refused), and 6 attempts did not change it. Check the base URL, \
                the network and whether the server runs. 0 of 1 replies are kept; run the same command again to go on.
                """)
        #expect(waits.all == [2, 4, 8, 16, 32])
    }

    @Test func aSlowServerTimesOutBeforeAndWithinTheBody() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"
        for response in [nil, ServedResponse.bytes(head)] {
            let error = await #expect(throws: RemoteExpertError.self) {
                try await withServer { _ in
                    if let response { return response }
                    try await Task.sleep(for: .seconds(600))
                    return .hangUp
                } _: { url in
                    let settings = EndpointSettings(
                        baseURL: url, model: "m", timeoutSeconds: 0.2, maximumAttempts: 2)
                    return try await hurriedExpert(settings).replies(to: [ask("?")])
                }
            }
            let text = try text(error)
            #expect(text.contains("did not answer within 0.2 s, and 2 attempts did not change it"), "\(text)")
        }
    }

    @Test(arguments: [
        (401, "sk-1", "401: the key in OPENAI_API_KEY was refused by URL (no). Set OPENAI_API_KEY to a key"),
        (401, nil, "401: URL wants a key, and OPENAI_API_KEY is not set (no). Set OPENAI_API_KEY"),
        (402, "sk-1", "402: the account at URL has no credit left (no). Add credit"),
        (403, "sk-1", "403: the key in OPENAI_API_KEY may not use model \"big-1\" at URL (no)."),
        (404, nil, "404: URL has no /chat/completions or no model \"big-1\" (no). Check the base URL, which"),
        (400, nil, "400: URL refused the request (no). Check the model's name, its context length"),
        (422, nil, "422: URL refused the request (no). Check"),
    ])
    func aRefusalIsFinalAndSaysWhatToDo(status: Int, key: String?, start: String) async throws {
        let text = try await failure(.error(status, "no"), key: key, attempts: 1_000_000)
        #expect(text.hasPrefix(start), "\(text)")
    }

    @Test func anEmptyAccountIsNotTriedAgain() async throws {
        let body = #"{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}"#
        let text = try await failure(.answer(status: 429, body: body), key: "sk-1", attempts: 1_000_000)
        #expect(text.hasPrefix("429: the account at URL has no credit left (You exceeded your quota). Add credit"))
    }

    @Test(arguments: [
        #"{"error": "plain words"}"#, #"{"object": "error", "message": "plain words"}"#, #"{"detail": "plain words"}"#,
    ])
    func theEndpointsOwnWordsAreFoundWhereverTheyStand(body: String) async throws {
        #expect(try await failure(.answer(status: 400, body: body)).contains("(plain words)"))
    }

    @Test func longWordsAreCut() async throws {
        let text = try await failure(.error(400, String(repeating: "long ", count: 2_000)))
        #expect(text.count < 600 && text.contains("long…)."), "\(text)")
    }

    @Test func nothingHugeIsRead() async throws {
        let size = EndpointExchange.replyLimit
        let long = try await failure(.reply(String(repeating: "x", count: size)))
        #expect(long.contains("sent no usable reply (it is larger than 4 MiB)"), "\(long)")
        let unannounced = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunk = String(size + 1, radix: 16) + "\r\n" + String(repeating: "x", count: size + 1)
        let chunked = try await failure(.bytes(unannounced + chunk))
        #expect(chunked.contains("sent no usable reply (it is larger than 4 MiB)"), "\(chunked)")
        let complaint = try await failure(.error(400, String(repeating: "x", count: EndpointExchange.failureLimit)))
        #expect(complaint.hasPrefix("400: URL refused the request. Check"), "\(complaint)")
    }

    @Test func aRedirectIsNamedAndNotFollowed() async throws {
        let visits = Counter()
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { _ in
                visits.next()
                return try .reply("give me the key")
            } _: { other in
                try await withServer { _ in
                    .answer(status: 307, headers: ["Location": other], body: "")
                } _: { url in
                    let environment = ["OPENAI_API_KEY": "sk-1"]
                    return try await hurriedExpert(EndpointSettings(baseURL: url, model: "m"), environment: environment)
                        .replies(to: [ask("?")])
                }
            }
        }
        #expect(visits.value == 0)
        let text = try text(error)
        #expect(text.contains("redirects to http://127.0.0.1:") && text.contains("make that the base URL"), "\(text)")
    }

    @Test func theKeyIsNeverShown() async throws {
        let key = "sk-secret-0123456789"
        for status in [400, 401, 503] {
            let text = try await failure(.error(status, "Bad key \(key)!"), key: key)
            #expect(!text.contains("secret") && text.contains("Bad key [key]!"), "\(text)")
        }
        let settings = EndpointSettings(baseURL: "https://example.org/v1", model: "m")
        let expert = try RemoteExpert(settings, environment: ["OPENAI_API_KEY": key])
        var dumped = ""
        dump(expert, to: &dumped)
        #expect(dumped.contains("example.org") && !dumped.contains("secret"))
        #expect(!"\(expert) \(String(reflecting: expert))".contains("secret"))
        let encoded = String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
        #expect(!encoded.contains("secret"))
    }

    @Test func cancellationEndsARequestUnderWay() async throws {
        let asked = Counter()
        try await withServer { _ in
            asked.next()
            try await Task.sleep(for: .seconds(600))
            return .hangUp
        } _: { url in
            // The last attempt, after which a failure would say that the endpoint is down.
            let settings = EndpointSettings(baseURL: url, model: "m", maximumAttempts: 1)
            let expert = try RemoteExpert(settings, environment: [:])
            let work = Task { try await expert.replies(to: askNumbers(30)) }
            while asked.value < 8 { try await Task.sleep(for: .milliseconds(1)) }
            work.cancel()
            await #expect(throws: CancellationError.self) { try await work.value }
        }
        #expect(asked.value == 8)
    }

    @Test func cancellationEndsAWait() async throws {
        let waiting = Counter()
        try await withServer { _ in
            .error(429, "later", headers: ["Retry-After": "600"])
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 1)
            let expert = try RemoteExpert(settings, environment: [:]) { _ in waiting.next() }
            let work = Task { try await expert.replies(to: askNumbers(3)) }
            while waiting.value < 1 { try await Task.sleep(for: .milliseconds(1)) }
            work.cancel()
            await #expect(throws: CancellationError.self) { try await work.value }
        }
    }
}
