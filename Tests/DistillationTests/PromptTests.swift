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
}
