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

    @Test func aClosedAccountIsNoRefusedText() async throws {
        let error = await #expect(throws: RemoteExpertError.self) {
            try await replies(.error(403, "Your account has been deactivated: it violates our usage policies."))
        }
        guard case .stopped(.refused(403, _, _), _, _, _, _) = error else {
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
