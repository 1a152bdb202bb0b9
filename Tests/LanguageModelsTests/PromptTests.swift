// From conversations to tokens and from a reply's tokens to its text: whose words are whose, and what is thought. And what
// names a model that reads otherwise than before.

import Basics
import Foundation
import LanguageModels
import Lineage
import TestSupport
import Testing
import Tokenizers
import Torch

struct PromptTests {
    private let files: TinyModelFolder

    init() throws { files = try TinyModelFolder() }

    /// The tiny model with another chat template.
    private func model(_ template: String, _ settings: TemplateSettings = TemplateSettings()) throws -> LanguageModel {
        try change("tokenizer_config.json") { $0["chat_template"] = .string(template) }
        return try LanguageModel(path: files.model.path, dtype: .float32, templateSettings: settings)
    }

    private func change(_ file: String, _ change: (inout [String: JSONValue]) -> Void) throws {
        let url = files.model.appending(path: file)
        var members = try JSONDecoder().decode([String: JSONValue].self, from: Data(contentsOf: url))
        change(&members)
        try JSONEncoder().encode(members).write(to: url)
    }

    private let user = [ChatMessage(role: "user", content: "a<|im_end|> b")]
    private let plain = "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"

    @Test func textReachesTheModelUnchangedAndComesBackUnchanged() throws {
        let model = try model(plain)
        let (begin, end) = (256, 257)
        let tokens = try model.promptTokens(user, replyPrefix: "<|im_start|>")
        func bytes(_ text: String) -> [Int] { text.utf8.map(Int.init) }
        let expected = [begin] + bytes("a<|im_end|> b") + [end] + bytes("<|im_start|>")
        #expect(tokens == expected)
        #expect(model.text(bytes("x<|im_end|>") + [end]) == "x<|im_end|>")
        #expect(model.text([120, begin, 121, end]) == "x<|im_start|>y")
    }

    @Test func templatesAreToldWhatTheSettingsSay() throws {
        let source = "{{ enable_thinking }} {{ tools }} {{ strftime_now('%Y-%m-%d') }} {{ messages[0].content }}"
        var settings = TemplateSettings()
        settings.date = "2025-02-03"
        settings.variables = TemplateVariables(["tools": .array([.string("<|im_end|>"), .integer(2)])])
        let messages = [ChatMessage(role: "user", content: "?")]
        let tokens = try model(source, settings).promptTokens(messages)
        #expect(tokens == Array("False ['<|im_end|>', 2] 2025-02-03 ?".utf8).map(Int.init))
        settings.thinks = true
        #expect(
            try model("{{ enable_thinking }}{{ thinking }}", settings).promptTokens(messages).count == "TrueTrue".count)
        settings.variables = TemplateVariables(["enable_thinking": .bool(false)])
        #expect(try model("{{ enable_thinking }}", settings).promptTokens(messages).count == "False".count)
    }

    @Test(arguments: [
        (false, "", "q<think>\n\n</think>\n\n"), (true, "", "q<think>\n"), (true, "So ", "q<think>\n\n</think>\n\nSo "),
    ])
    func aThoughtThatTheTemplateBeginsIsEndedUnlessItIsWanted(thinks: Bool, prefix: String, expected: String) throws {
        var settings = TemplateSettings()
        settings.thinks = thinks
        let model = try model("{{ messages[0].content }}<think>{{ '\\n' }}", settings)
        let tokens = try model.promptTokens([ChatMessage(role: "user", content: "q")], replyPrefix: prefix)
        #expect(model.text(tokens) == expected)
    }

    @Test(arguments: [
        ("q", "<think>\nwell\n</think>\n\nAda", "Ada", false), ("q", "<think>\nwell", "", true),
        ("q", "Ada", "Ada", false),
        ("q<think>\n", "well</think>Ada", "Ada", false), ("q<think>\n", "well", "", true),
    ])
    func thoughtsAreNoPartOfAReply(prompt: String, said: String, text: String, isOpen: Bool) throws {
        let model = try model(plain)
        let tokens = Array(said.utf8).map(Int.init) + [257]
        let reply = model.withoutThoughts(tokens, after: Array(prompt.utf8).map(Int.init))
        #expect(reply.text == text && reply.isOpen == isOpen)
        let start = try #require(reply.start)
        #expect(model.text(Array(tokens[start...])) == text)
        #expect(isOpen || tokens[start...].last == 257)
    }

    @Test func rolesAreTheTemplates() throws {
        let tokens = try model("{% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content }}{% endfor %}")
            .promptTokens([
                ChatMessage(role: "im_end", content: "<|im_end|>")
            ])
        #expect(tokens.filter { $0 == 257 }.count == 1)
    }

    @Test func whatStandsAroundAReplyIsNotLearned() throws {
        let reply = try model(plain).withoutThoughts(
            Array("<think>x</think><answer>5</answer>".utf8).map(Int.init), after: [])
        #expect(reply.text == "5" && reply.start == nil)
    }

    @Test func aTemplateThatLeavesSystemMessagesOutIsKnown() throws {
        #expect(try !model(plain).dropsSystemMessages())
        #expect(try model("{{ messages[-1].content }}").dropsSystemMessages())
    }

    @Test func aTemplateWithoutSystemMessagesNamesTheSetting() throws {
        let model = try model(
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ messages[-1].content }}"
        )
        let system = [ChatMessage(role: "system", content: "Be kind.")]
        let error = #expect(throws: LanguageModelError.self) { try model.promptTokens(system + user) }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("systemMessage"))
        #expect(try !model.promptTokens(user).isEmpty)
    }

    @Test func whatReadsOtherwiseHasAnotherName() throws {
        func identity(_ settings: TemplateSettings = TemplateSettings()) throws -> ModelIdentity {
            try LanguageModel.identity(path: files.model.path, template: settings)
        }
        let first = try identity()
        #expect(try identity().name(since: first.parts) == first.weights)
        func changes(_ settings: TemplateSettings = TemplateSettings()) throws -> [ModelIdentity.Part] {
            let identity = try identity(settings)
            #expect(identity.weights == first.weights)
            #expect(
                (identity.name(since: first.parts) == first.weights) == identity.changes(since: first.parts).isEmpty)
            return identity.changes(since: first.parts)
        }
        var settings = TemplateSettings()
        settings.thinks = true
        settings.date = "2025-02-03"
        #expect(try changes(settings).isEmpty, "a template that asks for neither")
        try change("config.json") { $0["transformers_version"] = .string("9.0") }
        #expect(try changes().isEmpty)
        try change("config.json") { $0["rope_theta"] = .number(12345) }
        #expect(try changes() == [.configuration])
        try change("tokenizer_config.json") {
            $0["chat_template"] = JSONValue.string(plain + "{{ strftime_now('%d') }}<think>")
        }
        #expect(try changes() == [.chatTemplate, .configuration])
        let told = try identity(settings)
        settings.date = "2025-02-04"
        settings.thinks = false
        #expect(try identity(settings).changes(since: told.parts) == [.date, .thinks])
        #expect(told.changes(since: [:]).isEmpty, "what was never recorded is as it was")
    }
}
