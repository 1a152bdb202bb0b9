// A remote expert that is not answered at first: which failures are tried again, after which wait, and what a person
// reads meanwhile.

import Foundation
import Lineage
import TestSupport
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(10)))
struct RemoteRetryTests {
    /// The responses in this order, the last one for ever.
    private func replies(
        _ responses: [ServedResponse], attempts: Int = 6, waits: Recorder<Double> = Recorder(),
        notices: Recorder<String> = Recorder()
    ) async throws -> [ChatReply] {
        try await withServer { request in
            responses[min(request.number, responses.count - 1)]
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 1, maximumAttempts: attempts)
            return try await hurriedExpert(settings, waits: waits, notices: notices).replies(to: [ask("?")])
        }
    }

    @Test(arguments: [408, 409, 425, 429, 500, 502, 503, 529])
    func aPassingStatusIsTriedAgain(status: Int) async throws {
        let waits = Recorder<Double>()
        let replies = try await replies([.error(status, "busy"), .reply("yes")], waits: waits)
        #expect(replies.map(\.text) == ["yes"])
        #expect(waits.all == [2])
    }

    @Test func waitsDoubleUpToACeiling() async throws {
        let waits = Recorder<Double>()
        let down = [ServedResponse](repeating: .error(503, "busy"), count: 8)
        let replies = try await replies(down + [.reply("yes")], attempts: 9, waits: waits)
        #expect(replies.count == 1)
        #expect(waits.all == [2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test func jitterDrawsFromTheWholeWait() throws {
        for fraction in [0, 0.25, 1] {
            #expect(try BackOff(fraction: { fraction }).wait(afterAttempt: 3, retryAfter: nil) == 8 * fraction)
        }
    }

    @Test func aBrokenConnectionIsTriedAgain() async throws {
        let waits = Recorder<Double>()
        let replies = try await replies([.hangUp, .reply("yes")], waits: waits)
        #expect(replies.map(\.text) == ["yes"])
        #expect(waits.all == [2])
    }

    @Test func aCutResponseIsTriedAgain() async throws {
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\": ["
        let waits = Recorder<Double>()
        let replies = try await replies([.bytes(cut, thenHangUp: true), .reply("yes")], waits: waits)
        #expect(replies.map(\.text) == ["yes"])
        #expect(waits.all == [2])
    }

    @Test func retryAfterInSecondsIsHonoured() async throws {
        let waits = Recorder<Double>()
        _ = try await replies([.error(429, "slow down", headers: ["Retry-After": "17"]), .reply("yes")], waits: waits)
        #expect(waits.all == [17])
    }

    @Test func retryAfterAsADateIsHonoured() async throws {
        let waits = Recorder<Double>()
        let later = ["Retry-After": Date(timeIntervalSinceNow: 90).httpDate]
        _ = try await replies([.error(503, "down", headers: later), .reply("yes")], waits: waits)
        #expect(try (60...90).contains(#require(waits.all.first)))
    }

    @Test(arguments: ["soon", "", "nan", "inf", "-5", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"])
    func aRetryAfterThatAsksForNoWaitIsPassedOver(value: String) async throws {
        let waits = Recorder<Double>()
        _ = try await replies(
            [.error(503, "down", headers: ["Retry-After": value]), .reply("yes")], waits: waits)
        #expect(waits.all == [2])
    }

    @Test func aWaitOfHoursEndsTheWork() async throws {
        let waits = Recorder<Double>()
        let error = await #expect(throws: RemoteExpertError.self) {
            try await replies([.error(429, "quota", headers: ["Retry-After": "7200"])], waits: waits)
        }
        #expect("\(try #require(error))".contains("asks to be left alone for 7200 s. 0 of 1 replies are kept"))
        #expect(waits.all.isEmpty)
    }

    @Test(arguments: [
        ("", "its body is no chat completion in JSON"),
        ("<html>", "its body is no chat completion in JSON"),
        (#"{"choices": "none"}"#, "its body is no chat completion in JSON"),
        (#"{"error": {"message": "upstream is gone"}}"#, "upstream is gone"),
        (#"{"choices": []}"#, "it holds no choices"),
    ])
    func aResponseWithoutAReplyIsTriedAgainAndThenNamed(body: String, reason: String) async throws {
        let unusable = ServedResponse.answer(status: 200, body: body)
        let replies = try await replies([unusable, .reply("yes")])
        #expect(replies.map(\.text) == ["yes"])
        let error = await #expect(throws: RemoteExpertError.self) { try await self.replies([unusable], attempts: 2) }
        let text = "\(try #require(error))"
        #expect(text.contains("sent no usable reply (") && text.contains(reason), "\(text)")
    }

    @Test func aPersonReadsWhatHappensMeanwhile() async throws {
        let notices = Recorder<String>()
        _ = try await replies(
            [
                .error(503, "loading\\nmodel\\u001b[31m"), .error(429, "slow", headers: ["Retry-After": "3"]),
                // libcurl itself opens a kept connection anew that has broken.
                .hangUp, .hangUp, .reply("yes"),
            ], notices: notices)
        let lines = notices.all.map { $0.replacing(#/^http://127\.0\.0\.1:\d+/v1 /#, with: "") }
        #expect(
            lines.prefix(2) == [
                "answered 503 (loading model [31m); trying again in 2 s (attempt 2 of 6)",
                "answered 429 (slow); trying again in 3 s (attempt 3 of 6)",
            ])
        #expect(lines.last?.hasPrefix("cannot be reached (") == true)
        #expect(lines.count == 3)
    }

    @Test func parallelRequestsTellOfAnOutageOnce() async throws {
        let notices = Recorder<String>()
        let asked = Counter()
        _ = try await withServer { _ in
            // Nobody is answered before all five have failed.
            asked.next() < 5 ? .error(503, "busy") : try .reply("yes")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 5)
            return try await hurriedWithBarrier(settings, asked: asked, notices: notices).replies(to: askNumbers(5))
        }
        #expect(notices.all.count == 1)
    }

    /// Waits until all five requests have been refused, whatever back-off says.
    private func hurriedWithBarrier(
        _ settings: EndpointSettings, asked: Counter, notices: Recorder<String>
    ) throws -> RemoteExpert {
        let failed = Counter()
        let backOff = BackOff(sleep: { _ in
            failed.next()
            while failed.value < 5 { try await Task.sleep(for: .milliseconds(1)) }
        })
        return try RemoteExpert(settings, environment: [:], backOff: backOff, onNotice: { notices.add($0) })
    }
}

extension Date {
    /// As Retry-After has it (RFC 9110, section 5.6.7).
    fileprivate var httpDate: String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: self)
    }
}
