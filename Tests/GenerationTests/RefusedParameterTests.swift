// Parameters that endpoints refuse, in the words of many servers: left out from then on, told once, and the request made again.

import Foundation
import Lineage
import Synchronization
import TestSupport
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(10)))
struct RefusedParameterTests {
    private static let full = ChatRequest(
        messages: [.init(role: "user", content: "?")], temperature: 1.5, topP: 0.5, topK: 50, minP: 0.1,
        maximumTokens: 16,
        seed: 1)

    /// A server that answers so as long as a request has one of some parameters, and what was asked and told.
    private func ask(
        _ status: Int = 400, refusing: [String: String], _ requests: [ChatRequest] = [full], parallelism: Int = 1
    ) async throws -> (asked: [[String]], notices: [String], texts: [String]) {
        let asked = Recorder<[String]>()
        let notices = Recorder<String>()
        let replies = try await withServer { request in
            asked.add(request.json.keys.sorted())
            let body = refusing.sorted { $0.key < $1.key }.first { request.json[$0.key] != nil }?.value
            return try body.map { .answer(status: status, body: $0) } ?? .reply("yes")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", parallelism: parallelism, maximumAttempts: 1)
            return try await hurriedExpert(settings, notices: notices).replies(to: requests)
        }
        return (asked.all, notices.all, replies.map(\.text))
    }

    @Test(arguments: [
        // OpenAI and Azure.
        (400, "top_k", #"{"error": {"message": "Unrecognized request argument supplied: top_k", "param": null}}"#),
        (
            400, "temperature",
            #"{"error": {"message": "Unsupported value: 'temperature' does not support 1.5 with this model. Only the default (1) value is supported.", "param": "temperature", "code": "unsupported_value"}}"#
        ),
        // vLLM, Mistral, NIM.
        (
            400, "min_p",
            #"{"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'min_p'), 'msg': 'Extra inputs are not permitted', 'input': 0.1}]", "code": 400}"#
        ),
        (
            422, "top_k",
            #"{"detail": [{"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "Extra inputs are not permitted", "input": 50}]}"#
        ),
        (
            422, "seed",
            #"{"object": "error", "message": {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}}"#
        ),
        (
            422, "seed",
            #"{"title": "Unprocessable Entity", "detail": "body -> seed\n  Extra inputs are not permitted (type=extra_forbidden)"}"#
        ),
        // Groq, Gemini, xAI, LiteLLM, OpenRouter.
        (400, "top_k", #"{"error": {"message": "property 'top_k' is unsupported", "type": "invalid_request_error"}}"#),
        (
            400, "top_k",
            #"[{"error": {"code": 400, "message": "Invalid JSON payload received. Unknown name \"top_k\": Cannot find field.", "status": "INVALID_ARGUMENT"}}]"#
        ),
        (
            400, "min_p",
            #"{"code": "Client specified an invalid argument", "error": "Argument not supported on this model: minP"}"#
        ),
        (
            400, "temperature",
            #"{"error": {"message": "litellm.UnsupportedParamsError: gpt-5 models don't support temperature=1.5.", "param": null, "code": "400"}}"#
        ),
        (
            400, "top_p",
            #"{"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": "{\"error\": {\"message\": \"Unsupported parameter: 'top_p'\"}}"}}}"#
        ),
        // Anthropic, text-generation-inference, and servers that answer without JSON.
        (
            400, "temperature",
            #"{"type": "error", "error": {"type": "invalid_request_error", "message": "temperature: range: 0..1"}}"#
        ),
        (
            422, "top_p",
            #"{"error": "Input validation error: `top_p` must be > 0.0 and < 1.0", "error_type": "validation"}"#
        ),
        (422, "top_k", "Failed to deserialize the JSON body into the target type: unknown field `top_k`"),
    ])
    func whatIsRefusedByNameIsLeftOut(status: Int, name: String, body: String) async throws {
        let (asked, notices, texts) = try await ask(status, refusing: [name: body])
        #expect(texts == ["yes"])
        #expect(asked.count == 2 && asked[1] == asked[0].filter { $0 != name })
        #expect(notices.count == 1 && notices[0].contains(" refuses \(name) ("), "\(notices)")
        #expect(notices[0].hasSuffix("; it is left out from now on."))
    }

    @Test(arguments: [
        #"{"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "param": "max_tokens", "code": "unsupported_parameter"}}"#,
        #"{"error": {"message": "Unrecognized request argument supplied: max_tokens"}}"#,
        #"{"error": {"message": "max_tokens: please use max_completion_tokens instead"}}"#,
    ])
    func theLimitIsSentByItsOtherName(body: String) async throws {
        let (asked, notices, texts) = try await ask(
            refusing: ["max_tokens": body], [ChatRequest](repeating: Self.full, count: 3))
        #expect(texts == ["yes", "yes", "yes"])
        #expect(asked.count == 4 && asked.dropFirst().allSatisfy { $0.contains("max_completion_tokens") })
        #expect(asked.dropFirst().allSatisfy { !$0.contains("max_tokens") })
        #expect(notices.count == 1 && notices[0].hasSuffix("; max_completion_tokens is sent instead."), "\(notices)")
    }

    @Test func severalAreLeftOutOneAfterTheOther() async throws {
        func refusal(_ name: String) -> String { #"{"error": {"message": "Unknown parameter: '\#(name)'."}}"# }
        let names = ["temperature", "top_p", "top_k", "min_p", "seed", "max_tokens", "max_completion_tokens"]
        let (asked, notices, texts) = try await ask(
            refusing: Dictionary(uniqueKeysWithValues: names.map { ($0, refusal($0)) }))
        #expect(texts == ["yes"])
        #expect(asked.last == ["messages", "model"] && asked.count == 8)
        #expect(notices.count == 7)
    }

    @Test func parallelRequestsTellOfARefusalOnce() async throws {
        let (asked, notices, texts) = try await ask(
            refusing: ["top_k": #"{"error": {"message": "property 'top_k' is unsupported"}}"#],
            [ChatRequest](repeating: Self.full, count: 40), parallelism: 8)
        #expect(texts.count == 40 && asked.count <= 48)
        #expect(notices.count == 1)
    }

    @Test(arguments: [
        // A value that is too high, a parameter that was not sent, and one that is only quoted from the request.
        #"{"error": {"message": "max_tokens is too large: 16. This model supports at most 8 completion tokens.", "param": "max_tokens"}}"#,
        #"{"error": {"message": "max_tokens is too large for this model; set a lower value instead.", "param": "max_tokens"}}"#,
        #"{"error": {"message": "max_tokens of 16 is not allowed: it must be at most 8. Use 8 instead."}}"#,
        #"{"error": {"message": "Unsupported value: 'max_tokens' must be <= 8", "code": "unsupported_value"}}"#,
        #"{"error": {"message": "Unknown parameter: 'frequency_penalty'."}}"#,
        #"{"error": {"message": "The model does not exist", "input": "its temperature and its seed"}}"#,
        #"{"error": {"message": "max_completion_tokens: unsupported"}}"#,
    ])
    func whatIsNotRefusedByNameEndsTheWork(body: String) async throws {
        let error = await #expect(throws: RemoteExpertError.self) {
            try await ask(refusing: ["model": body])
        }
        guard case .stopped(.refused(400, _, _), _, _, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
