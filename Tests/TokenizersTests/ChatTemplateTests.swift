// Conversations through templates like those that models carry. Equality with Jinja2 on the real ones is proven by
// Tests/Conformance/chat_templates; here stand the ways in which a caller meets a template.

import Foundation
import Jinja
import Testing
import Tokenizers

@Suite struct ChatTemplateTests {
    private static let chatML = """
        {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
        Be kind.<|im_end|>
        ' }}{% endif %}{{'<|im_start|>' + message['role'] + '
        ' + message['content'] + '<|im_end|>' + '
        '}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
        ' }}{% endif %}
        """

    private static let bracketed = """
        {%- if messages[0]["role"] == "system" %}
            {%- set system_message = messages[0]["content"] %}
            {%- set loop_messages = messages[1:] %}
        {%- else %}
            {%- set loop_messages = messages %}
        {%- endif %}
        {{- bos_token }}
        {%- for message in loop_messages %}
            {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
                {{- raise_exception('Roles must alternate, not ' + message['role']) }}
            {%- endif %}
            {%- if message["role"] == "user" %}
                {%- if loop.first and system_message is defined %}
                    {{- " [INST] " + system_message + "\\n\\n" + message["content"] + " [/INST]" }}
                {%- else %}
                    {{- " [INST] " + message["content"] + " [/INST]" }}
                {%- endif %}
            {%- else %}
                {{- " " + message["content"] | trim + eos_token }}
            {%- endif %}
        {%- endfor %}

        """

    private let conversation = [
        ChatMessage(role: "user", content: "Who?"),
        ChatMessage(role: "assistant", content: " Ada. "),
        ChatMessage(role: "user", content: "When?"),
    ]

    @Test func everyMessageIsWrittenInItsFrame() throws {
        let template = try ChatTemplate(Self.chatML)
        let text = try template.render(conversation, addGenerationPrompt: true, bosToken: nil, eosToken: nil)
        #expect(
            text == """
                <|im_start|>system
                Be kind.<|im_end|>
                <|im_start|>user
                Who?<|im_end|>
                <|im_start|>assistant
                 Ada. <|im_end|>
                <|im_start|>user
                When?<|im_end|>
                <|im_start|>assistant

                """)
    }

    @Test func generationPromptIsOptional() throws {
        let template = try ChatTemplate(Self.chatML)
        let text = try template.render(conversation, addGenerationPrompt: false, bosToken: nil, eosToken: nil)
        #expect(text.string.hasSuffix("<|im_start|>user\nWhen?<|im_end|>\n"))
    }

    @Test func systemMessageAndSpecialTokensAreThere() throws {
        let template = try ChatTemplate(Self.bracketed)
        let messages = [ChatMessage(role: "system", content: "Briefly.")] + conversation
        let text = try template.render(messages, addGenerationPrompt: true, bosToken: "<s>", eosToken: "</s>")
        #expect(text == "<s> [INST] Briefly.\n\nWho? [/INST] Ada.</s> [INST] When? [/INST]")
    }

    @Test func tokensThatAModelLacksPrintAsNothing() throws {
        let template = try ChatTemplate("[{{ bos_token }}|{{ eos_token }}|{{ bos_token is defined }}|{{ tools }}]")
        #expect(try template.render([], addGenerationPrompt: false, bosToken: nil, eosToken: "e") == "[|e|False|None]")
    }

    @Test func refusalOfTheTemplateIsPassedOn() throws {
        let template = try ChatTemplate(Self.bracketed)
        let messages = [ChatMessage(role: "user", content: "a"), ChatMessage(role: "user", content: "b")]
        #expect(throws: TemplateError.raised(line: 10, message: "Roles must alternate, not user")) {
            try template.render(messages, addGenerationPrompt: true, bosToken: "<s>", eosToken: "</s>")
        }
    }

    @Test func extraVariablesReplaceTheUsualOnes() throws {
        let template = try ChatTemplate("{{ bos_token }}{{ date_string }}{{ tools | tojson }}")
        let text = try template.render(
            [], addGenerationPrompt: false, bosToken: "<s>", eosToken: nil,
            extra: ["bos_token": "<t>", "date_string": "1 May", "tools": [["name": "f", "strict": true]]])
        #expect(text.string == #"<t>1 May[{"name": "f", "strict": true}]"#)
    }

    @Test func contentIsNeverReadAsATemplate() throws {
        let template = try ChatTemplate("{{ messages[0].content }}")
        let hostile = "{{ raise_exception('x') }}{% for %}"
        let text = try template.render(
            [ChatMessage(role: "user", content: hostile)], addGenerationPrompt: false, bosToken: nil, eosToken: nil)
        #expect(text.string == hostile)
    }

    @Test func timeIsTheCallers() throws {
        let template = try ChatTemplate("{{ strftime_now('%Y') }}")
        let middleOf2001 = Date(timeIntervalSince1970: 993_000_000)
        let text = try template.render(
            [], addGenerationPrompt: false, bosToken: nil, eosToken: nil, now: middleOf2001)
        #expect(text == "2001")
    }

    @Test func messagesAreCodable() throws {
        let message = try JSONDecoder().decode(ChatMessage.self, from: Data(#"{"role":"user","content":"é"}"#.utf8))
        #expect(message == ChatMessage(role: "user", content: "é"))
    }
}
