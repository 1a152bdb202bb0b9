// Requests that an endpoint refuses, prompts that are too long for it, and replies that hold nothing to use: each costs one
// request and not the others. Also what other servers call the end of a reply, and where they put its text.

import Foundation
import Lineage
import TestSupport
import Testing

@testable import Generation

@Suite(.timeLimit(.minutes(10)))
struct ReplyFaultTests {
    /// The replies to three requests of which the second is answered so.
    private func replies(_ response: ServedResponse) async throws -> [ChatReply] {
        try await withServer { request in
            try request.question == "1" ? response : .reply("yes")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", maximumAttempts: 2)
            return try await hurriedExpert(settings).replies(to: askNumbers(3))
        }
    }

    private func body(_ choice: String) -> ServedResponse { .answer(status: 200, body: #"{"choices": [\#(choice)]}"#) }

    @Test(arguments: [
        (
            400,
            #"{"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "param": "prompt", "code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}"#
        ),
        (400, #"{"error": {"message": "no", "code": "content_policy_violation"}}"#),
        (
            400,
            #"{"error": {"message": "no", "provider_specific_fields": {"innererror": {"code": "ResponsibleAIPolicyViolation"}}}}"#
        ),
        (400, #"{"error": {"message": "Invalid prompt: your prompt was flagged", "code": "invalid_prompt"}}"#),
        (400, #"{"error": {"message": "Content Exists Risk", "type": "invalid_request_error"}}"#),
        (
            400,
            #"{"error": {"message": "<400> InternalError.Algo.DataInspectionFailed: Input text data may contain inappropriate content."}}"#
        ),
        (
            403,
            #"{"code": "no permission", "error": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"}"#
        ),
        (403, #"{"error": {"code": 403, "message": "m requires moderation. Your input was flagged"}}"#),
        (400, #"[{"error": {"code": 400, "message": "Blocked: SAFETY"}}]"#),
        (400, #"{"error": {"message": "Your prompt contains banned words", "code": "content_filter"}}"#),
        (403, #"{"error": {"message": "Your organization's content filter flagged this prompt"}}"#),
        (500, #"{"error": {"message": "no", "code": "content_filter"}}"#),
        (
            502,
            #"{"error": {"message": "Provider returned error", "code": 502, "metadata": {"raw": "{\"error\": {\"code\": \"content_filter\"}}"}}}"#
        ),
        // In words alone, and again when it is asked once more.
        (500, #"{"error": {"message": "The prompt was flagged by our safety system"}}"#),
        (200, #"{"choices": [{"finish_reason": "content_filter"}]}"#),
        (200, #"{"choices": [{"message": null, "finish_reason": "content_filter: RECITATION"}]}"#),
        (200, #"{"choices": [{"message": {"content": "Ten o"}, "finish_reason": "ERROR_TOXIC"}]}"#),
        (200, #"{"choices": [], "prompt_feedback": {"block_reason": "PROHIBITED_CONTENT"}}"#),
        (200, #"{"choices": [{"message": {"content": "Ten o"}, "finish_reason": "content_filter"}]}"#),
        (200, #"{"choices": [{"message": {"content": ""}, "finish_reason": "SAFETY"}]}"#),
        (
            200,
            #"{"choices": [{"message": {"content": null, "refusal": "I cannot help with that."}, "finish_reason": "stop"}]}"#
        ),
        (
            200,
            #"{"choices": [{"message": {"content": [{"type": "refusal", "refusal": "No."}]}, "finish_reason": "stop"}]}"#
        ),
    ])
    func aRefusedRequestCostsItselfAlone(status: Int, body: String) async throws {
        let replies = try await replies(.answer(status: status, body: body))
        #expect(replies.map(\.text) == ["yes", "", "yes"])
        #expect(replies[0].fault == nil && replies[1].fault?.isRefusal == true && replies[2].fault == nil)
    }

    @Test(arguments: [
        (
            400,
            #"{"error": {"message": "This model's maximum context length is 4097 tokens. However, you requested 4120 tokens (3120 in the messages, 1000 in the completion).", "code": "context_length_exceeded"}}"#
        ),
        (
            400,
            #"{"object": "error", "message": "'max_tokens' or 'max_completion_tokens' is too large: 2048. This model's maximum context length is 4096 tokens and your request has 3000 input tokens.", "param": "max_tokens"}"#
        ),
        (
            400,
            #"{"error": {"code": 400, "message": "the request exceeds the available context size", "type": "exceed_context_size_error"}}"#
        ),
        (
            400,
            #"{"type": "error", "error": {"message": "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000"}}"#
        ),
        (400, #"{"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}}"#),
        (
            400,
            #"[{"error": {"code": 400, "message": "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576)."}}]"#
        ),
        (
            400,
            #"{"object": "error", "message": "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"}"#
        ),
        (400, #"{"error": {"message": "Range of input length should be [1, 30720]"}}"#),
        (413, #"{"error": {"message": "Request too large for model `m`", "type": "tokens"}}"#),
        (413, "Payload Too Large"),
        (
            429,
            #"{"error": {"message": "Request too large for m in organization org-1 on tokens per min (TPM): Limit 30000, Requested 40950. The input or output tokens must be reduced in order to run successfully.", "code": "rate_limit_exceeded"}}"#
        ),
        (429, #"{"error": {"message": "Token limit: 30,000 per minute, requested: 40,950"}}"#),
        (
            422,
            #"{"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096", "error_type": "validation"}"#
        ),
    ])
    func aPromptThatIsTooLongCostsItselfAlone(status: Int, body: String) async throws {
        let replies = try await replies(.answer(status: status, body: body))
        #expect(replies.map(\.text) == ["yes", "", "yes"])
        guard case .tooLong(_?) = replies[1].fault else {
            Issue.record("\(String(describing: replies[1].fault))")
            return
        }
    }

    @Test(arguments: [
        #"{"message": {"content": "<think>It is ten, or"}, "finish_reason": "length"}"#,
        #"{"message": {"content": "", "reasoning_content": "It is ten, or"}, "finish_reason": "length"}"#,
        #"{"message": {"content": null, "reasoning": "It is ten"}, "finish_reason": "stop"}"#,
        #"{"message": {"content": null}, "finish_reason": "MAX_TOKENS"}"#,
        #"{"message": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Ten"}]}]}, "finish_reason": "length"}"#,
        #"{"message": {"content": "<think>It is ten.</think>\n"}, "finish_reason": "stop"}"#,
    ])
    func aReplyThatEndsInAThoughtIsNone(choice: String) async throws {
        #expect(try await replies(body(choice)).map(\.fault) == [nil, .endsInThought, nil])
    }

    @Test(arguments: [
        #"{"message": {"content": "<think>Ten?</think>\n\nTen"}, "finish_reason": "stop"}"#,
        #"{"message": {"content": "It is ten.</think>\n\nTen"}, "finish_reason": "eos"}"#,
        #"{"message": {"content": "Ten", "reasoning_content": "Hm", "reasoning": "Hm"}, "finish_reason": "end_turn"}"#,
        #"{"message": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}, {"type": "text", "text": "Ten"}]}, "finish_reason": "stop_sequence"}"#,
        #"{"message": {"content": [{"text": "T"}, {"type": "output_text", "text": "en"}], "refusal": null}, "finish_reason": "STOP"}"#,
        #"{"message": {"content": "Ten"}, "finish_reason": "eos_token"}"#,
    ])
    func whereverTheTextStandsItIsFound(choice: String) async throws {
        let replies = try await replies(body(choice))
        #expect(replies.map(\.text) == ["yes", "Ten", "yes"])
        #expect(replies[1].isFinished && replies[1].fault == nil)
    }

    @Test(arguments: [
        #""usage": {"completion_tokens": 9.5}"#, #""usage": {"completion_tokens": "5", "prompt_tokens": null}"#,
        #""usage": "none""#, #""usage": []"#, #""usage": {"completion_tokens": {"text": 5}}"#,
    ])
    func noCountOfTokensCostsAReply(usage: String) async throws {
        let choice = #"{"message": {"content": "Ten"}, "finish_reason": "stop"}"#
        let replies = try await replies(.answer(status: 200, body: #"{"choices": [\#(choice)], \#(usage)}"#))
        #expect(replies[1].text == "Ten" && replies[1].isFinished)
    }

    @Test(arguments: [
        ("null", "15", true), ("null", "16", false), (#""whatever""#, #""16""#, false), (#""whatever""#, "null", true),
        (#"{"type": "stop"}"#, "3", true), (#""stop""#, "16", true),
    ])
    func withoutAKnownReasonAReplyIsCutAtItsLimit(reason: String, count: String, isFinished: Bool) async throws {
        let choice = #"{"message": {"content": "Ten"}, "finish_reason": \#(reason)}"#
        let replies = try await replies(
            .answer(status: 200, body: #"{"choices": [\#(choice)], "usage": {"completion_tokens": \#(count)}}"#))
        #expect(replies[1].text == "Ten" && replies[1].isFinished == isFinished)
    }

    @Test(arguments: ["error", "insufficient_system_resource", "abort", "network_error"])
    func aReplyThatBreaksOffIsAskedForAgainAndThenGivenUp(reason: String) async throws {
        let asked = Counter()
        let replies = try await withServer { request in
            guard request.question != "0" else { return try .reply("yes") }
            return try .reply("Ten o", finishReason: request.question == "1" || asked.next() < 1 ? reason : "stop")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", parallelism: 1, maximumAttempts: 2)
            return try await hurriedExpert(settings).replies(to: askNumbers(3))
        }
        #expect(replies.map(\.fault) == [nil, .empty(finishReason: reason), nil])
        #expect(replies.map(\.text) == ["yes", "", "Ten o"])
    }

    @Test(arguments: ["length", "max_tokens", "MAX_TOKENS", "model_length", "tool_calls"])
    func aReplyThatWasCutIsNotFinished(reason: String) async throws {
        let replies = try await replies(body(#"{"message": {"content": "Ten"}, "finish_reason": "\#(reason)"}"#))
        #expect(replies[1].text == "Ten" && !replies[1].isFinished)
    }

    @Test func aRefusalsWordsAreFitForATerminal() async throws {
        let refusal = String(repeating: "I cannot\\u001b[31m\\n", count: 100)
        let replies = try await replies(body(#"{"message": {"content": null, "refusal": "\#(refusal)"}}"#))
        guard case .refused(let said?) = replies[1].fault else {
            Issue.record("\(String(describing: replies[1].fault))")
            return
        }
        #expect(said.hasPrefix("I cannot [31m I cannot") && said.count <= 300)
    }

    @Test(arguments: [
        "Your account has been deactivated: it violates our usage policies.",
        "Your API key has been flagged for review",
        "Account org-1<ak-2> is currently under review by moderation",
        "This organization was suspended: usage policies",
        "We have flagged your account for breaking the usage policies", "API key sk-1234*** flagged.",
    ])
    func anAccountThatIsClosedIsNoRefusedText(said: String) async throws {
        let error = await #expect(throws: RemoteExpertError.self) { try await replies(.error(403, said)) }
        guard case .stopped(.barred(403, said), _, _, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect("\(try #require(error))".contains(" bars the account or the key in OPENAI_API_KEY (\(said)). Ask"))
    }

    @Test(arguments: [
        (500, "Guardrail service timed out, please retry"), (503, "The moderation service is overloaded"),
        (429, "Rate limit reached for m: Limit 30000, Used 29000, Requested 2000. Please try again in 2s."),
    ])
    func aFaultThatPassesIsNoRefusedText(status: Int, said: String) async throws {
        let failures = Counter()
        let replies = try await withServer { request in
            guard request.question == "1", failures.next() < 1 else { return try .reply("yes") }
            return .error(status, said)
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", maximumAttempts: 2)
            return try await hurriedExpert(settings).replies(to: askNumbers(3))
        }
        #expect(replies.map(\.text) == ["yes", "yes", "yes"])
        let error = await #expect(throws: RemoteExpertError.self) { try await self.replies(.error(status, said)) }
        guard case .stopped(.down(.status(status, _), attempts: 2), _, _, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func anEmptyReplyIsAskedForAgainAndThenGivenUp() async throws {
        let asked = Counter()
        let replies = try await withServer { request in
            guard request.question == "1" else { return try .reply("yes") }
            asked.next()
            return try .reply("")
        } _: { url in
            let settings = EndpointSettings(baseURL: url, model: "m", maximumAttempts: 3)
            return try await hurriedExpert(settings).replies(to: askNumbers(3))
        }
        #expect(asked.value == 3)
        #expect(replies.map(\.fault) == [nil, .empty(finishReason: "stop"), nil])
    }

    @Test func workOfWhichNothingComesIsEnded() async throws {
        let asked = Counter()
        let error = await #expect(throws: RemoteExpertError.self) {
            try await withServer { _ in
                asked.next()
                return try .reply("<think>Hm", finishReason: "length")
            } _: { url in
                try await hurriedExpert(EndpointSettings(baseURL: url, model: "m", parallelism: 1))
                    .replies(to: askNumbers(200))
            }
        }
        #expect(asked.value <= 34)
        let text = "\(try #require(error))"
        #expect(
            text.hasPrefix("None of 32 replies is of use. Replies of http://") && text.contains("allow more tokens"),
            "\(text)")
    }

    @Test func tagsThatWereAskedForAreKept() async throws {
        let reply = "<reasoning>It says so.</reasoning><grade>true</grade>"
        let replies = try await withServer { _ in
            try .reply("<think>Hm</think>" + reply)
        } _: { url in
            try await hurriedExpert(EndpointSettings(baseURL: url, model: "m"))
                .replies(to: askNumbers(1), keeping: ["reasoning"])
        }
        #expect(replies.map(\.text) == [reply])
    }
}
