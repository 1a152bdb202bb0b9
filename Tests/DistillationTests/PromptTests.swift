// The words around documents and questions.

import Distillation
import Testing
import Tokenizers

@Suite struct PromptTests {
    @Test func retrievedPassagesStandBeforeTheQuestionWithBlankLinesBetween() {
        let prompts = Prompts(systemMessage: "Be brief.")
        #expect(
            prompts.retrieved(["One.", "Two.\nThree."], question: "How many?") == [
                ChatMessage(role: "system", content: "Be brief."),
                ChatMessage(role: "user", content: "One.\n\nTwo.\nThree.\n\nQuestion: How many?"),
            ])
        #expect(
            Prompts(systemMessage: nil).retrieved([], question: "How many?") == [
                ChatMessage(role: "user", content: "Question: How many?")
            ])
    }

    @Test func reasoningIsAskedForAfterTheQuestion() throws {
        let prompts = Prompts(systemMessage: nil)
        let plain = try #require(prompts.openBook("A text.", question: "How many?").first?.content)
        let reasoning = try #require(prompts.openBookStepByStep("A text.", question: "How many?").first?.content)
        #expect(reasoning.hasPrefix(plain) && reasoning.contains("step by step"))
    }
}
