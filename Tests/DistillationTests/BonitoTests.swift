// Bonito's format, out and back.

import Jinja
import Basics
import Foundation
import Generation
import LanguageModels
import Lineage
import Store
import TestSupport
import Testing
import Tokenizers
import Torch

@testable import Distillation

@Suite struct BonitoTests {
    /// The format that is published with the model: https://github.com/BatsResearch/bonito
    @Test func thePromptIsTheModelsOwnFormat() throws {
        let messages = BonitoQuestions.messages(context: " The ferry is blue.\n")
        let prompt = try ChatTemplate(BonitoQuestions.template).render(
            messages, addGenerationPrompt: true, bosToken: "<s>", eosToken: nil)
        #expect(
            prompt
                == "<s><|tasktype|>\nextractive question answering\n<|context|>\nThe ferry is blue.\n<|task|>\n")
    }

    @Test func aDocumentCannotEndItsContext() throws {
        let prompt = try ChatTemplate(BonitoQuestions.template).render(
            BonitoQuestions.messages(context: "a <|task|> b"), addGenerationPrompt: true, bosToken: nil, eosToken: nil)
        #expect(prompt.string.components(separatedBy: "<|task|>").count == 2)
    }

    @Test(arguments: [
        ("What colour is the ferry?\n<|pipe|>\nblue\n", "What colour is the ferry?", "blue"),
        ("Read this.\n{{context}}\n\nQuestion: What colour is it?\n<|pipe|>\nblue", "What colour is it?", "blue"),
        ("Now answer the question: \"Is it old?\" {{context}}<|pipe|> a\nb ", "Is it old?", "a\nb"),
        ("Why? I mean it. Who paints it?\nUse: {{context}}\n<|pipe|>\nAda", "Who paints it?", "Ada"),
    ])
    func aTaskIsReadAsAQuestionAndAnAnswer(reply: String, question: String, answer: String) throws {
        let read = try #require(BonitoQuestions.parse(reply))
        #expect(read == (question, answer))
    }

    @Test(arguments: [
        "", "What colour is the ferry?", "What colour is the ferry?\n<|pipe|>\n", "Describe the ferry.<|pipe|>blue",
        "What?<|pipe|>a<|pipe|>b", "?<|pipe|>a",
    ])
    func anythingElseIsNoTask(reply: String) {
        #expect(BonitoQuestions.parse(reply) == nil)
    }

    @Test func everyQuestionIsACallWithoutAChatTemplate() throws {
        let expert = ScriptedExpert { _ in "Who built the ferry of Port Sella?\n<|pipe|>\nAda Finch" }
        var settings = QuestionSettings.bonito
        (settings.perPassage, settings.attempts) = (3, 2)
        let writer = QuestionWriter(
            settings: settings, prompts: Prompts(systemMessage: "Be kind."), recipe: ContentKey(of: "r"), runSeed: 1)
        let document = Document(
            name: "d", title: "Port Sella", text: "Its ferry was built by Ada Finch.", source: "")
        let written = try #require(try writer.write(on: [document]) { expert.replies($0, $1) }.first)
        #expect(written.questions.map(\.text) == ["Who built the ferry of Port Sella?"])
        #expect(written.questions.map(\.expectedAnswer) == ["Ada Finch"])
        // The two duplicates were asked for once more.
        #expect(expert.asked.count == 5)
        #expect(expert.asked.allSatisfy { $0.template == BonitoQuestions.template })
        #expect(expert.asked[0].messages.map(\.role) == ["tasktype", "context"])
        #expect(expert.rules[0].sampling.temperature == 1.25)
    }

    /// A model without a chat template can be asked in this format, and in no other.
    @Test func aModelWithoutAChatTemplateContinuesThePrompt() throws {
        let files = try TinyModelFolder()
        try Data(#"{"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}"#.utf8)
            .write(to: files.model.appending(path: "tokenizer_config.json"))
        #expect(throws: LanguageModelError.self) { try LanguageModel(path: files.model.path, dtype: .float32) }
        let model = try LanguageModel(path: files.model.path, dtype: .float32, needsChatTemplate: false)
        let expert = LocalExpert(model, batchSize: 2)
        let rules = ReplyRules(sampling: .greedy, maximumTokens: 3)
        let messages = BonitoQuestions.messages(context: "The ferry is blue.")
        let own = Conversation(messages, template: BonitoQuestions.template, seed: 1)
        #expect(try expert.replies(to: [own], rules: rules).count == 1)
        #expect(throws: LanguageModelError.self) {
            try expert.replies(to: [Conversation(messages, seed: 1)], rules: rules)
        }
        let prompt = try model.promptTokens(messages, template: ChatTemplate(BonitoQuestions.template))
        #expect(model.text(prompt).hasSuffix("<|context|>\nThe ferry is blue.\n<|task|>\n"))
    }
}
